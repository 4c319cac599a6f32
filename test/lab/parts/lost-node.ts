import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { until } from '../../whole/support/until.ts'
import { quiet } from '../support/gateway.ts'
import { nodeOf } from '../support/kernels.ts'
import { atMost } from '../support/limits.ts'
import { part } from '../support/part.ts'
import { heldBy, people } from '../support/people.ts'
import { running } from '../support/services.ts'
import { door, lab, MANAGER, shell } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'
import { checksums, healed, makeNotebooks, splitBrain, writer } from '../support/volume.ts'

/** The machine that is lost, and the one that goes on. */
const [LOST, OTHER] = [3, 2]
const STALL = atMost(20)

interface Loss {
  readonly how: string
  lose(): Promise<void>
  bringBack(): Promise<void>
}

const losses: readonly Loss[] = [
  { how: 'killed', lose: () => lab.kill(LOST), bringBack: () => lab.start(LOST) },
  { how: 'cut off', lose: () => lab.cut(LOST), bringBack: () => lab.heal(LOST) },
  { how: 'frozen', lose: () => lab.freeze(LOST), bringBack: () => lab.thaw(LOST) },
]

for (const { how, lose, bringBack } of losses) {
  part(
    `a worker ${how}: the others write on, notebooks stay whole, and its copy catches up when it is back`,
    async (t) => {
      await whole()
      await makeNotebooks(MANAGER)
      const before = await checksums(MANAGER)
      const writers = await Promise.all([MANAGER, OTHER].map(writer))
      const rest = () => Promise.all(writers.map((each) => each.stop()))
      t.teardown(rest)
      const entrance = await door()
      const client = await new LabClient(entrance).ready()
      t.teardown(() => client.dispose())
      const all = await people(client, 4)
      const others = all.filter(({ server }) => nodeOf(server) !== `n${LOST}`)

      await lose()
      await sleep(seconds(45)) // longer than any time-out of the volume's
      const stall = Math.max(...writers.map((each) => each.longest()))
      measured(`the longest write of others while a worker is ${how}`, stall)
      t.ok(stall <= STALL, `others wrote again after ${stall} s`)
      for (const person of others) t.equal(await heldBy(person), person.secret, `${person.server} goes on`)
      t.equal(await checksums(OTHER), before, 'all notebooks are read')
      await shell(
        OTHER,
        'for n in $(seq 20); do echo "$n" >/srv/pyli/mounts/volume/notebooks/kept/meanwhile-$n; done; sync',
      )

      const took = watch()
      await bringBack()
      await rest() // what is just being written counts as a copy that is behind
      await healed()
      measured(`from the return of a worker that was ${how} to copies that are whole`, took())
      t.equal(await splitBrain(), 0, 'no file has two truths')
      const after = await checksums(MANAGER)
      t.equal(await checksums(LOST), after, 'the one that came back reads the same')
      t.equal(
        after
          .split('\n')
          .filter((line) => !line.includes('meanwhile'))
          .join('\n'),
        before,
      )
      await tasksWrite(t)
      await shell(MANAGER, 'rm -r /srv/pyli/mounts/volume/notebooks/kept')
      await entrance.rest.clear()
    },
  )
}

/** Every server's kernel writes a file of its own, and reads it through the gateway. */
async function tasksWrite(t: Test): Promise<void> {
  await whole()
  const entrance = await door()
  const client = await new LabClient(entrance).ready()
  const all = await people(client, 4)
  for (const { kernel, server } of all) {
    await execute(
      kernel,
      `import os; f = open('after-${server}', 'w'); f.write('x'); f.flush(); os.fsync(f.fileno()); f.close()`,
    )
    const { content } = await entrance.rest.get<{ content: string }>('GET', `api/contents/after-${server}?content=1`)
    t.equal(content, 'x', `${server} writes`)
  }
  client.dispose()
}

function whole(): Promise<unknown> {
  return until(
    'four servers',
    async () => (await running('jupyter')).length === 4 && (await door()).rest.kernels(),
    minutes(4),
    seconds(2),
  )
}

for (const { how, lose, bringBack } of losses.slice(1)) {
  part(`a worker ${how} for 25 s costs no kernel, and its tasks write again as they are`, async (t) => {
    await whole()
    const entrance = await door()
    await quiet(entrance.rest)
    const client = await new LabClient(entrance).ready()
    t.teardown(() => client.dispose())
    const all = await people(client, 8)
    const before = (await running('jupyter')).map(({ id }) => id).sort()

    await lose()
    await sleep(seconds(25))
    await bringBack()
    const took = watch()
    for (const person of all) {
      await until(`${person.server} again`, async () => (await heldBy(person)) === person.secret, seconds(90))
    }
    measured(`from the return of a worker that was ${how} for 25 s to answers of all kernels`, took())
    for (const { kernel, server } of all) {
      await execute(kernel, `f = open('again-${server}', 'w'); f.write('x'); f.close()`)
      t.equal(await execute(kernel, `print(open('again-${server}').read())`), 'x', `${server} writes`)
    }
    await sleep(seconds(30)) // what the swarm has taken for lost it would end by now
    for (const person of all) t.equal(await heldBy(person), person.secret, `${person.server} has kept its kernel`)
    t.same((await running('jupyter')).map(({ id }) => id).sort(), before, 'the tasks are the same')
    await healed()
    t.equal(await splitBrain(), 0)
    await entrance.rest.clear()
  })
}
