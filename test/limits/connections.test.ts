import t from 'tap'
import { Connections } from '../../gateway/limits/connections.ts'

function connections({ all = 100, perClient = 100, processes = 1, shared = '' } = {}): Connections {
  return new Connections({ all, perClient, processes, isShared: (address) => address === shared })
}

t.test('beyond the limit in all nobody is admitted, until one leaves', async (t) => {
  const door = connections({ all: 2 })
  t.equal(door.admit('192.0.2.1'), undefined)
  t.equal(door.admit('192.0.2.2'), undefined)
  t.equal(door.admit('192.0.2.3'), 'too-many-connections')
  t.equal(door.open, 2)
  door.left('192.0.2.1')
  t.equal(door.admit('192.0.2.3'), undefined)
})

t.test('one client cannot take the place of others', async (t) => {
  const door = connections({ perClient: 2 })
  door.admit('192.0.2.1')
  door.admit('::ffff:192.0.2.1')
  t.equal(door.admit('192.0.2.1'), 'too-many-of-client')
  t.equal(door.admit('192.0.2.2'), undefined)
  door.left('::ffff:192.0.2.1')
  t.equal(door.admit('192.0.2.1'), undefined)
})

t.test('a /64 of IPv6 is one client', async (t) => {
  const door = connections({ perClient: 2 })
  door.admit('2001:db8:0:1::1')
  door.admit('2001:db8:0:1:ffff::2')
  t.equal(door.admit('2001:db8:0:1::3'), 'too-many-of-client')
  t.equal(door.admit('2001:db8:0:2::1'), undefined)
})

t.test('a proxy behind which many clients stand counts in all alone', async (t) => {
  const door = connections({ all: 4, perClient: 1, shared: '10.0.0.1' })
  for (let i = 0; i < 4; i++) t.equal(door.admit('10.0.0.1'), undefined)
  t.equal(door.admit('10.0.0.1'), 'too-many-connections')
})

t.test('of several processes each takes its share, rounded up', async (t) => {
  const door = connections({ all: 10, perClient: 4, processes: 3 })
  t.same(
    ['a', 'a', 'a', 'b', 'b', 'c'].map((client) => door.admit(client)),
    [undefined, undefined, 'too-many-of-client', undefined, undefined, 'too-many-connections'],
  )
})

t.test('who was not admitted leaves nothing behind', async (t) => {
  const door = connections({ all: 1 })
  door.left('192.0.2.1')
  t.equal(door.open, 0)
  door.admit('192.0.2.1')
  door.left('192.0.2.1')
  door.left('192.0.2.1')
  t.equal(door.open, 0)
})
