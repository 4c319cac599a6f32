import t from 'tap'
import type { Failed } from '../../gateway/observe/failures.ts'
import { createLog } from '../../gateway/observe/log.ts'
import type { Ended } from '../../gateway/observe/tally.ts'
import type { Exchange } from '../../gateway/request/exchange.ts'
import { settle, settleMalformed } from '../../gateway/request/settle.ts'
import { httpExchange, webSocketExchange } from '../fakes/fake-exchange.ts'

function setUp() {
  const ended: Ended[] = []
  const failed: Failed[] = []
  const refused: string[] = []
  const texts: string[] = []
  const log = createLog('json', { write: (line) => void texts.push(line) })
  const books = {
    ended: (end: Ended) => void ended.push(end),
    failed: (failure: Failed) => void failed.push(failure),
    refused: (reason: string) => void refused.push(reason),
  }
  const lines = () => texts.map((text) => JSON.parse(text))
  return { log, books, ended, failed, refused, texts, lines, end: (exchange: Exchange) => settle(log, books, exchange) }
}

t.test('the line of an exchange says who asked what, who answered how, and where its time went', async (t) => {
  const { end, lines } = setUp()
  const exchange = httpExchange({ method: 'PUT', target: '/api/contents/a.ipynb?token=abc&x=1', body: 'text' })
  Object.assign(exchange.client, { tls: { version: 'TLSv1.3', resumed: true } })
  const times = { startedAt: 1000, askedAt: 1000.26, headAt: 1004.21, answeredAt: 1004.3 }
  const { account } = exchange
  Object.assign(account, times, { status: 201, route: 'contents', backend: 'b:1', bytesIn: 4, bytesOut: 70 })
  end(exchange)
  t.match(lines(), [
    {
      msg: 'exchange',
      id: 'x-1',
      client: '192.0.2.7',
      method: 'PUT',
      path: '/api/contents/a.ipynb?token=[hidden]&x=1',
      route: 'contents',
      backend: 'b:1',
      status: 201,
      bytesIn: 4,
      bytesOut: 70,
      waitMs: 0.3,
      headMs: 4,
      firstByteMs: 4.3,
      totalMs: Number,
      tls: 'TLSv1.3',
      resumed: true,
    },
  ])
  t.notOk('failure' in lines()[0])
})

t.test('whatever a client or a backend says, the line is JSON, and tells no token', async (t) => {
  const { end, texts, lines } = setUp()
  const exchange = httpExchange({ method: 'A"B\\', target: '/a"\\\u00e9\u0007?x=1' })
  exchange.account.detail = 'cannot connect to http://b/?token=abc said "him"'
  end(exchange)
  t.match(lines(), [
    {
      method: 'A"B\\',
      path: '/a"\\\u00e9\u0007?x=1',
      detail: 'cannot connect to http://b/?token=[hidden] said "him"',
    },
  ])
  t.equal(texts[0]?.split('\n').length, 2)
})

t.test('a log that is off is written no line', async (t) => {
  const { books, ended } = setUp()
  settle(createLog('off'), books, httpExchange())
  t.equal(ended.length, 1)
})

t.test('a line is never so long that a pipe would tear it apart', async (t) => {
  const { end, texts, lines } = setUp()
  const long = 'ü'.repeat(5_000)
  const exchange = httpExchange({ method: 'X'.repeat(3_000), target: `/${long}`, address: '2001:db8::1' })
  Object.assign(exchange.account, { failure: 'backend-broken', detail: long, backend: 'b:1' })
  end(exchange)
  t.ok(Buffer.byteLength(texts[0] ?? '') < 4_096, String(Buffer.byteLength(texts[0] ?? '')))
  t.match(lines()[0].path, /^\/ü{999}…\[cut\]$/)
})

t.test('what a failure is told with is searched for credentials', async (t) => {
  const { end, texts } = setUp()
  const exchange = httpExchange()
  Object.assign(exchange.account, { failure: 'backend-broken', detail: 'GET /lab?token=hunter2 was not understood' })
  end(exchange)
  t.notMatch(texts.join(''), 'hunter2')
})

t.test('an exchange is counted with its times, and with the status that its failure stands for', async (t) => {
  const { end, ended } = setUp()
  const exchange = httpExchange()
  Object.assign(exchange.account, {
    startedAt: 1,
    askedAt: 2,
    headAt: 5,
    answeredAt: 6,
    failure: 'client-gone',
    route: 'page',
  })
  end(exchange)
  end(httpExchange())
  t.match(ended[0], { route: 'page', status: 499, headMs: 3, firstByteMs: 5, failure: 'client-gone' })
  t.match(ended[1], { route: 'none', status: 0, headMs: undefined, firstByteMs: undefined, failure: undefined })
})

t.test('bytes of a WebSocket were counted as they passed, and are in its line alone', async (t) => {
  const { end, ended, lines } = setUp()
  const exchange = webSocketExchange()
  Object.assign(exchange.account, { status: 101, bytesIn: 5, bytesOut: 6 })
  end(exchange)
  t.match(ended, [{ bytesIn: 0, bytesOut: 0 }])
  t.match(lines(), [{ bytesIn: 5, bytesOut: 6 }])
})

t.test('operators are shown what failed, but not that a client went away', async (t) => {
  const { end, failed } = setUp()
  for (const failure of ['client-gone', 'no-backend'] as const) {
    const exchange = httpExchange()
    Object.assign(exchange.account, { failure, route: 'kernel', backend: 'b:1', detail: 'why' })
    end(exchange)
  }
  t.match(failed, [{ failure: 'no-backend', route: 'kernel', backend: 'b:1', detail: 'why', id: 'x-1', at: Number }])
  t.equal(failed.length, 1)
})

t.test('bytes that are no request are counted, shown and logged', async (t) => {
  const { log, books, refused, failed, lines } = setUp()
  settleMalformed(log, books, { address: '192.0.2.9', encrypted: true }, 'bad-request', 'no method')
  t.same(refused, ['bad-request'])
  t.match(failed, [{ failure: 'bad-request', client: '192.0.2.9', detail: 'no method' }])
  t.match(lines(), [{ msg: 'refused', client: '192.0.2.9', failure: 'bad-request', detail: 'no method' }])
})
