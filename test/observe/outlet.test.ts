import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { isPipe, Outlet } from '../../gateway/observe/outlet.ts'

/** A pipe of the system's, which nobody reads but the test. */
function pipe(t: Test): { write: number; read: () => string; close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'pyli-outlet-'))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const write = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  let open = true
  const close = () => {
    if (open) closeSync(reader)
    open = false
  }
  t.teardown(() => {
    close()
    closeSync(write)
    rmSync(folder, { recursive: true })
  })
  const buffer = Buffer.alloc(1024 * 1024)
  const read = () => {
    try {
      return buffer.toString('utf8', 0, readSync(reader, buffer))
    } catch {
      return '' // nothing there now
    }
  }
  return { write, read, close }
}

async function until<T>(ask: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = ask()
    if (value) return value
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const line = (number: number) => `${String(number).padStart(6, '0')} ${'x'.repeat(92)}\n`

t.test('lines come out whole and in order, however slow the reader', async (t) => {
  const { write, read } = pipe(t)
  const outlet = new Outlet(write, () => {})
  const count = 5_000
  for (let number = 0; number < count; number++) outlet.write(line(number))
  let text = ''
  await until(() => {
    text += read()
    return text.length >= count * 100
  })
  t.equal(text, Array.from({ length: count }, (_, number) => line(number)).join(''))
  t.equal(outlet.dropped, 0)
})

t.test('lines that nobody reads are dropped beyond a bound, and how many is said when there is room', async (t) => {
  const { write, read } = pipe(t)
  const recovered: number[] = []
  const outlet = new Outlet(write, (lines) => void recovered.push(lines), { backlog: 100_000 })
  const write1000 = () => {
    for (let number = 0; number < 1_000; number++) outlet.write(line(number))
  }
  write1000()
  await until(() => read() === '' && true) // the event loop goes on: nothing waits for the pipe
  for (let i = 0; i < 5; i++) write1000()
  t.ok(outlet.dropped > 0)
  t.same(recovered, [])
  await until(() => {
    read()
    return recovered.length > 0
  })
  t.same(recovered, [outlet.dropped])
  outlet.write('and on it goes\n')
  t.match(await until(() => read()), 'and on it goes')
})

t.test('what a pipe takes at once is never torn apart', async (t) => {
  const { write, read } = pipe(t)
  const outlet = new Outlet(write, () => {})
  for (let number = 0; number < 2_000; number++) outlet.write(line(number))
  await until(() => read())
  // The pipe is full, and was read at moments of its own: each piece is whole lines.
  const rest = await until(() => read())
  t.ok(rest.endsWith('\n'), JSON.stringify(rest.slice(-20)))
})

t.test('at the end all is written that somebody reads, and nobody is waited for for ever', async (t) => {
  const { write, read } = pipe(t)
  const outlet = new Outlet(write, () => {})
  outlet.write('last words\n')
  outlet.flushSync()
  t.equal(read(), 'last words\n')
  for (let number = 0; number < 2_000; number++) outlet.write(line(number))
  outlet.flushSync()
  t.pass('it came back, with a full pipe')
})

t.test('a reader who is gone costs the log alone', async (t) => {
  const { write, close } = pipe(t)
  const outlet = new Outlet(write, () => t.fail('nothing recovers'))
  close()
  outlet.write('to nobody\n')
  outlet.flushSync()
  outlet.write('nor this\n')
  outlet.flushSync()
})

t.test('pipes are told from files', async (t) => {
  const { write } = pipe(t)
  t.equal(isPipe(write), true)
  const file = openSync('/dev/null', 'w')
  t.equal(isPipe(file), false)
  closeSync(file)
  t.equal(isPipe(99_999), false)
})

const log = new URL('../../gateway/observe/log.ts', import.meta.url).href
const script = `
const { createLog, droppedLines, flushLog } = await import('${log}')
const log = createLog('json')
process.on('exit', () => flushLog(log))
const fill = () => {
  for (let i = 0; i < 2000; i++) log.info({ filler: 'x'.repeat(1000) }, 'line')
  if (droppedLines(log) === 0) return setImmediate(fill)
  process.send({ turns: 'still' })
}
process.on('message', () => process.exit(3))
fill()`

/** A program that logs more than anybody keeps, to standard output that is not read. */
async function flooding(t: Test): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

t.test('a program whose log nobody reads goes on, and ends when it wants to', async (t) => {
  const child = await flooding(t)
  child.send('end')
  const [code] = await once(child, 'exit')
  t.equal(code, 3)
})

t.test('a log that is read again says how many lines it lost', async (t) => {
  const child = await flooding(t)
  for await (const text of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const { msg, lines } = JSON.parse(text)
    if (msg === 'line') continue
    t.equal(msg, `${lines} lines of this log were dropped`)
    t.ok(lines > 0)
    break
  }
})
