import { minutes } from '../../../gateway/config/units.ts'
import { LabClient } from '../../whole/support/lab-client.ts'
import { idsOf } from '../../whole/support/rest.ts'
import { quiet } from '../support/gateway.ts'
import { Load } from '../support/load.ts'
import { part } from '../support/part.ts'
import { nobodyLost, people } from '../support/people.ts'
import { draining, running } from '../support/services.ts'
import { door } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'
import { replaceTasks, updated } from '../support/update.ts'

const PEOPLE = 8

part(
  'an update of the Jupyter service under load loses no kernel, and no request fails',
  async (t) => {
    const entrance = await door()
    const { rest } = entrance
    await quiet(rest)
    const client = await new LabClient(entrance).ready()
    t.teardown(() => client.dispose())
    const all = await people(client, PEOPLE)
    t.equal(new Set(all.map(({ server }) => server)).size, 4, 'every task has kernels in use')
    const before = await running('jupyter')

    const load = new Load(rest)
    const took = watch()
    await replaceTasks('jupyter')
    await updated('jupyter')
    measured('an update of four Jupyter servers with kernels in use', took())
    await load.end()

    const after = await running('jupyter')
    t.equal(after.length, 4)
    t.same(
      after.filter(({ id }) => before.some((task) => task.id === id)),
      [],
      'each task was replaced',
    )
    await nobodyLost(t, entrance, all)
    t.same(load.failures, [], `of ${load.requests} requests`)
    t.ok(load.requests > 500, `${load.requests} requests`)

    t.equal((await draining('jupyter')).length, 4, 'the replaced tasks drain')
    const ids = idsOf(await rest.kernels())
    for (const { kernel } of all) t.ok(ids.includes(kernel.id), 'lists name its kernel')

    await Promise.all(all.map(({ kernel }) => kernel.shutdown()))
  },
  minutes(20),
)
