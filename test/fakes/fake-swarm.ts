import type Docker from 'dockerode'
import type { Machine } from '../../provisioner/cluster/machine.ts'
import type { NodeAnswer } from '../../provisioner/cluster/nodes.ts'

/** As engine 26.1 answers `GET /nodes`. */
export const first: NodeAnswer = {
  ID: 'a1',
  Spec: { Role: 'manager', Availability: 'active', Labels: { rack: '7' } },
  Description: { Hostname: 'n1', Engine: { EngineVersion: '26.1.5+dfsg1' } },
  Status: { State: 'ready', Addr: '0.0.0.0' },
  ManagerStatus: { Addr: '10.0.0.1:2377' },
}
export const other = (name: string, State = 'ready'): NodeAnswer => ({
  ID: `id-${name}`,
  Spec: { Role: 'worker', Availability: 'active', Labels: {} },
  Description: { Hostname: name, Engine: { EngineVersion: '26.1.5+dfsg1' } },
  Status: { State, Addr: `10.0.0.${name.slice(1)}` },
})

/** A manager's engine, whose nodes can be changed, and to which one more joins each second. */
export function swarm(...nodes: NodeAnswer[]) {
  const coming = nodes.slice(1)
  const present = nodes.slice(0, 1)
  const said: string[] = []
  let now = 0
  const engine = {
    listNodes: async () => [...present],
    getNode: (id: string) => ({
      inspect: async () => ({ ...present.find(({ ID }) => ID === id), Version: { Index: 7 } }),
      update: async ({ version, ...Spec }: NodeAnswer['Spec'] & { version: number }) => {
        if (version !== 7) throw new Error('update out of sequence')
        const at = present.findIndex(({ ID }) => ID === id)
        present[at] = { ...(present[at] as NodeAnswer), Spec }
      },
    }),
  } as unknown as Docker
  const machine: Machine = {
    name: 'n1',
    run: async () => ({ code: 0, stdout: '', stderr: '' }),
    engine,
    progress: { say: (text) => said.push(text), doing: () => {} },
    stop: new AbortController().signal,
    sleep: async (time) => {
      now += time
      present.push(...coming.splice(0, 1))
    },
    clock: () => now,
  }
  return { machine, said, present }
}
