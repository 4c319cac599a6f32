import t from 'tap'
import { readSettings } from '../../../provisioner/cluster/settings.ts'
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
