import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const main = join(import.meta.dirname, '..', '..', 'provisioner', 'main.ts')

const pyli = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })

const names = ['local', 'manager', 'worker', 'status', 'doctor', 'node', 'stack', 'secret', 'image', 'down']

t.test('it tells its commands, and each of them its options', async (t) => {
  const { status, stdout } = pyli()
  t.equal(status, 0)
  t.match(stdout, /^Usage: pyli <command>/)
  for (const name of names) {
    t.match(stdout, new RegExp(`^  ${name} +\\S`, 'm'))
    const help = pyli(name, '--help')
    t.equal(help.status, 0, name)
    t.match(help.stdout, new RegExp(`pyli ${name}`), name)
  }
})

t.test('what it has not is refused, by whatever name', async (t) => {
  for (const name of ['fly', 'constructor']) {
    const { status, stdout } = pyli(name)
    t.equal(status, 2, name)
    t.match(stdout, `pyli has no command ${name}`)
  }
})
