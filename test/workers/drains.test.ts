import t from 'tap'
import { Drains } from '../../gateway/control/drains.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Pool } from '../../gateway/pool/pool.ts'
import { hearDrains, tellDrain } from '../../gateway/workers/sharing.ts'
import { type FakeWorker, fakeFleet } from '../fakes/fake-fleet.ts'

const key = '10.0.0.1:8888'

/** What one worker knows of one backend, and whom it has told. */
function knowledge({ peers }: FakeWorker, told: string[] = []) {
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0 })
  const tellBackend = async (_: unknown, verdict: string) => told.push(verdict) && 404
  let time = 0
  const drains = new Drains({ pool, log: createLog('off'), tell: tellDrain(peers), tellBackend, clock: () => ++time })
  const backend = pool.add({ host: '10.0.0.1', port: 8888 })
  return { drains, backend, heard: hearDrains(peers, drains) }
}

t.test('an operator who is answered has drained the backend in every worker, and it was told once', async (t) => {
  const { switchboard, workers } = fakeFleet(3)
  const told: string[] = []
  const all = workers.map((worker) => knowledge(worker, told))
  workers.forEach(({ peers }, i) => {
    peers.answer('operate', (wish: never) => all[i]?.drains.change(wish))
  })
  await Promise.all(all.map(({ heard }) => heard))
  t.equal(await switchboard.askOne('operate', { key, verdict: 'drain' }), true)
  t.same(
    all.map(({ backend }) => backend.state),
    ['draining', 'draining', 'draining'],
  )
  t.equal(await switchboard.askOne('operate', { key, verdict: 'restore' }), true)
  t.same(
    all.map(({ backend }) => backend.state),
    ['joining', 'joining', 'joining'],
  )
  t.same(told, ['drain', 'restore'])
  t.equal(await switchboard.askOne('operate', { key: '10.0.0.9:1', verdict: 'drain' }), false)
})

t.test('a worker that takes another’s place hears what was said before', async (t) => {
  const { workers } = fakeFleet(2)
  const [first, second] = workers
  if (!first || !second) throw new Error('there are not two')
  const old = knowledge(first)
  await old.drains.change({ key, verdict: 'drain' })
  const young = knowledge(second)
  await young.heard
  t.equal(young.backend.state, 'draining')
})

t.test('without a worker that serves nothing can be changed', async (t) => {
  const { switchboard, workers } = fakeFleet(1)
  workers[0]?.die()
  t.equal(await switchboard.askOne('operate', { key, verdict: 'drain' }), undefined)
})
