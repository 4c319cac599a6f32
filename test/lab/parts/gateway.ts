import type { Test } from 'tap'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { gather, LabClient } from '../../whole/support/lab-client.ts'
import { until, within } from '../../whole/support/until.ts'
import { gatewayContainer, quiet } from '../support/gateway.ts'
import { atMost } from '../support/limits.ts'
import { part } from '../support/part.ts'
import { heldBy, heldForNewcomers, people } from '../support/people.ts'
import { draining, running } from '../support/services.ts'
import { type Door, door, on, pyliDoes } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'
import { replaceTasks, updated } from '../support/update.ts'

/** A cell that prints for half a minute, through all of which something happens to the gateway. */
const LINES = 60
const PAUSE = 0.5
const CELL = `import time
for n in range(${LINES}):
    print(n)
    time.sleep(${PAUSE})`
const ALL = Array.from({ length: LINES }, (_, n) => `${n}`)

/** Resolves with the lines that came. */
async function loseGateway(t: Test, entrance: Door, how: string, lose: () => Promise<unknown>): Promise<string[]> {
  const client = await new LabClient(entrance).ready()
  const [person] = await people(client, 1)
  if (person === undefined) throw new Error('nobody is there')
  const { kernel } = person
  const future = kernel.requestExecute({ code: CELL })
  const printed = gather(future)
  await until('the first lines', () => printed.text.includes('3\n'))

  const took = watch()
  await lose()
  await until('an answer from the gateway', () => entrance.rest.kernels(), minutes(2))
  measured(`from the gateway being ${how} to its first answer`, took())
  await until('the client’s own connection', () => kernel.connectionStatus === 'connected', minutes(2))
  measured(`from the gateway being ${how} to a client that is connected again by itself`, took())
  await within('the end of the cell', future.done, minutes(2))
  t.equal(await heldBy(person), person.secret)
  await kernel.shutdown()
  client.dispose()
  return printed.text.trimEnd().split('\n')
}

part('the gateway killed: clients come back by themselves, and go on with a running cell', async (t) => {
  const entrance = await door()
  await quiet(entrance.rest)
  const { node, container } = await gatewayContainer()
  const lines = await loseGateway(t, entrance, 'killed', () => on(node, ['docker', 'kill', container]))
  // What a server has just sent is in nobody's hands when the gateway is gone, and no server sends it again.
  const lost = ALL.filter((line) => !lines.includes(line))
  t.ok(lost.length * PAUSE <= atMost(PAUSE), `lost: ${lost}`)
  t.same(
    lines,
    ALL.filter((line) => !lost.includes(line)),
    'all else came, once and in order',
  )
})

part('the gateway updated: clients come back by themselves, and miss nothing of a running cell', async (t) => {
  const entrance = await door()
  const before = await running('gateway')
  const lines = await loseGateway(t, entrance, 'updated', async () => {
    await replaceTasks('gateway')
    await until(
      'the new gateway',
      async () => {
        const now = await running('gateway')
        return now.length === before.length && now.every(({ id }) => before.every((task) => task.id !== id))
      },
      minutes(2),
    )
  })
  await updated('gateway')
  t.same(lines, ALL, 'every line came, once and in order')
})

part(
  'a gateway that is started while servers drain still reaches their kernels',
  async (t) => {
    const entrance = await door()
    await quiet(entrance.rest)
    const client = await new LabClient(entrance).ready()
    t.teardown(() => client.dispose())
    const all = await people(client, 8)
    t.equal(new Set(all.map(({ server }) => server)).size, 4, 'every server has kernels in use')
    await pyliDoes(['manager', '--replicas=1'])
    await until('two servers that drain', async () => (await draining('jupyter')).length === 2)

    const { node, container } = await gatewayContainer()
    await on(node, ['docker', 'kill', container])
    await until('an answer from the gateway', () => entrance.rest.kernels(), seconds(60))
    for (const person of all) {
      t.equal(await heldForNewcomers(entrance, person), person.secret, `${person.server}: over a new connection`)
      t.equal(await heldBy(person), person.secret, `${person.server}: over the client's own`)
    }
    await pyliDoes(['manager', '--replicas=2'])
    t.equal((await draining('jupyter')).length, 2, 'they still do')
    for (const person of all) t.equal(await heldBy(person), person.secret, `${person.server}: with others in its place`)
    await Promise.all(all.map(({ kernel }) => kernel.shutdown()))
  },
  minutes(20),
)
