import t from 'tap'
import { minutes } from '../../../gateway/config/units.ts'
import { type Given, readSettings } from '../../../provisioner/cluster/settings.ts'
import { onceJoined } from '../../../provisioner/cluster/worker.ts'
import { storageOf } from '../../../provisioner/storage/choose.ts'
import { FakeHost } from '../../fakes/fake-host.ts'

t.test('a machine waits to be told of the cluster’s registry, and not of one that is the operator’s own', async (t) => {
  const host = new FakeHost(t.testdir())
  const waitsFor = (given: object) => {
    const settings = readSettings(given)
    return onceJoined(host, storageOf(settings.storage, host), settings).map(({ title }) => title)
  }
  t.ok(waitsFor({}).includes('the first machine has told of its registry'))
  t.notMatch(waitsFor({ registry: 'images.example:5000' }).join(), /registry/)
  t.equal(waitsFor({}).at(-1), 'the first machine is told that this one is ready')
})

t.test('it waits as long as it was told, for whatever the first machine does', async (t) => {
  const host = new FakeHost(t.testdir())
  const kinds: Given[] = [{ storage: 'gluster' }, { storage: 'nfs', nfs: 'files:/export' }]
  for (const given of kinds) {
    const settings = readSettings({ ...given, deadline: '2m' })
    const [first, ...others] = onceJoined(host, storageOf(settings.storage, host), settings)
    t.equal(first?.patience, minutes(2), `${first?.title}`)
    for (const { title, patience = 0 } of others) t.ok(patience <= minutes(2), title)
  }
})
