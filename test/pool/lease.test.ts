import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { Lease } from '../../gateway/pool/lease.ts'
import { Pool } from '../../gateway/pool/pool.ts'

function readyBackend(most?: number): Backend {
  const backend = new Backend({ host: '10.0.0.1', port: 8888 }, 0, most)
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

t.test('beyond its limit a backend takes neither owners nor newcomers, until a lease is given back', async (t) => {
  const backend = readyBackend(2)
  const leases = [Lease.claim(backend, 'newcomer'), Lease.claim(backend, 'owner')]
  t.ok(backend.isFull)
  t.equal(Lease.claim(backend, 'newcomer'), undefined)
  t.equal(Lease.claim(backend, 'owner'), undefined)
  leases[0]?.release()
  t.ok(Lease.claim(backend, 'owner'))
})

t.test('an exchange that becomes a WebSocket makes room, and stays counted as load', async (t) => {
  const backend = readyBackend(1)
  const socket = Lease.claim(backend, 'owner')
  socket?.becomeSocket()
  socket?.becomeSocket()
  t.match(backend, { inFlight: 1, sockets: 1, isFull: false })
  const other = Lease.claim(backend, 'newcomer')
  t.ok(backend.isFull)
  socket?.release()
  socket?.becomeSocket()
  t.match(backend, { inFlight: 1, sockets: 0, isFull: true }, 'and makes no room when it ends')
  other?.release()
})

t.test('a choice leaves out who is full', async (t) => {
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0, exchangesPerBackend: 1 })
  for (const port of [8001, 8002]) pool.judge(pool.add({ host: '10.0.0.1', port }), 'pass', 'answers')
  t.equal(pool.isFull, false)
  const [first, second] = [pool.claimByAffinity('x'), pool.claimByAffinity('x')]
  t.ok(second)
  t.not(first?.backend, second?.backend)
  t.ok(pool.isFull)
  t.equal(pool.claimLeastLoaded(), undefined)
  first?.release()
  t.equal(pool.claimLeastLoaded()?.backend, first?.backend)
})
