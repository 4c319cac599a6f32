import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const main = join(import.meta.dirname, '..', 'gateway', 'main.ts')
const hangup = join(import.meta.dirname, 'fakes', 'hangup-while-loading.mjs')

t.test('a SIGHUP that comes while the program is being loaded does not end it', async (t) => {
  const args = ['--import', hangup, main, '--check', '--backends', 'static:127.0.0.1:8888', '--tls', 'off']
  const { signal, status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  t.equal(signal, null)
  t.equal(status, 0)
  t.match(stdout, /127\.0\.0\.1:8888/)
})
