import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

/** Prometheus' own judge of rules: Debian has it in `prometheus`. */
const promtool = process.env.PROMTOOL ?? 'promtool'
const isInstalled = spawnSync(promtool, ['--version']).error === undefined
const skip = isInstalled ? false : 'promtool is not installed'

const judged = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

t.test('the alert rules are rules', { skip }, async (t) => {
  const { status, said } = judged('check', 'rules', join('..', '..', 'stack', 'alerts.yml'))
  t.equal(status, 0, said)
})

t.test('they are silent while all is well, and say what is wrong when it is', { skip }, async (t) => {
  const { status, said } = judged('test', 'rules', 'alerts.promtool.yml')
  t.equal(status, 0, said)
})
