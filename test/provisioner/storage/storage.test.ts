import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readSettings } from '../../../provisioner/cluster/settings.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { storageOf } from '../../../provisioner/storage/choose.ts'
import type { StorageNode } from '../../../provisioner/storage/storage.ts'
import { type Stage, settling, storageContract } from '../../contracts/storage.ts'
import { FakeGluster } from '../../fakes/fake-gluster.ts'
import { FakeHost } from '../../fakes/fake-host.ts'

const nodes: readonly StorageNode[] = [1, 2, 3].map((n) => ({ name: `n${n}`, address: `10.0.0.${n}` }))
const { storage: three } = readSettings({ brick: '/data/brick' })
const { storage: one } = readSettings({ workers: '0', folder: '/data/notebooks' })
const { storage: server } = readSettings({ storage: 'nfs', nfs: 'files:/export' })

function withGluster(t: Test, choice = three): Stage & { readonly pool: FakeGluster } {
  const pool = new FakeGluster()
  const host = new FakeHost(t.testdir(), pool.answer)
  host.folders.set('/data', { owner: '0:0', mode: '755' })
  return { host, storage: storageOf(choice, host), nodes, pool }
}

function withoutOthers(t: Test, choice: typeof one, all: readonly StorageNode[]): Stage {
  const host = new FakeHost(t.testdir())
  return { host, storage: storageOf(choice, host), nodes: all }
}

storageContract('gluster', withGluster)
storageContract('nfs', (t) => withoutOthers(t, server, nodes))
storageContract('local', (t) => withoutOthers(t, one, nodes.slice(0, 1)))

const make = ({ host, storage, nodes }: Stage) =>
  settle([...storage.prepare(), ...storage.create(nodes), ...storage.mount()], settling(host))

t.test('gluster: peers, a volume of three copies, its options, started; each told once', async (t) => {
  const stage = withGluster(t)
  await make(stage)
  t.match(stage.pool.told, [
    'peer probe 10.0.0.2',
    'peer probe 10.0.0.3',
    'volume create pyli replica 3 10.0.0.1:/data/brick 10.0.0.2:/data/brick 10.0.0.3:/data/brick',
    /^volume set pyli .*auth.allow 10.0.0.1,10.0.0.2,10.0.0.3,127.0.0.1/,
    'volume start pyli',
  ])
  t.match(
    stage.host.fstab(),
    'localhost:/pyli /srv/pyli/mounts/volume glusterfs _netdev,noauto,noatime,backup-volfile-servers=10.0.0.1:10.0.0.2:10.0.0.3 0 0',
  )
})

t.test('gluster: a volume with other bricks is refused in a sentence, and nothing is told to Gluster', async (t) => {
  const stage = withGluster(t)
  for (const { address } of nodes.slice(1)) stage.pool.peers.set(address, { isConnected: true })
  const bricks = ['10.0.0.1:/other/brick', '10.0.0.2:/other/brick', '10.0.0.3:/other/brick']
  stage.pool.volumes.set('pyli', { bricks, isStarted: true, options: new Map() })
  await t.rejects(make(stage), { name: 'Trouble', message: /other bricks: 10.0.0.1:\/other.*Nothing was changed/ })
  t.strictSame(stage.pool.told, [])
})

t.test('gluster: a brick on the disk of the system is refused, unless that was allowed', async (t) => {
  const stage = withGluster(t)
  stage.host.folders.delete('/data')
  await t.rejects(make(stage), { name: 'Trouble', message: /disk of the system.*--root-disk allow/ })
  const allowed = withGluster(t, readSettings({ brick: '/data/brick', 'root-disk': 'allow' }).storage)
  allowed.host.folders.delete('/data')
  await make(allowed)
  t.match(allowed.pool.told[2], / force$/)
})

t.test('gluster: a brick that another volume left is never taken over', async (t) => {
  const stage = withGluster(t)
  stage.host.folders.set('/data/brick/.glusterfs', { owner: '0:0', mode: '755' })
  await t.rejects(make(stage), { name: 'Trouble', message: /holds the copy of another volume.*Nothing was changed/ })
})

t.test('gluster: too few machines are told before anything is made', async (t) => {
  const stage = { ...withGluster(t), nodes: nodes.slice(0, 2) }
  await t.rejects(make(stage), { name: 'Trouble', message: /two-with-split-brain/ })
  t.strictSame(stage.pool.told, [])
})

t.test('gluster: the volume is deleted where that is meant for all, and a copy once nobody uses it', async (t) => {
  const stage = withGluster(t)
  await make(stage)
  stage.host.folders.set('/data/brick', { owner: '0:0', mode: '755' })
  const remove = (erase: 'here' | 'everywhere') => settle(stage.storage.remove({ erase }), settling(stage.host))
  await t.rejects(remove('here'), { name: 'Trouble', message: /everybody's.*on the first machine/ })
  t.ok(stage.pool.volumes.has('pyli'))
  t.ok(stage.host.folders.has('/data/brick'))
  t.ok(stage.host.isMounted())
  await remove('everywhere')
  t.notOk(stage.pool.volumes.has('pyli'))
  t.notOk(stage.host.folders.has('/data/brick'))
  t.strictSame(await remove('here'), [])
})

t.test('local: of its folder only what is ours is deleted', async (t) => {
  const stage = withoutOthers(t, one, nodes.slice(0, 1))
  await make(stage)
  for (const name of ['notebooks', '.cluster', 'thesis'])
    stage.host.folders.set(`/data/notebooks/${name}`, { owner: '0:0', mode: '755' })
  await settle(stage.storage.remove({ erase: 'everywhere' }), settling(stage.host))
  t.strictSame(
    [...stage.host.folders.keys()].filter((path) => path.startsWith('/data/')),
    ['/data/notebooks', '/data/notebooks/thesis'],
  )
})

t.test('local is for one machine', async (t) => {
  await t.rejects(make(withoutOthers(t, one, nodes)), { name: 'Trouble', message: /there are 3 machines/ })
})

t.test('nfs: a server that takes root for nobody is told of, with what to change', async (t) => {
  const stage = withoutOthers(t, server, nodes)
  stage.host.squashesRoot = true
  await t.rejects(make(stage), { name: 'Trouble', message: /chown .* Operation not permitted\. .*no_root_squash/ })
})

t.test('what is mounted there from elsewhere is not covered', async (t) => {
  const other = withoutOthers(t, readSettings({ storage: 'nfs', nfs: 'others:/export' }).storage, nodes)
  writeFileSync(join(other.host.root, 'proc/self/mounts'), 'files:/export /srv/pyli/mounts/volume nfs4 rw 0 0\n')
  await t.rejects(make(other), { name: 'Trouble', message: /files:\/export is mounted at .*, and not others:\/export/ })
})
