import { seconds } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { until } from '../../whole/support/until.ts'
import { quiet } from '../support/gateway.ts'
import { nodeOf } from '../support/kernels.ts'
import { part } from '../support/part.ts'
import { heldBy, people } from '../support/people.ts'
import { containerOf, running } from '../support/services.ts'
import { door, on } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'

part('a killed task: its kernels are reported gone, all else goes on, and it is replaced', async (t) => {
  const entrance = await door()
  const { rest } = entrance
  await quiet(rest)
  const client = await new LabClient(entrance).ready()
  t.teardown(() => client.dispose())
  const all = await people(client, 8)
  const [victim] = all
  if (victim === undefined) throw new Error('nobody is there')
  const slot = victim.server.split('-').at(-1)
  const task = (await running('jupyter')).find(
    ({ name, node }) => name.endsWith(`.${slot}`) && node === nodeOf(victim.server),
  )
  if (task === undefined) throw new Error(`no task is ${victim.server}`)
  const { node, container } = await containerOf(task)
  const lost = all.filter(({ server }) => server === victim.server)
  const others = all.filter(({ server }) => server !== victim.server)

  const took = watch()
  await on(node, ['docker', 'kill', container])
  const kernel = await client.kernels.startNew({ name: 'python3' })
  t.equal(await execute(kernel, 'print(1 + 1)'), '2')
  measured('from the kill of a task to a new kernel that has run a cell', took())
  for (const person of others) t.equal(await heldBy(person), person.secret, `${person.server} goes on`)

  await until('the end of its kernels', async () => {
    const { body, status } = await rest.ask<{ id: string }[]>('GET', 'api/kernels')
    return status === 200 && lost.every((person) => !body.some(({ id }) => id === person.kernel.id))
  })
  measured('from the kill of a task to lists without its kernels', took())
  // Of the gateway's two processes each gives it up by its own count.
  for (const { kernel } of lost) {
    await until(
      'the word that it is gone',
      async () => (await rest.ask('GET', `api/kernels/${kernel.id}`)).status === 404,
    )
  }

  await until(
    'another task in its place',
    async () => {
      const tasks = await running('jupyter')
      return tasks.length === 4 && tasks.every(({ id }) => id !== task.id)
    },
    seconds(90),
  )
  measured('from the kill of a task to another one that is healthy', took())
  for (const person of others) t.equal(await heldBy(person), person.secret, `${person.server} still goes on`)
  t.ok((await rest.kernels()).length >= others.length)
  await rest.clear()
})
