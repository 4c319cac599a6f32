import t from 'tap'
import { peersOf, type Volume, volumesOf } from '../../../../provisioner/storage/gluster/answers.ts'
import {
  creation,
  missingPeer,
  optionsFor,
  refuseForeign,
  tooFew,
  unknownAddresses,
  unset,
  type Wanted,
  withPorts,
} from '../../../../provisioner/storage/gluster/plan.ts'
import { readXml } from '../../../../provisioner/storage/gluster/xml.ts'
import { recorded } from './recorded.ts'

const nodes = [1, 2, 3, 4].map((n) => ({ name: `n${n}`, address: `10.77.0.1${n}` }))
const three: Wanted = { copies: 'three', brick: '/data/pyli/brick', allowsRootDisk: false }
const arbiter: Wanted = { ...three, copies: 'two-and-arbiter' }
const two: Wanted = { ...three, copies: 'two-with-split-brain' }
const peers = peersOf(readXml(recorded('peers')))
const volume = volumesOf(readXml(recorded('volume-info')))[0] as Volume

t.test('a volume is made of the first machines’ bricks', async (t) => {
  const bricks = [1, 2, 3].map((n) => `10.77.0.1${n}:/data/pyli/brick`)
  t.strictSame(creation(three, nodes), ['volume', 'create', 'pyli', 'replica', '3', ...bricks])
  t.strictSame(creation(arbiter, nodes).slice(3, 7), ['replica', '3', 'arbiter', '1'])
  t.strictSame(creation(two, nodes).slice(3), ['replica', '2', ...bricks.slice(0, 2)])
  t.equal(creation({ ...three, allowsRootDisk: true }, nodes).at(-1), 'force')
})

t.test('two machines are too few, unless split brain was named', async (t) => {
  t.match(tooFew(three, nodes.slice(0, 2)), /three machines are needed.*split brain.*--copies two-with-split-brain/)
  t.match(tooFew(arbiter, nodes.slice(0, 1)), /three machines are needed, and there are 1/)
  t.equal(tooFew(two, nodes.slice(0, 2)), undefined)
  t.equal(tooFew(three, nodes), undefined)
})

t.test('a volume of ours is taken as it is, whatever the order and however many machines came since', async (t) => {
  refuseForeign(volume, three, [...nodes].reverse(), [])
  const withoutThird = nodes.slice(0, 2)
  refuseForeign(volume, three, withoutThird, peersOf(readXml(recorded('peers-one-away'))))
  t.pass('nor where one of its machines is away')
})

t.test('a volume with other bricks, or other copies, is refused and told', async (t) => {
  const elsewhere = { ...three, brick: '/data/other/brick' }
  t.throws(() => refuseForeign(volume, elsewhere, nodes, []), {
    name: 'Trouble',
    message: /other bricks: 10.77.0.11:.*Nothing/,
  })
  t.throws(() => refuseForeign(volume, three, nodes.slice(1), peers), { message: /other bricks/ })
  t.throws(() => refuseForeign(volume, arbiter, nodes, []), { message: /exists as --copies three/ })
})

t.test('only what is not set so is set', async (t) => {
  const wanted = optionsFor(three, nodes.slice(0, 3))
  const options = { ...wanted, 'nfs.disable': 'on' }
  t.strictSame(unset({ ...volume, options }, wanted), [])
  t.strictSame(unset({ ...volume, options: { ...options, 'network.ping-timeout': '42' } }, wanted), [
    'network.ping-timeout',
    '8',
  ])
  t.match(unset({ ...volume, options }, optionsFor(three, nodes)), ['auth.allow', /10.77.0.14/], 'for a new machine')
})

t.test('a machine that is away may mount the volume when it is back', async (t) => {
  const before = { ...volume, options: { 'auth.allow': '*,10.77.0.19' } }
  const { 'auth.allow': allow } = optionsFor(three, nodes.slice(0, 2), before)
  t.equal(allow, '10.77.0.11,10.77.0.12,10.77.0.13,10.77.0.19,127.0.0.1')
})

t.test('whoever cannot agree cannot write, but for two copies alone', async (t) => {
  t.match(optionsFor(three, nodes), { 'cluster.quorum-type': 'auto' })
  t.match(optionsFor(arbiter, nodes), { 'cluster.quorum-type': 'auto' })
  t.match(optionsFor(two, nodes), { 'cluster.quorum-type': 'none' })
})

t.test('a peer is there once both know of each other and it is connected', async (t) => {
  const [n1, n2, n3] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  t.equal(missingPeer(peers, n1), undefined)
  t.match(missingPeer(peers, n2), 'n2 (10.77.0.12) is not in the pool')
  t.match(missingPeer(peersOf(readXml(recorded('peers-one-away'))), n3), 'not connected')
  const half = peers.map((peer) => ({ ...peer, isMember: false, state: 'Accepted peer request' }))
  t.match(missingPeer(half, n1), 'n1 is "Accepted peer request"')
})

t.test('a machine known by a name alone is told by its address, too', async (t) => {
  t.strictSame(unknownAddresses(volume, peers), [])
  t.strictSame(
    unknownAddresses(
      volume,
      peers.map((peer) => ({ ...peer, hosts: ['n1'] })),
    ),
    ['10.77.0.11', '10.77.0.13'],
  )
})

t.test('ports are a range, written once', async (t) => {
  const debian =
    'volume management\n    option ping-timeout 0\n#   option base-port 49152\n    option max-port  60999\nend-volume\n'
  const ours = withPorts(debian)
  t.equal(
    ours,
    'volume management\n    option ping-timeout 0\n    option base-port 49152\n    option max-port 49215\nend-volume\n',
  )
  t.equal(withPorts(ours), ours)
  t.throws(() => withPorts(''), { name: 'Trouble' })
})
