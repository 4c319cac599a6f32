import t from 'tap'
import { failures } from '../../gateway/request/failure.ts'
import { refusalBody } from '../../gateway/request/pages.ts'
import { refuse } from '../../gateway/request/refuse.ts'
import { httpExchange } from '../fakes/fake-exchange.ts'

const browser = ['Host', 'a', 'Accept', 'text/html,application/xhtml+xml,*/*;q=0.8']

t.test('a browser that waits for a server gets a page that tries again by itself', async (t) => {
  const { type, text } = refusalBody(failures['no-backend'], undefined, browser)
  t.equal(type, 'text/html; charset=utf-8')
  t.match(text, '<meta http-equiv="refresh" content="2">')
  t.match(text, failures['no-backend'].message)
  t.notMatch(text, /https?:\/\/|<script/)
})

t.test('a page of a mistake does not', async (t) => {
  const { text } = refusalBody(failures['bad-target'], undefined, browser)
  t.notMatch(text, 'http-equiv')
  t.match(text, failures['bad-target'].message)
})

t.test('a program gets JSON as Jupyter writes it', async (t) => {
  for (const headers of [[], ['Accept', '*/*'], ['Accept', 'application/json']]) {
    const { type, text } = refusalBody(failures['no-backend'], undefined, headers)
    t.equal(type, 'application/json')
    t.strictSame(JSON.parse(text), { message: failures['no-backend'].message, reason: null })
  }
})

t.test('what is said stands in the page as text', async (t) => {
  const { text } = refusalBody(failures['route-refused'], `<script>alert("1")</script> & 'more'`, browser)
  t.notMatch(text, '<script>')
  t.match(text, '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38;')
})

t.test('a refusal has its status, its length, and when to come back', async (t) => {
  const exchange = httpExchange()
  refuse(exchange, 'no-backend')
  const { answer, account } = exchange
  t.equal(answer.status, 503)
  t.equal(answer.header('retry-after'), '2')
  t.equal(answer.header('cache-control'), 'no-store')
  t.equal(answer.header('content-length'), String(Buffer.byteLength(answer.text)))
  t.equal(account.failure, 'no-backend')
  t.equal(answer.closes, false, 'the client may ask again on this connection')
  t.ok(answer.ended)
})

t.test('after a mistake of the client the connection ends', async (t) => {
  const mistake = httpExchange()
  refuse(mistake, 'bad-host')
  t.equal(mistake.answer.closes, true)
})

t.test('HEAD hears the length and no body', async (t) => {
  const { answer, ...rest } = httpExchange({ method: 'HEAD' })
  refuse({ answer, ...rest }, 'no-backend')
  t.equal(answer.text, '')
  t.ok(Number(answer.header('content-length')) > 0)
})

t.test('an answer that has begun is cut off, so that nobody takes it for whole', async (t) => {
  const exchange = httpExchange()
  exchange.answer.head(200, '', [])
  refuse(exchange, 'backend-cut')
  t.equal(exchange.answer.aborted, true)
  t.equal(exchange.answer.ended, false)
  t.equal(exchange.answer.status, 200)
})
