import t from 'tap'
import { readSettings } from '../../../provisioner/cluster/settings.ts'
import { examine } from '../../../provisioner/doctor/checks/checks.ts'
import type { Facts } from '../../../provisioner/doctor/facts.ts'
import { known } from '../../../provisioner/host/told.ts'
import { node, well as stack, task } from '../stack/answers.ts'
import { fresh, well } from './facts.ts'

const GIB = 1024 ** 3
const disk = { place: '/data', size: 100 * GIB, free: 50 * GIB, freeInodes: 0.9 }
const storage = well().storage as NonNullable<Facts['storage']>
const strangers = (port: number, program = 'nginx') => ({ value: [{ protocol: 'tcp' as const, port, program }] })

t.test('where all is well, nothing is to be done', async (t) => {
  const findings = examine(well())
  t.ok(findings.length > 10)
  for (const { level, what, todo } of findings) t.strictSame([level, todo], ['ok', undefined], what)
})

t.test('a machine that is to become one is looked at as well', async (t) => {
  t.notOk(examine(fresh()).some(({ level }) => level === 'bad'))
  t.match(
    examine(fresh()).find(({ what }) => /no engine/.test(what)),
    { level: 'warn', todo: /pyli manager/ },
  )
})

/** Each with the one finding that it must make, and what is to be done about it. */
const troubles: readonly (readonly [title: string, facts: Facts, level: 'warn' | 'bad', what: RegExp, todo: RegExp])[] =
  [
    ['no root', well({ isRoot: false }), 'warn', /only root can see/, /sudo/],
    ['no VXLAN', well({ kernel: { vxlan: false, fuse: true, ipVs: true } }), 'bad', /no VXLAN/, /Debian/],
    [
      'no IP_VS where the mesh is wanted',
      well({
        kernel: { vxlan: true, fuse: true, ipVs: false },
        settings: readSettings({ with: 'ingress' }),
      }),
      'bad',
      /no IP_VS, for the mesh/,
      /Debian/,
    ],
    ['no FUSE', well({ kernel: { vxlan: true, fuse: false, ipVs: true } }), 'bad', /no FUSE/, /Debian/],
    [
      'a module that nobody knows',
      well({ kernel: { vxlan: undefined, fuse: true, ipVs: true } }),
      'warn',
      /unknown/,
      /modprobe/,
    ],
    [
      'a full disk',
      well({ disks: { value: [{ ...disk, free: GIB / 2 }] } }),
      'bad',
      /\/data is full: 512 MiB of 100 GiB/,
      /room/,
    ],
    [
      'a nearly full one',
      well({ disks: { value: [{ ...disk, free: 4 * GIB }] } }),
      'warn',
      /nearly full: 4 GiB/,
      /room/,
    ],
    ['no inodes', well({ disks: { value: [{ ...disk, freeInodes: 0.01 }] } }), 'bad', /no room for more files/, /room/],
    [
      'a clock ahead',
      well({ clock: { value: { isSynchronized: true, skews: [{ node: 'n2', seconds: 90.2 }] } } }),
      'bad',
      /clock of n2 is 90 s ahead/,
      /time server/,
    ],
    [
      'a clock behind',
      well({ clock: { value: { isSynchronized: undefined, skews: [{ node: 'n3', seconds: -7 }] } } }),
      'bad',
      /n3 is 7 s behind/,
      /time server/,
    ],
    [
      'no time server',
      well({ clock: { value: { isSynchronized: false, skews: [] } } }),
      'warn',
      /no time server/,
      /timesyncd/,
    ],
    [
      'a clock that nobody knows',
      well({ clock: { unknown: 'why' } }),
      'warn',
      /clock is right is unknown/,
      /timedatectl/,
    ],
    ['an engine that is dead', well({ engine: { unknown: 'ECONNREFUSED' } }), 'bad', /ECONNREFUSED/, /journalctl/],
    [
      'an old engine',
      well({ engine: { value: { version: '18.9', api: '1.9', membership: 'manager' } } }),
      'bad',
      /API 1.9, which is too old/,
      /Debian/,
    ],
    [
      'an engine that will do',
      well({ engine: { value: { version: '20.10', api: '1.41', membership: 'manager' } } }),
      'warn',
      /up to 15 s later/,
      /1.44/,
    ],
    [
      'a member without a swarm',
      well({ engine: { value: { version: '26', api: '1.45', membership: 'none' } } }),
      'bad',
      /in no swarm/,
      /pyli manager/,
    ],
    [
      'another swarm',
      fresh({ engine: { value: { version: '26', api: '1.45', membership: 'worker' } } }),
      'bad',
      /not of pyli/,
      /swarm leave/,
    ],
    [
      'a small MTU',
      well({ network: { value: { device: 'wg0', mtu: 1420, overlays: [{ name: 'pyli_notebooks', mtu: 1450 }] } } }),
      'bad',
      /wg0 carries packets of 1420 bytes.*some of 1500/,
      /PYLI_MTU=1370 into \/etc\/pyli\/stack\.env .*`pyli stack rm`/,
    ],
    [
      '443 is taken before',
      fresh({ listeners: strangers(443) }),
      'bad',
      /443\/tcp, for notebooks, is taken by nginx/,
      /--https-port/,
    ],
    ['2377 is taken before', fresh({ listeners: strangers(2377, 'x') }), 'bad', /2377\/tcp.*taken by x/, /^end x/],
    [
      'a port that a cluster chose is not served',
      well({ settings: readSettings({ 'https-port': '8443' }) }),
      'bad',
      /nobody listens at 8443\/tcp \(notebooks\)$/,
      /pyli status/,
    ],
    [
      'ports that nobody knows',
      well({ listeners: { unknown: 'ss is not installed' } }),
      'warn',
      /ports are taken is unknown/,
      /iproute2/,
    ],
    [
      'a firewall',
      well({ reached: { value: [{ to: '10.0.0.2', port: 24007, what: 'Gluster', why: 'ETIMEDOUT' }] } }),
      'bad',
      /10.0.0.2 is not reached at port 24007, for Gluster/,
      /firewall/,
    ],
    [
      'nobody there',
      well({ reached: { value: [{ to: '10.0.0.2', port: 24007, what: 'Gluster', why: 'ECONNREFUSED' }] } }),
      'bad',
      /not reached/,
      /on that machine/,
    ],
    [
      'storage degraded',
      well({ storage: { ...storage, state: { value: { health: 'degraded', lines: ['x', 'n3 is away'] } } } }),
      'warn',
      /degraded: x; n3 is away/,
      /bring/,
    ],
    [
      'storage down',
      well({ storage: { ...storage, state: { value: { health: 'down', lines: ['it is not mounted'] } } } }),
      'bad',
      /cannot be used here: it is not mounted/,
      /pyli-volume/,
    ],
    [
      'storage silent',
      well({ storage: { ...storage, state: { unknown: 'no answer within 45 s' } } }),
      'bad',
      /no answer within 45 s/,
      /glusterd/,
    ],
    [
      'a brick on the root disk, allowed',
      well({
        storage: { ...storage, choice: readSettings({ 'root-disk': 'allow' }).storage, isOnRootDisk: { value: true } },
      }),
      'warn',
      /on the disk of the system/,
      /disk of its own/,
    ],
    [
      'a brick whose own disk is not mounted',
      well({ storage: { ...storage, isOnRootDisk: { value: true } } }),
      'bad',
      /on the disk of the system/,
      /is its own disk mounted/,
    ],
    [
      'a certificate near its end',
      well({ certificates: { value: { gateway: { names: [], ends: '2026-12-01', daysLeft: 4 } } } }),
      'warn',
      /browsers see ends in 4 days/,
      /pyli manager/,
    ],
    [
      'one that ended',
      well({ certificates: { value: { ca: { names: [], ends: '2026-11-01', daysLeft: -26 } } } }),
      'bad',
      /CA ended on 2026-11-01/,
      /trust it/,
    ],
    [
      'an operator’s own certificate that ends',
      well({ certificates: { value: { gateway: { names: ['lab'], ends: '2026-12-07', daysLeft: 9, isOwn: true } } } }),
      'warn',
      /browsers see ends in 9 days/,
      /\/etc\/pyli\/cert\.pem.*stack deploy/,
    ],
    [
      'a secret that is gone',
      well({ missingSecrets: ['admin-token'] }),
      'bad',
      /secrets are missing here: admin-token/,
      /pyli manager/,
    ],
    [
      'no quorum of managers',
      well({ stack: { unknown: 'The swarm does not have a leader' } }),
      'bad',
      /does not have a leader/,
      /force-new-cluster/,
    ],
    [
      'a machine down',
      well({ stack: { value: { ...stack(), nodes: [...stack().nodes, node('n9', { isReady: false })] } } }),
      'bad',
      /n9 is down/,
      /bring it back/,
    ],
    [
      'a machine drained',
      well({ stack: { value: { ...stack(), nodes: [...stack().nodes, node('n9', { isActive: false })] } } }),
      'warn',
      /n9 is drained/,
      /activate n9/,
    ],
    [
      'two managers',
      well({
        stack: { value: { ...stack(), nodes: [...stack().nodes, node('n9', { isManager: true, labels: {} })] } },
      }),
      'warn',
      /two managers/,
      /one or three/,
    ],
    [
      'no stack',
      well({ stack: { value: { ...stack(), services: [], tasks: [] } } }),
      'warn',
      /not deployed/,
      /stack deploy/,
    ],
  ]

