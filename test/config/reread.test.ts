import t from 'tap'
import type { Config } from '../../gateway/config/config.ts'
import { parseConfig } from '../../gateway/config/parse.ts'
import { changesBetween, misfits, renewed } from '../../gateway/config/reread.ts'

const secret = 'sixteen-characters'

function config(flags: readonly string[], env: Record<string, string> = {}): Config {
  const parsed = parseConfig(['--backends=static:10.0.0.2:8888', ...flags], env, () => '')
  if (parsed.ok !== true) throw new Error(JSON.stringify(parsed))
  return parsed.config
}

t.test('what can change does, the rest waits for a restart and is told', async (t) => {
  const before = config(['--body-limit=1MiB', '--probe-every=2s'])
  const after = config(['--body-limit=2MiB', '--probe-every=3s'])
  t.same(changesBetween(before, after), { now: ['bodyLimit'], afterRestart: ['probeEvery'] })
  const next = renewed(before, after)
  t.equal(next.bodyLimit, after.bodyLimit)
  t.equal(next.probeEvery, before.probeEvery)
  t.same(misfits(next), [])
})

t.test('Portainer does not stand open where its token and itself were taken out together', async (t) => {
  const before = config(['--portainer=portainer:9000'], { PYLI_ADMIN_TOKEN: secret })
  t.match(misfits(renewed(before, config([]))), [/restart, --portainer needs --admin-token-file/])
})

t.test('proxies are not cut off where PROXY protocol and those who speak it were taken out together', async (t) => {
  const before = config(['--proxy-protocol=on', '--trust=10.0.0.5'])
  t.match(misfits(renewed(before, config([]))), [/restart, --proxy-protocol on needs --trust/])
})
