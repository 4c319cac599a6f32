import t from 'tap'
import { clockSkews, distinct, readDisks, readListeners, targets } from '../../../provisioner/doctor/read.ts'
import { task, well } from '../stack/answers.ts'

t.test('who listens, of what ss prints', async (t) => {
  const text = `udp UNCONN 0      0      127.0.0.11:34496 0.0.0.0:*
tcp LISTEN 0      1024      0.0.0.0:24007 0.0.0.0:* users:(("glusterd",pid=480,fd=9))
tcp LISTEN 0      4096            *:2377        *:* users:(("dockerd",pid=1,fd=9),("x",pid=2,fd=1))
tcp LISTEN 0      4096         [::]:111      [::]:* users:(("rpcbind",pid=1697,fd=9))
`
  t.strictSame(readListeners(text), [
    { protocol: 'udp', port: 34496, program: undefined },
    { protocol: 'tcp', port: 24007, program: 'glusterd' },
    { protocol: 'tcp', port: 2377, program: 'dockerd' },
    { protocol: 'tcp', port: 111, program: 'rpcbind' },
  ])
})

t.test('disks, of what df prints, each once', async (t) => {
  const text = `Mounted on   1B-blocks      Avail  Inodes  IFree
/data/my disk 1000 500 100 10
/              2000 100       0      0
/              2000 100       -      -
`
  t.strictSame(distinct(readDisks(text)), [
    { place: '/data/my disk', size: 1000, free: 500, freeInodes: 0.1 },
    { place: '/', size: 2000, free: 100, freeInodes: 1 },
  ])
})

t.test('a clock is as wrong as the least that its tasks say', async (t) => {
  const at = (on: string, timestamp: string, UpdatedAt: string) =>
    task('jupyter', on, { UpdatedAt, Status: { Timestamp: `2026-11-27T10:00:${timestamp}Z`, State: 'running' } })
  const tasks = [
    at('n2', '00.100000000', '2026-11-27T10:00:00.400000000Z'),
    at('n2', '00', '2026-11-27T10:05:00Z'), // changed later for another reason
    at('n3', '50', '2026-11-27T10:00:10Z'),
    at('n3', '59', '2026-11-27T10:00:10Z'),
  ]
  const skews = clockSkews({ ...well(), tasks })
  t.strictSame(
    skews.map(({ node, seconds }) => [node, Math.round(seconds * 10) / 10]),
    [
      ['n2', -0.3],
      ['n3', 40],
    ],
  )
})

t.test('each port is tried once', async (t) => {
  const target = { to: '10.0.0.2', port: 7946, what: 'x' }
  t.equal(targets([target, target, { ...target, port: 1 }]).length, 2)
})
