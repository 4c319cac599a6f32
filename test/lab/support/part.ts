import tap, { type Test } from 'tap'
import { type Ms, minutes } from '../../../gateway/config/units.ts'
import { MANAGER, shell, WORKERS } from './the-lab.ts'

const LONG: Ms = minutes(15)
/** Of a file; the runner has one of its own. */
tap.setTimeout(minutes(120))

/** A promise of the cluster. Where it is broken, what the machines say of themselves is printed. */
export function part(promise: string, proof: (t: Test) => Promise<void>, limit: Ms = LONG): void {
  tap.test(promise, { timeout: limit }, async (t) => {
    try {
      await proof(t)
    } catch (error) {
      await evidence()
      throw error
    }
    if (!t.passing()) await evidence()
  })
}

const ofManager = [
  'docker node ls',
  'docker service ls',
  "docker service ps --no-trunc --format '{{.Name}} {{.Node}} {{.DesiredState}} {{.CurrentState}} {{.Error}}' $(docker service ls -q)",
  'docker service logs --tail 60 pyli_gateway 2>&1',
  'docker service logs --tail 20 pyli_jupyter 2>&1',
]
const ofEach = [
  'journalctl -u docker -n 15',
  'journalctl -u pyli-volume -n 5',
  'grep pyli /proc/mounts',
  'gluster volume heal pyli info summary',
]

async function evidence(): Promise<void> {
  const told = async (node: number, line: string) => {
    const said = await shell(
      node,
      `timeout 20 bash -c ${JSON.stringify(line).replaceAll('$', '\\$')} 2>&1 || true`,
    ).catch(String)
    console.error(`--- n${node}: ${line}\n${said}`)
  }
  for (const line of ofManager) await told(MANAGER, line)
  for (const node of [MANAGER, ...WORKERS]) for (const line of ofEach) await told(node, line)
}
