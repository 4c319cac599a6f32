import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StateFile } from '../../gateway/control/state-file.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Pool } from '../../gateway/pool/pool.ts'

function setUp(t: Test, file: string | undefined = join(t.testdir({}), 'state.json')) {
  const warnings: string[] = []
  const log = createLog('json', { write: (line) => void warnings.push(JSON.parse(line).fault) })
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0 })
  const memory = new StateFile({ file, pool, log, pause: 1 })
  const next = () =>
    new StateFile({ file, pool: new Pool({ now: () => 0, random: () => 0, slowStart: 0 }), log }).read()
  return { file, pool, memory, next, warnings }
}

const a = { host: '10.0.0.1', port: 8888 }
const b = { host: 'fd00::2', port: 8888 }

t.test('the next gateway is told all addresses, and which of them an operator has drained', async (t) => {
  const { pool, memory, next, warnings } = setUp(t)
  pool.add(a)
  pool.drain(pool.add(b), 'operator')
  await memory.flush()
  t.same(await next(), [
    { ...a, drained: false },
    { ...b, drained: true },
  ])
  t.same(warnings, [])
})

t.test('who was forgotten is not remembered', async (t) => {
  const { pool, memory, next } = setUp(t)
  const [first] = [pool.add(a), pool.add(b)]
  await memory.flush()
  if (first) pool.remove(first)
  await memory.flush()
  t.same(await next(), [{ ...b, drained: false }])
})

t.test('a change is written by itself, soon', async (t) => {
  const { pool, next } = setUp(t)
  pool.add(a)
  while ((await next()).length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.pass()
})

t.test('only its owner may read it, and it is whole at every moment: nothing else is left beside it', async (t) => {
  const { file, pool, memory } = setUp(t)
  pool.add(a)
  await memory.flush()
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(join(file, '..')), ['state.json'])
})

t.test('what has not changed is not written again, and nobody found is nobody forgotten', async (t) => {
  const { file, pool, memory } = setUp(t)
  const backend = pool.add(a)
  await memory.flush()
  writeFileSync(file, 'untouched')
  pool.judge(backend, 'pass', 'answers')
  await memory.flush()
  t.equal(readFileSync(file, 'utf8'), 'untouched')
  pool.remove(backend)
  await memory.flush()
  t.equal(readFileSync(file, 'utf8'), 'untouched')
})

t.test('without a file, and before there is one, nothing is known and nothing is said', async (t) => {
  const { pool, memory, warnings, next } = setUp(t)
  t.same(await next(), [])
  t.same(warnings, [])
  const without = new StateFile({ file: undefined, pool, log: createLog('off') })
  t.same(await without.read(), [])
  await without.flush()
  await memory.flush()
})

t.test('a broken file is said once, nothing is taken from it, and it is replaced', async (t) => {
  const { file, pool, memory, warnings, next } = setUp(t)
  writeFileSync(file, '{"version":1,"backends":[{"address":"10.0.0.7:8888"},')
  t.same(await memory.read(), [])
  t.same(warnings, ['the state file holds no JSON object'])
  pool.add(a)
  await memory.flush()
  t.same(await next(), [{ ...a, drained: false }])
})

t.test('where it cannot be read or written, that is said once and nothing fails', async (t) => {
  const folder = t.testdir({})
  const { pool, memory, warnings } = setUp(t, join(folder, 'missing', 'state.json'))
  for (const address of [a, b]) {
    pool.add(address)
    await memory.flush()
  }
  t.equal(warnings.length, 1)
  t.match(warnings[0], /cannot be written \(ENOENT\)/)
  const unreadable = setUp(t, folder)
  t.same(await unreadable.memory.read(), [])
  t.match(unreadable.warnings, [/cannot be read \(EISDIR\)/])
})
