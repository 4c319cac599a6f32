import t from 'tap'
import { givenSoFar, readSettings } from '../../../provisioner/cluster/settings.ts'

t.test('without options a cluster is three machines that keep three copies', async (t) => {
  const settings = readSettings({})
  t.match(settings, { workers: 2, replicas: 2, storage: { kind: 'gluster', copies: 'three' }, httpsPort: 443 })
  t.same(settings.imageArgs, [])
})

t.test('one machine keeps its notebooks in a folder', async (t) => {
  t.match(readSettings({ workers: '0' }).storage, { kind: 'local', folder: '/srv/pyli/local' })
})

t.test('what the image is made of is handed on as it was given', async (t) => {
  t.same(readSettings({ flavour: 'small', base: 'debootstrap' }).imageArgs, ['--flavour=small', '--base=debootstrap'])
})

t.test('all mistakes are told at once', async (t) => {
  t.throws(() => readSettings({ workers: 'two', 'https-port': '0' }), {
    message:
      '--workers must be a whole number from 0 to 100, got "two"\n--https-port must be a whole number from 1 to 65535, got "0"',
  })
})

const refused = [
  [{ storage: 'local' }, /--storage local is for one machine \(--workers 0\)/],
  [{ storage: 'nfs' }, /--storage nfs needs --nfs HOST:\/PATH/],
  [{ nfs: 'files:/export' }, /--nfs is for --storage nfs, and this is gluster/],
  [{ storage: 'nfs', nfs: 'files' }, /--nfs must look like HOST:\/PATH/],
  [{ brick: 'data' }, /--brick must be the full path of a folder/],
  [{ storage: 'ceph' }, /--storage must be gluster, nfs or local/],
] as const
for (const [given, why] of refused) {
  t.test(`${JSON.stringify(given)} is refused`, async (t) => {
    t.throws(() => readSettings(given), { message: why })
  })
}

t.test('what was told before stays, except how long to wait', async (t) => {
  t.same(givenSoFar({ workers: '1', replicas: '3', deadline: '1m' }, { replicas: '4' }), {
    workers: '1',
    replicas: '4',
  })
  t.same(givenSoFar(undefined, { deadline: '1m' }), { deadline: '1m' })
})

t.test('what is told as empty is taken back', async (t) => {
  const kept = { registry: 'mine:443', with: 'egress', storage: 'nfs', nfs: 'a:/b' }
  t.same(givenSoFar(kept, { registry: '', with: '' }), { storage: 'nfs', nfs: 'a:/b' })
  t.same(givenSoFar(kept, { storage: '' }), { registry: 'mine:443', with: 'egress' })
})

t.test('Portainer is there unless it is left out, and other parts where they are wanted', async (t) => {
  t.same(readSettings({}).overrides, ['portainer'])
  t.same(readSettings({ with: 'ingress,egress' }).overrides, ['ingress', 'egress', 'portainer'])
  t.same(readSettings({ with: 'egress', without: 'portainer' }).overrides, ['egress'])
  t.throws(() => readSettings({ without: 'egress' }), { message: '--without must be portainer, got "egress"' })
})

t.test('what belongs to another kind of storage does not stay', async (t) => {
  t.same(givenSoFar({ brick: '/b', 'root-disk': 'allow' }, { storage: 'nfs', nfs: 'a:/b' }), {
    storage: 'nfs',
    nfs: 'a:/b',
  })
  t.same(givenSoFar({ workers: '0', folder: '/f' }, { workers: '2' }), { workers: '2' })
  t.throws(
    () => readSettings(givenSoFar({}, { storage: 'nfs', nfs: 'a:/b', brick: '/b' })),
    { message: /--brick is for/ },
    'told now it is a mistake',
  )
})
