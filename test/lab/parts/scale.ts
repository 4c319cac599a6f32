import { setTimeout as sleep } from 'node:timers/promises'
import type { Kernel } from '@jupyterlab/services'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { LabClient } from '../../whole/support/lab-client.ts'
import { until } from '../../whole/support/until.ts'
import { backends, firstAnswers, quiet, watchDiscovery } from '../support/gateway.ts'
import { whereabouts } from '../support/kernels.ts'
import { atMost } from '../support/limits.ts'
import { part } from '../support/part.ts'
import { nobodyLost, people } from '../support/people.ts'
import { containerOf, draining, running, type Task } from '../support/services.ts'
import { door, on, pyliDoes } from '../support/the-lab.ts'
import { measured } from '../support/times.ts'

const IN_USE_AFTER = atMost(5)
/** Kernels come later: at first a new server gets less than its share of them (--slow-start, 10 s). */
const FIRST_KERNEL_AFTER = IN_USE_AFTER + 10 + atMost(5)

const file = { type: 'file', format: 'text', content: 'x' }

interface Health {
  readonly State: { readonly Health: { readonly Log: readonly { readonly End: string; readonly ExitCode: number }[] } }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
}

/** Where a new task is met, and when its health check was passed for the first time. */
async function birthOf(task: Task): Promise<{ readonly address: string; readonly healthy: number }> {
  const { node, container } = await containerOf(task)
  const [told] = JSON.parse(await on(node, ['docker', 'inspect', container])) as Health[]
  const passed = told?.State.Health.Log.find(({ ExitCode }) => ExitCode === 0)
  const address = told?.NetworkSettings.Networks.pyli_notebooks?.IPAddress
  if (passed === undefined || address === undefined) throw new Error(`task ${task.name} is not healthy`)
  return { address, healthy: Date.parse(passed.End) }
}

const scale = (replicas: number): Promise<string> => pyliDoes(['manager', `--replicas=${replicas}`])

const nobodyDrains = (): Promise<unknown> =>
  until('the end of the drained tasks', async () => (await draining('jupyter')).length === 0, minutes(3))

/** As it calls itself. */
const serverOf = ({ node, name }: Task): string => `${node}-${name.split('.').at(-1)}`

part(
  'from four servers to six and back: new ones are used within 5 s of being healthy, and leaving ones drain',
  async (t) => {
    const entrance = await door()
    await quiet(entrance.rest)
    const client = await new LabClient(entrance).ready()
    t.teardown(() => client.dispose())
    await nobodyDrains()
    const before = await running('jupyter')
    for (let n = 0; n < 24; n++) await entrance.rest.get('PUT', `api/contents/file-${n}.txt`, file)
    const seen = await watchDiscovery()
    t.teardown(() => seen.stop())
    // Each server has a kernel, so that a new one is the least loaded as soon as it may be chosen.
    const first = await people(client, 4)
    const began = new Date()
    const asked = new Map<string, number>()
    const opened: Kernel.IKernelConnection[] = []
    const scaled = scale(3)
    let deadline = Number.POSITIVE_INFINITY
    scaled
      .finally(() => {
        deadline = Date.now() + seconds(60)
      })
      .catch(() => {})
    // People open files all the time, and now and then one starts a kernel. Where was that, and since when?
    while (asked.size < 6 && Date.now() < deadline) {
      for (let n = 0; n < 24; n++) await entrance.rest.ask('GET', `api/contents/file-${n}.txt?content=0`)
      const at = Date.now()
      const kernel = await client.kernels.startNew({ name: 'python3' })
      const server = await whereabouts(kernel)
      if (asked.has(server)) await kernel.shutdown()
      else opened.push(kernel)
      if (!asked.has(server)) asked.set(server, at)
    }
    await scaled
    const answered = await firstAnswers(began)
    const born = (await running('jupyter')).filter(({ id }) => before.every((task) => task.id !== id))
    t.equal(born.length, 2, 'two more, and the four stayed')
    for (const task of born) {
      const { address, healthy } = await birthOf(task)
      const server = serverOf(task)
      const [inDns, ready] = await until('the gateway to see it', () => {
        const times = [seen.inDns.get(address), seen.ready.get(address)] as const
        return times.every((time) => time !== undefined) && (times as [number, number])
      })
      const after = (time = Number.NaN) => (time - healthy) / 1000
      measured(`${server}: from healthy to being in DNS`, after(inDns))
      measured(`${server}: from healthy to being ready in the gateway`, after(ready))
      measured(`${server}: from healthy to the first request that it answered`, after(answered.get(address)))
      measured(`${server}: from healthy to the first kernel`, after(asked.get(server)))
      t.ok(after(answered.get(address)) <= IN_USE_AFTER, `${server} is used after ${after(answered.get(address))} s`)
      t.ok(after(asked.get(server)) <= FIRST_KERNEL_AFTER, `${server} has a kernel after ${after(asked.get(server))} s`)
    }
    await Promise.all(opened.map((kernel) => kernel.shutdown()))
    const all = [...first, ...(await people(client, 8))]
    t.equal(new Set(all.map(({ server }) => server)).size, 6)
    const six = await running('jupyter')
    await scale(2)
    const left = await running('jupyter')
    t.equal(left.length, 4)
    t.ok(
      left.every(({ id }) => six.some((task) => task.id === id)),
      'the four that stay are not replaced',
    )
    await nobodyLost(t, entrance, all)
    await until('the gateway to see that two leave', async () => {
      const states = (await backends()).map(({ state }) => state)
      return states.filter((state) => state === 'draining').length === 2
    })
    await sleep(seconds(2)) // each of its processes asks DNS by itself, once a second
    const newcomers = await people(client, 8)
    const leaving = six.filter(({ id }) => left.every((task) => task.id !== id)).map(serverOf)
    const theirs = newcomers.map(({ server }) => server)
    t.same(
      theirs.filter((server) => leaving.includes(server)),
      [],
      `nothing new goes to ${leaving}`,
    )
    await Promise.all([...all, ...newcomers].map(({ kernel }) => kernel.shutdown()))
    await nobodyDrains()
  },
  minutes(20),
)
