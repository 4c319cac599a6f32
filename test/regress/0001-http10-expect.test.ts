import { text } from 'node:stream/consumers'
import t from 'tap'
import { request, startFront } from '../front/support.ts'

// A client that waits to be told to continue was given all the time, because it is the backend that must speak. To a
// client of HTTP/1.0 nobody says 100, so one that named the expectation and sent no body kept its connection, its
// exchange and a connection to the backend for ever. RFC 9110 10.1.1: in HTTP/1.0 the expectation is ignored.
t.test('an expectation in HTTP/1.0 gives nobody more time for his body', async (t) => {
  const front = await startFront(t)
  const client = front.connect()
  client.write(request('PUT', '/', 'Content-Length: 4', 'Expect: 100-continue').replace('HTTP/1.1', 'HTTP/1.0'))
  const { body } = await front.nextHttp()
  const reading = text(body.stream)
  front.clock.pass(62_000)
  await t.rejects(reading)
  t.equal(body.cut, 'body-too-slow')
})
