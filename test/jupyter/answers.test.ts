import t from 'tap'
import { mapHeader, withJson } from '../../gateway/jupyter/answers.ts'

const answer = {
  status: 201,
  reason: 'Created',
  headers: [
    ...['Server', 'TornadoServer/6.5', 'Content-Type', 'text/plain', 'Content-Length', '3', 'ETag', '"x"'],
    ...[
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'Content-Encoding',
      'gzip',
      'Content-Security-Policy',
      'frame-ancestors',
    ],
    ...['Transfer-Encoding', 'chunked', 'Last-Modified', 'yesterday', 'LOCATION', '/api/x/1'],
  ],
  body: Buffer.from('old'),
}

t.test('a new body takes away what described the old one and nothing else', async (t) => {
  const changed = withJson(answer, { ok: true })
  t.equal(changed.body.toString(), '{"ok":true}')
  t.equal(changed.status, 201)
  t.strictSame(changed.headers, [
    ...['Server', 'TornadoServer/6.5', 'Set-Cookie', 'a=1', 'set-cookie', 'b=2'],
    ...['Content-Security-Policy', 'frame-ancestors', 'LOCATION', '/api/x/1', 'Content-Type', 'application/json'],
  ])
  t.equal(answer.body.toString(), 'old')
})

t.test('status and reason can be changed with the body', async (t) => {
  t.match(withJson(answer, [], { status: 200, reason: 'OK' }), { status: 200, reason: 'OK' })
})

t.test(
  'a header’s value is changed where it stands, whatever its case, and no value that looks like its name',
  async (t) => {
    const odd = { ...answer, headers: ['X', 'location', 'Location', '/1', 'Y', '/1'] }
    t.strictSame(mapHeader(odd, 'location', (value) => `${value}!`).headers, [
      'X',
      'location',
      'Location',
      '/1!',
      'Y',
      '/1',
    ])
  },
)
