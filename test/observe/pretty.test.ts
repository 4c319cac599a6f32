import t from 'tap'
import { createLog } from '../../gateway/observe/log.ts'
import { exchangeWords } from '../../gateway/observe/pretty.ts'

/** What is shown of one message. */
function shown(fields: object, message: string): string {
  const lines: string[] = []
  createLog('pretty', { write: (line) => void lines.push(line) }).info(fields, message)
  return lines.join('').replace(/^\[[\d:.]+\] /, '')
}

const exchange = {
  id: 7,
  client: '10.0.0.9',
  method: 'GET',
  path: '/api/kernels?x=1',
  route: 'kernels',
  status: 200,
  bytes: 12,
  firstByteMs: 2.5,
  totalMs: 3.1,
}

t.test('an exchange is one line of what one looks for', async (t) => {
  t.equal(
    shown({ ...exchange, backend: '10.0.0.2:8888' }, 'exchange'),
    'INFO: GET    200 /api/kernels?x=1  10.0.0.2:8888  3.1 ms\n',
  )
  t.equal(
    shown({ ...exchange, method: 'DELETE', status: 404 }, 'exchange'),
    'INFO: DELETE 404 /api/kernels?x=1  gateway  3.1 ms\n',
    'one that reached no backend was answered by the gateway',
  )
})

t.test('an exchange that failed says why', async (t) => {
  const failed = { ...exchange, status: 503, failure: 'backend-refused', detail: 'connect ECONNREFUSED' }
  t.match(shown(failed, 'exchange'), /3\.1 ms {2}backend-refused: connect ECONNREFUSED\n$/)
})

t.test('a WebSocket that was open for long is told in seconds and minutes', async (t) => {
  t.match(exchangeWords({ ...exchange, totalMs: 9_999.9 }), /9999\.9 ms$/)
  t.match(exchangeWords({ ...exchange, totalMs: 59_800 }), / 60 s$/)
  t.match(exchangeWords({ ...exchange, totalMs: 7_200_000 }), / 120 min$/)
})

t.test('everything else is one line, too, with all its fields', async (t) => {
  t.equal(
    shown({ backend: '10.0.0.2:8888', state: 'failing' }, 'backend is failing'),
    'INFO: backend is failing {"backend":"10.0.0.2:8888","state":"failing"}\n',
  )
})

t.test('what only looks like an exchange is not taken for one', async (t) => {
  t.match(shown({ detail: ',"msg":"exchange"}' }, 'refused'), /^INFO: refused \{"detail":/)
})

t.test('what a client sends does not move the cursor of a terminal', async (t) => {
  const path = '/\u001b[2J\u009b31m\r\n'
  t.match(shown({ ...exchange, path }, 'exchange'), String.raw`200 /\x1b[2J\x9b31m\x0d\x0a  `)
  t.notMatch(shown({ detail: path }, 'refused').trimEnd(), /\p{Cc}/u)
})
