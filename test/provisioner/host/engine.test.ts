import t from 'tap'
import { daemonJson } from '../../../provisioner/host/engine.ts'

const read = (text: string) => JSON.parse(daemonJson(text)) as Record<string, unknown>

t.test('an engine starts nothing that gains privileges, and its logs do not fill the disk', async (t) => {
  t.same(JSON.parse(daemonJson(undefined)), {
    'no-new-privileges': true,
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '10m', 'max-file': '3' },
  })
})

t.test("the operator's own settings stay, and where logs go is theirs", async (t) => {
  const own = { 'registry-mirrors': ['https://mirror.example'], 'log-driver': 'journald' }
  t.same(read(JSON.stringify(own)), { ...own, 'no-new-privileges': true })
  t.equal(read('{"no-new-privileges": false}')['no-new-privileges'], true)
})

t.test('what was written once is not written again', async (t) => {
  const once = daemonJson('{"data-root": "/big"}')
  t.equal(daemonJson(once), once)
})

t.test('what cannot be is said', async (t) => {
  t.throws(() => daemonJson('{"live-restore": true}'), { message: /"live-restore".*take it out/ })
  t.throws(() => daemonJson('{'), { message: /is not JSON/ })
})
