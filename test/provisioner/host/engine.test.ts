import type Docker from 'dockerode'
import t from 'tap'
import { daemonJson, engineRuns } from '../../../provisioner/host/engine.ts'
import type { Run } from '../../../provisioner/host/run.ts'

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

t.test('an engine that is there stays, whoever has made it', async (t) => {
  const missing = async (...commands: string[]) => {
    const run: Run = async ([program, ...args]) => {
      const isThere = program === 'sh' && commands.includes(args.at(-1) ?? '')
      return { code: isThere ? 0 : 1, stdout: '', stderr: '' }
    }
    const steps = engineRuns(run, {} as Docker).filter(({ title }) => / or Debian's docker/.test(title))
    return Promise.all(steps.map((step) => step.look()))
  }
  t.same(await missing(), ['docker.io is not installed', 'docker-cli is not installed'])
  t.same(await missing('dockerd', 'docker'), [undefined, undefined])
})
