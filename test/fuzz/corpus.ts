/** Where the kernel's id is to be put: it is not known before the gateway runs. */
export const kernelMark = 'KERNEL'

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`

/** Valid exchanges, from which the cases are made. */
export const requestSeeds: readonly string[] = [
  lines('GET /files/a HTTP/1.1', 'Host: jupyter', 'Accept: */*'),
  lines('HEAD /files/b?c=d HTTP/1.1', 'Host: jupyter:8888'),
  `${lines('PUT /api/contents/a HTTP/1.1', 'Host: jupyter', 'Content-Type: text/plain', 'Content-Length: 11')}hello world`,
  `${lines('POST /ext/a HTTP/1.1', 'Host: jupyter', 'Transfer-Encoding: chunked')}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
  `${lines('PUT /api/contents/b HTTP/1.1', 'Host: jupyter', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}a;b=c\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n`,
  `${lines('DELETE /api/contents/d HTTP/1.1', 'Host: jupyter', 'Transfer-Encoding: chunked')}2c\r\nGET /files/hidden HTTP/1.1\r\nHost: hidden\r\n\r\n\r\n0\r\n\r\n`,
  `${lines('GET /files/i HTTP/1.1', 'Host: jupyter', 'Content-Length: 44')}GET /files/hidden HTTP/1.1\r\nHost: hidden\r\n\r\n`,
  `${lines('PUT /api/contents/c HTTP/1.1', 'Host: jupyter', 'Expect: 100-continue', 'Content-Length: 2')}{}`,
  lines('DELETE /api/contents/a HTTP/1.1', 'Host: jupyter', 'Content-Length: 0'),
  lines('GET /files/c HTTP/1.0', 'Host: jupyter', 'Connection: keep-alive'),
  lines('GET /files/d HTTP/1.0'),
  `${lines('POST /files/e HTTP/1.0', 'Content-Length: 3')}abc`,
  lines('GET http://jupyter/files/f HTTP/1.1', 'Host: jupyter'),
  lines('OPTIONS /files/g HTTP/1.1', 'Host: jupyter', 'Origin: https://jupyter', 'Connection: close'),
  lines('GET /files/h HTTP/1.1', 'Host: jupyter', 'Connection: X-Hop, keep-alive', 'X-Hop: a', 'TE: trailers'),
  `${lines(
    `GET /api/kernels/${kernelMark}/channels HTTP/1.1`,
    'Host: jupyter',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  )}\x82\x05frame`,
]

export const answerSeeds: readonly string[] = [
  `${lines('HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: 5')}lie-1`,
  `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3\r\nlie\r\n2;a=b\r\n-2\r\n0\r\nX-Trailer: a\r\n\r\n`,
  `${lines('HTTP/1.1 200 OK', 'Content-Length: 62')}HTTP/1.1 200 OK\r\nX-Heard: id-0.\r\nContent-Length: 4\r\n\r\nevil`,
  `${lines('HTTP/1.1 403 Forbidden', 'Transfer-Encoding: chunked')}5\r\nlie-7\r\n0\r\n\r\n`,
  `${lines('HTTP/1.1 200 OK', 'Connection: close')}lie-3`,
  lines('HTTP/1.1 204 No Content'),
  lines('HTTP/1.1 304 Not Modified', 'Etag: "a"', 'Content-Length: 5'),
  `${lines('HTTP/1.1 103 Early Hints', 'Link: </a>')}${lines('HTTP/1.1 200 OK', 'Content-Length: 5')}lie-4`,
  `${lines('HTTP/1.1 100 Continue')}${lines('HTTP/1.1 404 Not Found', 'Content-Length: 5')}lie-5`,
  `${lines('HTTP/1.0 200 OK', 'Content-Length: 5')}lie-6`,
  `${lines('HTTP/1.1 302 Found', 'Location: /a', 'Set-Cookie: a=b', 'Set-Cookie: c=d', 'Content-Length: 0')}`,
  lines(
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ),
]
