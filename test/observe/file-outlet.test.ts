import { spawnSync } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FileOutlet } from '../../gateway/observe/file-outlet.ts'
import { until } from '../whole/support/until.ts'

const log = new URL('../../gateway/observe/log.ts', import.meta.url).href

/** A process that logs so many lines into a file and ends at once. How it ended. */
function logInto(path: string, lines: number): number | null {
  const script = `const { createLog, flushLog } = await import('${log}'); const log = createLog('json'); process.on('exit', () => flushLog(log)); for (let i = 0; i < ${lines}; i++) log.info({ i }, 'line'); process.exit()`
  const stdio = ['ignore', openSync(path, 'a'), 'inherit'] as const
  const args = ['--input-type=module', '--eval', script]
  return spawnSync(process.execPath, args, { stdio: [...stdio], timeout: 20_000 }).status
}

t.test('what waits at the end comes behind what another thread is writing', async (t) => {
  const path = join(t.testdir({ log: '' }), 'log')
  for (let round = 0; round < 10; round++) {
    writeFileSync(path, '')
    const outlet = new FileOutlet(openSync(path, 'a'))
    const long = `${'x'.repeat(1024 * 1024)}\n`
    for (const line of [long, 'one\n', 'two\n']) outlet.write(Buffer.from(line))
    outlet.flushSync()
    t.equal(readFileSync(path, 'utf8') === `${long}one\ntwo\n`, true)
  }
})

t.test('a process whose disk is full ends all the same', { skip: process.platform !== 'linux' }, async (t) => {
  t.equal(logInto('/dev/full', 300), 0)
})

t.test('lines are written one after the other, before and after a flush', async (t) => {
  const path = join(t.testdir({ log: '' }), 'log')
  const outlet = new FileOutlet(openSync(path, 'a'))
  const text = Array.from({ length: 100 }, (_, i) => `line ${i}\n`)
  for (const line of text) outlet.write(Buffer.from(line))
  await until('all is written', () => readFileSync(path, 'utf8') === text.join(''))
  outlet.write(Buffer.from('one\n'))
  outlet.write(Buffer.from('two\n'))
  outlet.flushSync()
  outlet.write(Buffer.from('three\n'))
  await until('all is written', () => readFileSync(path, 'utf8') === `${text.join('')}one\ntwo\nthree\n`)
})