t.test('each trouble is found, told with what to do, and is the only one', async (t) => {
  for (const [title, facts, level, what, todo] of troubles) {
    const found = examine(facts).filter((finding) => finding.level !== 'ok' && !/no engine answers/.test(finding.what))
    t.match(found, [{ level, what, todo }], title)
    t.equal(found.length, 1, `${title}: ${found.map((finding) => finding.what).join(' / ')}`)
  }
})

t.test('a service that is being updated may lack a task', async (t) => {
  const view = stack()
  const services = view.services.map((each) => ({ ...each, UpdateStatus: { State: 'updating' } }))
  const found = examine(well({ stack: { value: { ...view, services, tasks: view.tasks.slice(1) } } }))
  t.match(
    found.filter(({ level }) => level !== 'ok'),
    [{ level: 'warn', what: /update is under way/ }],
  )
  const broken = examine(well({ stack: { value: { ...view, tasks: view.tasks.slice(1) } } }))
  t.match(
    broken.filter(({ level }) => level !== 'ok'),
    [{ level: 'bad', what: /1 of|3 of|0 of/ }],
  )
})

t.test('a worker that was promoted serves as a manager, and has no registry', async (t) => {
  const listeners = known(well().listeners)?.filter(({ port }) => port !== 443 && port !== 80 && port !== 5000) ?? []
  const promoted = well({ settings: undefined, listeners: { value: listeners } })
  t.match(
    examine(promoted).find(({ what }) => /port/.test(what)),
    { level: 'ok', what: 'every port that this machine needs is served' },
  )
  const silent = { value: listeners.filter(({ port }) => port !== 2377) }
  t.ok(
    examine(well({ settings: undefined, listeners: silent })).some(({ what }) => /nobody listens at 2377/.test(what)),
  )
})

t.test('a kernel without IP_VS is told as harmless', async (t) => {
  const [told] = examine(well({ kernel: { vxlan: true, fuse: true, ipVs: false } })).filter(({ what }) =>
    /IP_VS/.test(what),
  )
  t.match(told, { level: 'ok', what: /harmless/ })
})

t.test('an image that a machine cannot pull, unless its tasks run since', async (t) => {
  const view = stack()
  const failed = task('jupyter', 'n2', {
    Status: { Timestamp: '', State: 'rejected', Err: 'No such image: x@sha256:1' },
  })
  const bare = { ...view, tasks: [failed] }
  const pulls = (facts: Facts) => examine(facts).filter(({ what }) => /cannot pull/.test(what))
  t.match(pulls(well({ stack: { value: bare } })), [
    { level: 'bad', what: 'n2 cannot pull the image of jupyter', todo: /image push/ },
  ])
  const running = task('jupyter', 'n2')
  t.strictSame(pulls(well({ stack: { value: { ...view, tasks: [failed, running] } } })), [])
})
