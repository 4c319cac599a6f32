import { type AddressInfo, createServer } from 'node:net'

/**
 * A Jupyter server that costs next to nothing: it has nothing, and answers everything else with one small model. Bare
 * sockets, and heads searched for their end alone. Prints its port.
 */
const answer = (body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nServer: TornadoServer/6.5\r\nContent-Type: application/json; charset=UTF-8\r\n` +
      `Date: Mon, 23 Nov 2026 12:00:00 GMT\r\nEtag: "5c1a"\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )

const list = answer('[]')
const model = answer(
  JSON.stringify({ identity: { username: 'a', name: 'A' }, permissions: {}, padding: 'x'.repeat(80) }),
)

const server = createServer({ noDelay: true }, (socket) => {
  let head = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('data', (text: string) => {
    head += text
    for (let end = head.indexOf('\r\n\r\n'); end !== -1; end = head.indexOf('\r\n\r\n')) {
      socket.write(/^GET \/api\/(?:kernels|sessions|terminals)[? ]/.test(head) ? list : model)
      head = head.slice(end + 4)
    }
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
