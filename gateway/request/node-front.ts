import * as http from 'node:http'
import * as https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import type { Account } from './account.ts'
import type { Admission } from './admission.ts'
import { asksForWebSocket } from './check.ts'
import { endSocket } from './end-socket.ts'
import type { Client, HttpExchange, RequestBodySource, RequestHead, WebSocketExchange } from './exchange.ts'
import { type FailureCode, failures } from './failure.ts'
import type { ExchangeHandler, Front } from './front.ts'
import { HttpAnswer, SocketAnswer, writeHead } from './node-answer.ts'

export interface NodeFrontOptions {
  /** Absent: plain HTTP. */
  readonly tls: TlsOptions | undefined
  /** Asked of each connection before anything is read from it. */
  readonly admission: Admission
  readonly onExchange: ExchangeHandler
  /** A connection whose bytes are no request: refused with this failure, and told of here. */
  readonly onMalformed: (client: Client, code: FailureCode, detail: string) => void
  readonly newAccount: () => Account
}

/** Bytes of a request's head, its target included. Longer: 431. */
const maxHeaderSize = 32 * 1024

/** A front of node:http and node:https with the strict parser. */
export function nodeFront(options: NodeFrontOptions): Front {
  const settings: https.ServerOptions = {
    maxHeaderSize,
    insecureHTTPParser: false,
    // Host is checked with our own words (check.ts); Node would answer without a body.
    requireHostHeader: false,
    // Only WebSockets leave HTTP. Another upgrade is an ordinary request whose Upgrade header goes nowhere.
    shouldUpgradeCallback: (request) => asksForWebSocket(request.rawHeaders),
    headersTimeout: 20_000,
    requestTimeout: 0, // an upload of many gigabytes takes as long as it takes
    keepAliveTimeout: 75_000,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    noDelay: true,
  }
  const server = options.tls
    ? https.createServer({ ...settings, ...options.tls })
    : http.createServer(settings as http.ServerOptions)
  const sockets = new Set<Duplex>()
  /** Connections with an answer under way, where a refusal's bytes would land in its middle. */
  const answering = new WeakMap<Duplex, number>()
  const isAnswering = (socket: Duplex) => (answering.get(socket) ?? 0) > 0

  /** The answer begun last on a connection, unless another may follow it. */
  const last = new WeakMap<Duplex, http.ServerResponse>()

  const refused = new WeakSet<Duplex>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const failure = options.admission.admit(address)
    if (failure === undefined) return void socket.once('close', () => options.admission.left(address))
    refused.add(socket)
    if (options.tls) socket.destroy()
    else writeRefusal(socket, failure)
  })

  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const { socket } = request
    // Node reads on behind a request that was refused, where its own rest may stand and look like another (RFC 9112 9.6).
    if (refused.has(socket) || last.get(socket)?.shouldKeepAlive === false) return
    last.set(socket, response)
    answering.set(socket, (answering.get(socket) ?? 0) + 1)
    response.once('close', () => {
      answering.set(socket, (answering.get(socket) ?? 1) - 1)
      if (response.shouldKeepAlive && last.get(socket) === response) last.delete(socket)
    })
    options.onExchange(httpExchange(request, response, options.newAccount()))
  }
  server.on('request', onRequest)
  // Whether to continue is the backend's to say: its 100 is passed on.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('upgrade', (request, socket, rest) => {
    // Sent before the answer to what came before it: a 101 would be taken for that answer.
    if (isAnswering(socket) || refused.has(socket)) return void socket.destroy()
    options.onExchange(webSocketExchange(request, socket, rest, options.newAccount()))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = malformation(error)
    if (error.code !== 'ECONNRESET') options.onMalformed(clientOf(socket as Socket), code, error.message)
    if (!socket.writable || isAnswering(socket) || refused.has(socket)) return void socket.destroy()
    writeRefusal(socket, code)
  })
  // A failed handshake is that client's trouble; Node has closed its socket already.
  server.on('tlsClientError', () => {})
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Duplex) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  }

  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => {
          server.off('error', reject)
          resolve(server.address() as AddressInfo)
        })
      }),
    closeIdle: () => (server as http.Server).closeIdleConnections(),
    drain: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    destroy: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** An answer to what is no exchange, and the end of its connection. */
function writeRefusal(socket: Duplex, code: FailureCode): void {
  const { status, message, retryAfter } = failures[code]
  const body = JSON.stringify({ message, reason: null })
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.length)]
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter))
  writeHead(socket, status, '', headers, true)
  socket.write(body)
  endSocket(socket)
}

function httpExchange(request: http.IncomingMessage, response: http.ServerResponse, account: Account): HttpExchange {
  return {
    kind: 'http',
    head: headOf(request),
    client: clientOf(request.socket),
    body: bodyOf(request),
    answer: new HttpAnswer(response, account),
    account,
  }
}

function webSocketExchange(
  request: http.IncomingMessage,
  socket: Duplex,
  rest: Buffer,
  account: Account,
): WebSocketExchange {
  const answer = new SocketAnswer(socket, account)
  return {
    kind: 'websocket',
    head: headOf(request),
    client: clientOf(socket as Socket),
    answer,
    account,
    accept: (reason, headers) => {
      const early = answer.release()
      account.status = 101
      // Its bytes are counted by the socket: nobody else sees them all.
      socket.once('close', () => {
        account.bytesOut = (socket as Socket).bytesWritten
      })
      writeHead(socket, 101, reason, headers, false)
      return { socket, rest: Buffer.concat([rest, early]) }
    },
    surrender: () => {
      const early = answer.release()
      account.status = 101
      return { socket, rest: Buffer.concat([rest, early]) }
    },
  }
}

function headOf(request: http.IncomingMessage): RequestHead {
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.rawHeaders,
    version: request.httpVersion,
  }
}

function clientOf(socket: Socket): Client {
  return { address: socket.remoteAddress ?? '', encrypted: 'encrypted' in socket }
}

function bodyOf(request: http.IncomingMessage): RequestBodySource {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  return { stream: request, length: coding !== undefined ? undefined : Number(length ?? 0) }
}

function malformation({ code }: NodeJS.ErrnoException): FailureCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-too-large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'head-too-slow'
  return 'bad-request'
}
