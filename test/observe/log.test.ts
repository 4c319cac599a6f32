import { execFileSync } from 'node:child_process'
import t from 'tap'
import { createLog, droppedLines, flushLog, redactTarget, writeLine } from '../../gateway/observe/log.ts'

const module = new URL('../../gateway/observe/log.ts', import.meta.url).href

function recorder() {
  const lines: string[] = []
  return { lines, write: (line: string) => void lines.push(line) }
}

/** What a process prints that logs and then exits at once. */
function printedBy(kind: string, statement: string): string {
  const script = `const { createLog, flushLog } = await import('${module}'); const log = createLog('${kind}'); process.on('exit', () => flushLog(log)); ${statement}; process.exit()`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
}

t.test('json is one object a line, with the time and the level in words', async (t) => {
  const out = recorder()
  createLog('json', out).info({ status: 200 }, 'exchange')
  t.equal(out.lines.length, 1)
  t.ok(out.lines[0]?.endsWith('\n'))
  t.match(JSON.parse(out.lines[0] ?? ''), {
    level: 'info',
    time: /^\d{4}-\d\d-\d\dT.*Z$/,
    status: 200,
    msg: 'exchange',
  })
})

t.test('pretty is for people', async (t) => {
  const out = recorder()
  createLog('pretty', out).warn({ status: 503 }, 'refused')
  t.match(out.lines.join(''), /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: refused \{"status":503\}\n$/)
})

t.test('off writes nothing', async (t) => {
  const out = recorder()
  createLog('off', out).fatal('lost')
  t.strictSame(out.lines, [])
})

t.test('without a destination lines go to standard output, and exiting loses none', async (t) => {
  const statement = 'for (let i = 0; i < 5000; i++) log.info("line " + i)'
  for (const kind of ['json', 'pretty']) {
    const lines = printedBy(kind, statement).trimEnd().split('\n')
    t.equal(lines.length, 5000, kind)
    t.match(lines.at(-1), 'line 4999')
  }
})

t.test('off prints nothing on standard output', async (t) => {
  t.equal(printedBy('off', 'log.fatal("lost")'), '')
})

t.test('a credential that gets into a line is hidden', async (t) => {
  const carriers = {
    field: { authorization: 'hunter2' },
    'capital letters': { Authorization: 'hunter2', COOKIE: 'hunter2' },
    'deeply nested': { a: { b: { c: { headers: { 'Set-Cookie': 'hunter2' } } } } },
    'several values': { 'set-cookie': ['hunter2', 'x=hunter2]"'] },
    'quotes in the value': { cookie: '"hunter2" \\"hunter2\\' },
    'flat list of headers': { raw: ['Host', 'a', 'Cookie', 'hunter2', 'Accept', '*'] },
    'list of pairs': { raw: [['Proxy-Authorization', 'hunter2']] },
    'message of an error': { err: new Error('GET /lab?a=1&token=hunter2 failed') },
    token: { token: 'hunter2' },
  }
  for (const [name, carrier] of Object.entries(carriers)) {
    for (const kind of ['json', 'pretty'] as const) {
      const out = recorder()
      createLog(kind, out).info(carrier, 'm')
      t.notMatch(out.lines.join(''), 'hunter2', `${name}, ${kind}`)
      t.match(out.lines.join(''), '[hidden]')
    }
  }
})

t.test('hiding keeps a line whole, and what only looks like a credential as it is', async (t) => {
  const fields = { failure: 'cookie', status: 401, path: '/authorization', author: 'cookie', raw: ['a', 'token'], n: 1 }
  const out = recorder()
  createLog('json', out).info({ ...fields, cookie: 'a\\"b', last: true }, 'm')
  t.match(JSON.parse(out.lines[0] ?? ''), { ...fields, cookie: '[hidden]', last: true })
})

t.test('a token in a request target is hidden, however its name is spelt', async (t) => {
  t.equal(redactTarget('/lab?token=abc'), '/lab?token=[hidden]')
  t.equal(
    redactTarget('/api/kernels/1/channels?session_id=2&token=abc&x=3'),
    '/api/kernels/1/channels?session_id=2&token=[hidden]&x=3',
  )
  t.equal(redactTarget('/?ToKeN=abc'), '/?ToKeN=[hidden]')
  t.equal(redactTarget('/?%74oken=abc'), '/?%74oken=[hidden]')
  t.equal(redactTarget('/?%54%4F%4b%65%6e=abc'), '/?%54%4F%4b%65%6e=[hidden]')
  t.equal(redactTarget('/?token=a=b&token=c'), '/?token=[hidden]&token=[hidden]')
})

t.test('a token in the address that a login leads to is hidden', async (t) => {
  t.equal(redactTarget('/login?next=%2Flab%3Ftoken%3Dabc'), '/login?next=[hidden]')
})

t.test('everything else in a target stays byte for byte', async (t) => {
  const targets = [
    '/',
    '*',
    '/token=abc',
    '/api/contents/a%20b?content=1&1699999999',
    '/?tokens=1&mytoken=2&token',
    '/?token=',
    '/?&&=&a=%zz&%=%E4&+=+',
    '/login?next=%2Flab%3F',
    '/?$&=$1',
  ]
  for (const target of targets) t.equal(redactTarget(target), target)
})

t.test('a line that goes past pino has the same form, in both kinds', async (t) => {
  const out = recorder()
  writeLine(createLog('json', out), 'exchange', ',"status":200')
  t.match(JSON.parse(out.lines[0] ?? ''), { level: 'info', time: /^\d{4}-.*Z$/, status: 200, msg: 'exchange' })
  t.ok(out.lines[0]?.endsWith('}\n'))
  const pretty = recorder()
  writeLine(createLog('pretty', pretty), 'exchange', ',"status":200')
  t.match(pretty.lines.join(''), /INFO.* 200 /)
})

t.test('how many lines were lost is the destination’s to say, whatever the form', async (t) => {
  let flushed = 0
  const destination = { write: () => {}, dropped: 7, flushSync: () => flushed++ }
  for (const kind of ['json', 'pretty'] as const) {
    const log = createLog(kind, destination)
    t.equal(droppedLines(log), 7, kind)
    flushLog(log)
  }
  t.equal(flushed, 2)
  t.equal(droppedLines(createLog('off')), 0)
  flushLog(createLog('off'))
})
