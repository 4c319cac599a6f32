import { minutes, seconds } from '../../../gateway/config/units.ts'
import { LabClient } from '../../whole/support/lab-client.ts'
import { idsOf } from '../../whole/support/rest.ts'
import { until } from '../../whole/support/until.ts'
import { quiet } from '../support/gateway.ts'
import { part } from '../support/part.ts'
import { heldBy, heldForNewcomers, nobodyLost, people } from '../support/people.ts'
import { nodesOf, running } from '../support/services.ts'
import { states } from '../support/states.ts'
import { door, lab, MANAGER, on, pyli, pyliDoes } from '../support/the-lab.ts'

/** A worker that becomes a manager as well, for a while. */
const SECOND = 2

part(
  'a worker that is promoted gets a gateway, through which every kernel is reached, and loses it without a lost kernel',
  async (t) => {
    const first = await door()
    await quiet(first.rest)
    const servers = (await running('jupyter')).map(({ id }) => id).sort()
    await on(MANAGER, ['docker', 'node', 'promote', `n${SECOND}`])
    await pyliDoes(['manager', `--name=${await lab.address(SECOND)}`])
    t.strictSame(await nodesOf('gateway'), ['n1', 'n2'])

    const second = await door(SECOND)
    await until('an answer from the second gateway', () => second.rest.kernels())
    const client = await new LabClient(first).ready()
    t.teardown(() => client.dispose())
    const all = await people(client, 4)
    for (const person of all) {
      t.equal(await heldForNewcomers(second, person), person.secret, `${person.server} through the second gateway`)
    }
    t.same(idsOf(await second.rest.kernels()), idsOf(await first.rest.kernels()), 'both have the same list')
    const other = await new LabClient(second).ready()
    t.teardown(() => other.dispose())
    const guests = await people(other, 2)
    for (const person of guests) {
      t.equal(await heldForNewcomers(first, person), person.secret, 'and the other way round')
    }

    const before = await states()
    const { code, stderr } = await pyli(SECOND, ['down', '--yes'])
    t.not(code, 0)
    t.match(stderr, /^n2 is a manager, and not the first machine: take that back with `docker node demote n2` there/)
    t.strictSame(await states(), before, 'nothing was done')

    await on(MANAGER, ['docker', 'node', 'demote', `n${SECOND}`])
    await pyliDoes(['manager', '--name='])
    await until('one gateway', async () => (await nodesOf('gateway')).join() === 'n1', seconds(60))
    await until('nobody to answer there', () => second.rest.kernels().then(isWrong, isRight))
    await until('the first gateway', () => first.rest.kernels())
    await until('the client’s own connection', async () => (await heldBy(all[0] ?? never())) === all[0]?.secret)
    await nobodyLost(t, first, all)
    for (const person of guests)
      t.equal(await heldForNewcomers(first, person), person.secret, 'nor who came by the second')
    t.same((await running('jupyter')).map(({ id }) => id).sort(), servers, 'no server was replaced for it')
    await first.rest.clear()
  },
  minutes(15),
)

const isRight = (): boolean => true
const isWrong = (): boolean => false

function never(): never {
  throw new Error('nobody is there')
}
