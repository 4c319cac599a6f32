import { readFileSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import httpProxy from 'http-proxy'

/**
 * What its documentation shows of http-proxy, with the keep-alive agent that it advises, and backends in turns.
 *
 *     node bench/peers/http-proxy.ts PORT BACKEND-PORT,… [FOLDER OF CERTIFICATE]
 */
const [port, ports = '', folder] = process.argv.slice(2)
const targets = ports.split(',').map((each) => `http://127.0.0.1:${each}`)
let turn = 0
const next = (): string => targets[turn++ % targets.length] as string

const proxy = httpProxy.createProxyServer({
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 64 }),
  xfwd: true,
})
proxy.on('error', (_error, _request, answer) => void answer.destroy())

const serve: http.RequestListener = (request, response) => proxy.web(request, response, { target: next() })
const server = folder
  ? https.createServer({ cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) }, serve)
  : http.createServer(serve)
server.keepAliveTimeout = 75_000
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  proxy.ws(request, socket as Socket, head, { target: next() })
})
server.listen(Number(port), '127.0.0.1')
