import t from 'tap'
import { minutes } from '../../../gateway/config/units.ts'
import { patienceFor } from '../../../provisioner/stack/deploy.ts'

t.test('a large cluster is waited for as long as its servers take one after the other', async (t) => {
  const perServer = minutes(1.5)
  for (const [workers, replicas] of [
    [0, 2],
    [2, 2],
    [30, 4],
  ] as const)
    t.ok(patienceFor({ workers, replicas }) > Math.max(workers, 1) * replicas * perServer, `${workers} × ${replicas}`)
})
