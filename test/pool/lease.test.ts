import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { Lease } from '../../gateway/pool/lease.ts'
import { Pool } from '../../gateway/pool/pool.ts'

function readyBackend(): Backend {
  const backend = new Backend({ host: '10.0.0.1', port: 8888 }, 0)
  backend.judge('pass', 0, { cold: false })
  return backend
}

t.test('a lease counts once, from the moment it is claimed', async (t) => {
  const backend = readyBackend()
  const first = Lease.claim(backend, 'newcomer')
  t.equal(backend.inFlight, 1)
  const second = Lease.claim(backend, 'owner')
  t.equal(backend.inFlight, 2)
  first?.release()
  t.equal(backend.inFlight, 1)
  second?.release()
  t.equal(backend.inFlight, 0)
})

t.test('a lease is released once, however often asked', async (t) => {
  const backend = readyBackend()
  const other = Lease.claim(backend, 'newcomer')
  const lease = Lease.claim(backend, 'newcomer')
  for (let i = 0; i < 5; i++) lease?.release()
  t.equal(backend.inFlight, 1, 'the other one is still counted')
  other?.release()
  t.equal(backend.inFlight, 0)
})

t.test('a claim that is refused counts nothing', async (t) => {
  const backend = readyBackend()
  backend.drain('operator', 1)
  t.equal(Lease.claim(backend, 'newcomer'), undefined)
  t.equal(backend.inFlight, 0)
  t.ok(Lease.claim(backend, 'owner'), 'a draining backend still serves what it owns')
  t.equal(backend.inFlight, 1)
})

t.test('each choice sees the claims before it: a burst at one instant is spread evenly', async (t) => {
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 10_000 })
  for (const port of [8001, 8002, 8003]) pool.judge(pool.add({ host: '10.0.0.1', port }), 'pass', 'answers')
  const leases = Array.from({ length: 30 }, () => pool.claimLeastLoaded())
  t.ok(leases.every((lease) => lease !== undefined))
  t.same(
    pool.all().map(({ inFlight }) => inFlight),
    [10, 10, 10],
  )
  for (const lease of leases) lease?.release()
  t.same(
    pool.all().map(({ inFlight }) => inFlight),
    [0, 0, 0],
  )
})
