import t, { type Test } from 'tap'
import { type Step, settle } from '../../provisioner/cluster/settle.ts'
import { CLUSTER, MOUNT, NOTEBOOKS, type Storage, type StorageNode } from '../../provisioner/storage/storage.ts'
import type { FakeHost } from '../fakes/fake-host.ts'

export interface Stage {
  readonly host: FakeHost
  readonly storage: Storage
  readonly nodes: readonly StorageNode[]
}

/** What every kind of storage promises, whatever it is made of. */
export function storageContract(kind: string, setUp: (t: Test) => Stage): void {
  const promise = (title: string, test: (t: Test, stage: Stage) => Promise<void>) =>
    t.test(`${kind}: ${title}`, async (t) => {
      const stage = setUp(t)
      await test(t, stage)
      t.strictSame(stage.host.crimes, [], 'and nothing was done that no storage may do')
    })
  const all = ({ storage, nodes }: Stage): Step[] => [
    ...storage.prepare(),
    ...storage.create(nodes),
    ...storage.mount(),
  ]
  const allSettled = (stage: Stage, isPlan = false) => settle(all(stage), { ...settling(stage.host), isPlan })

  promise('it is named by its kind', async (t, { storage }) => {
    t.equal(storage.kind, kind)
  })

  promise('it makes notebooks’ folder inside of the volume, and one for root alone', async (t, stage) => {
    await allSettled(stage)
    t.ok(stage.host.isMounted())
    t.strictSame(stage.host.volume.get(NOTEBOOKS), { owner: '1000:100', mode: '775' })
    t.strictSame(stage.host.volume.get(CLUSTER), { owner: '0:0', mode: '700' })
    t.ok(stage.host.active.has('pyli-volume.service'), 'and keeps it mounted')
  })

  promise('a second run changes nothing', async (t, stage) => {
    t.not((await allSettled(stage)).length, 0)
    const { changes } = stage.host
    t.strictSame(await allSettled(stage), [])
    t.equal(stage.host.changes, changes)
  })

  promise('a plan changes nothing', async (t, stage) => {
    const steps = stage.storage.prepare()
    await settle(steps, { ...settling(stage.host), isPlan: true })
    t.equal(stage.host.changes, 0)
    t.notMatch(stage.host.fstab(), MOUNT)
  })

  promise('other lines of fstab stay as they are, and there is one of ours', async (t, stage) => {
    const before = stage.host.fstab()
    await allSettled(stage)
    t.ok(stage.host.fstab().startsWith(before))
    t.equal(stage.host.fstab().split(` ${MOUNT} `).length, 2)
    await settle(stage.storage.remove({ erase: 'nothing' }), settling(stage.host))
    t.equal(stage.host.fstab(), before)
  })

  promise('a volume that cannot be mounted yet is waited for, and nothing is written beside it', async (t, stage) => {
    stage.host.isAway = true
    await t.rejects(allSettled(stage), { name: 'Trouble', message: /is not mounted/ })
    t.equal(stage.host.volume.size, 0)
    stage.host.isAway = false
    await allSettled(stage)
    t.ok(stage.host.volume.has(NOTEBOOKS))
  })

  promise('a volume that goes away just before its folders are made is not written beside', async (t, stage) => {
    await allSettled(stage)
    stage.host.unmount()
    const { changes } = stage.host
    for (const step of stage.storage.mount().filter(({ title }) => title.startsWith(`${MOUNT}/`))) await step.change?.()
    t.equal(stage.host.changes, changes)
  })

  promise('what was unmounted is mounted again, with what was in it', async (t, stage) => {
    await allSettled(stage)
    stage.host.volume.set(`${NOTEBOOKS}/a.ipynb`, { owner: '1000:100', mode: '644' })
    stage.host.unmount()
    t.strictSame(await allSettled(stage), [`the volume is mounted at ${MOUNT}`])
    t.ok(stage.host.volume.has(`${NOTEBOOKS}/a.ipynb`))
  })

  promise('it is well once it is mounted, and down before, with the reason', async (t, stage) => {
    const before = await stage.storage.look()
    t.equal(before.health, 'down')
    t.match(before.lines.join('\n'), /not mounted|there is none/)
    await allSettled(stage)
    const after = await stage.storage.look()
    t.equal(after.health, 'well', after.lines.join('\n'))
  })

  promise('a volume that does not answer is down, and holds nobody up', async (t, stage) => {
    await allSettled(stage)
    stage.host.hangs = true
    const { health, lines } = await stage.storage.look()
    t.equal(health, 'down')
    t.match(lines.join('\n'), 'does not answer')
    await t.rejects(allSettled(stage), { name: 'Trouble', message: /does not answer/ })
  })

  promise('one that takes no writes is not ready', async (t, stage) => {
    stage.host.isReadOnly = true
    await t.rejects(allSettled(stage), { name: 'Trouble', message: /takes writes: Transport endpoint/ })
  })

  promise('leaving it leaves the notebooks; a second time changes nothing', async (t, stage) => {
    await allSettled(stage)
    const leave = () => settle(stage.storage.remove({ erase: 'nothing' }), settling(stage.host))
    t.not((await leave()).length, 0)
    t.notOk(stage.host.isMounted())
    t.ok(stage.host.volume.has(NOTEBOOKS))
    t.strictSame(await leave(), [])
    t.strictSame(
      (await allSettled(stage)).includes(`${NOTEBOOKS} is there, for notebooks`),
      false,
      'and it can come back',
    )
  })
}

export const settling = ({ progress, stop, clock, sleep }: FakeHost) => ({ progress, stop, clock, sleep })
