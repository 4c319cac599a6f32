import type * as http from 'node:http'
import type { Duplex } from 'node:stream'
import type { Address } from '../config/config.ts'
import { minutes, seconds } from '../config/units.ts'
import { hopByHop, nominatedBy } from '../http1/hop-by-hop.ts'
import { type RawHeaders, withoutHeaders } from '../http1/raw-headers.ts'
import { operatorSessions, withoutOperatorSession } from '../limits/operator-cookie.ts'
import { createBackendClient } from '../upstream/backend-client.ts'
import type { BackendClient, BackendFailure, BackendRequest, RequestBody, ResponseHandler } from '../upstream/client.ts'
import { refusal } from './answer.ts'
import type { Admitted, Caller, Entry, Refused } from './entry.ts'
import { callerOf, isWebSocket, refuse, write } from './respond.ts'

const PREFIX = '/portainer/'

const connectTimeout = seconds(3)
/** Portainer asks Docker, and Docker its registries. */
const headTimeout = minutes(5)

/**
 * Portainer below the operators' listener, so that it needs no port of its own. It is started with `--base-url
 * /portainer`, and expects whoever stands before it to take that away again. Who comes here must have logged in at the
 * operators' page; Portainer then asks for its own password. What it says is read as strictly as a backend's answer.
 */
export class Portainer {
  readonly #client: BackendClient
  readonly #entry: Entry
  /** The operators' ends of its consoles. */
  readonly #consoles = new Set<Duplex>()

  constructor({ host, port }: Address, entry: Entry) {
    // Nothing that our handlers do may end the gateway.
    this.#client = createBackendClient({ host, port, connectTimeout, onHandlerError: () => {} })
    this.#entry = entry
  }

  isFor({ url = '' }: http.IncomingMessage): boolean {
    return url.startsWith(PREFIX) || url === PREFIX.slice(0, -1)
  }

  /** One with a body asks for no WebSocket: the body would be read as what follows the upgrade. */
  isForConsole(request: http.IncomingMessage): boolean {
    return (
      this.isFor(request) && request.method === 'GET' && bodyOf(request).kind === 'none' && isWebSocket(request.headers)
    )
  }

  pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const outcome = this.#admit(request)
    if ('refused' in outcome) return isPage(request) ? sendTo(response, '/') : write(response, refusal(outcome))
    // Without its last slash a page's own addresses would lead elsewhere.
    if (request.url === PREFIX.slice(0, -1)) return sendTo(response, PREFIX)
    const fail = ({ message }: Error) => {
      if (response.headersSent) response.destroy()
      else write(response, { status: 503, body: { message: `Portainer does not answer (${message}).` } })
    }
    const dispatch = this.#client.dispatch(
      { ...asked(request), body: bodyOf(request), headTimeout },
      {
        ...nothing,
        onHead: ({ status, reason, headers }) => response.writeHead(status, reason, endToEnd(headers)),
        onBody: (chunk) => response.write(chunk),
        onEnd: () => response.end(),
        onFailure: fail,
      },
    )
    response.on('drain', () => dispatch.resume()).on('close', () => dispatch.abort())
  }

  upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const outcome = this.#admit(request)
    if ('refused' in outcome) return refuse(socket, outcome.refused)
    // Without a key no 101 could be believed.
    if (request.headers['sec-websocket-key'] === undefined) return refuse(socket, 400)
    const dispatch = this.#client.dispatch(
      { ...asked(request), body: { kind: 'none' }, upgrade: 'websocket', headTimeout },
      {
        ...nothing,
        onHead: ({ status }) => refuse(socket, status),
        onFailure: () => refuse(socket, 503),
        onUpgrade: (answer, other, rest) => {
          socket.write(`HTTP/1.1 101 Switching Protocols\r\n${upgradeLines(answer.headers)}\r\n`)
          socket.write(rest)
          other.write(head)
          this.#join(socket, other, outcome)
        },
      },
    )
    socket.on('close', () => dispatch.abort())
  }

  /** Whoever is in must log in again: a console is a shell on one of the machines. */
  sendAway(): void {
    for (const socket of this.#consoles) socket.destroy()
  }

  close(): void {
    this.sendAway()
    this.#client.close()
  }

  #admit(request: http.IncomingMessage): Admitted | Refused {
    if (!this.#entry.isGuarded) return closed
    return this.#entry.admit(provenBySession(callerOf(request)))
  }

  #join(socket: Duplex, other: Duplex, { until }: Admitted): void {
    this.#consoles.add(socket)
    const sessionEnds = Number.isFinite(until)
      ? setTimeout(() => socket.destroy(), until - Date.now()).unref()
      : undefined
    other.on('error', () => other.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(sessionEnds)
      this.#consoles.delete(socket)
      other.destroy()
    })
    socket.pipe(other).pipe(socket)
  }
}

/** The rules say so, too; but it is root on all machines. */
const closed: Refused = { refused: 403, message: 'Portainer is open to those alone who have an admin token.' }

const nothing: ResponseHandler = {
  onInformation: () => {},
  onHead: () => {},
  onBody: () => true,
  onEnd: () => {},
  onUpgrade: (_, socket) => socket.destroy(),
  onFailure: (_: BackendFailure) => {},
}

/** The request as Portainer shall hear it. */
function asked({
  method = '',
  url = '',
  rawHeaders,
  socket,
}: http.IncomingMessage): Pick<BackendRequest, 'method' | 'target' | 'headers'> {
  // Host as it is: Portainer compares Origin with it.
  const headers = [...forPortainer(rawHeaders), 'X-Forwarded-For', socket.remoteAddress ?? '']
  return { method, target: url.slice(PREFIX.length - 1), headers }
}

/** Its framing is made anew. */
function bodyOf(request: http.IncomingMessage): RequestBody {
  const { 'transfer-encoding': coding, 'content-length': length = '0' } = request.headers
  if (coding === undefined && Number(length) === 0) return { kind: 'none' }
  return { kind: 'stream', source: request, length: coding === undefined ? Number(length) : undefined }
}

/** Portainer's own pages may send an Authorization of theirs, which is no guess at our token. */
function provenBySession({ headers, address }: Caller): Caller {
  if (operatorSessions(headers.cookie).length === 0) return { headers, address }
  const { authorization: _, ...others } = headers
  return { headers: others, address }
}

/** All but what is this connection's, or proves somebody to us. */
function forPortainer(headers: RawHeaders): string[] {
  const hasSession = pairs(headers).some(([name, value]) => isCookie(name) && operatorSessions(value).length > 0)
  const drop = (name: string) =>
    name === 'content-length' || isForwarded(name) || (name === 'authorization' && !hasSession)
  return pairs(endToEnd(headers, drop)).flatMap(([name, value]) => {
    const shown = isCookie(name) ? withoutOperatorSession(value) : value
    return shown === undefined ? [] : [name, shown]
  })
}

function endToEnd(headers: RawHeaders, drop: (name: string) => boolean = () => false): string[] {
  const nominated = nominatedBy(headers)
  return withoutHeaders(headers, (name) => hopByHop.has(name) || nominated.has(name) || drop(name))
}

function upgradeLines(headers: RawHeaders): string {
  const shown = [
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
    ...endToEnd(headers, (name) => name === 'content-length'),
  ]
  return pairs(shown).reduce((lines, [name, value]) => `${lines}${name}: ${value}\r\n`, '')
}

const isCookie = (name: string): boolean => name.toLowerCase() === 'cookie'
const isForwarded = (name: string): boolean => name.startsWith('x-forwarded-') || name === 'forwarded'

const pairs = (headers: RawHeaders): [name: string, value: string][] =>
  Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i] as string, headers[2 * i + 1] as string])

const isPage = ({ method, headers }: http.IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

const sendTo = (response: http.ServerResponse, location: string): void =>
  write(response, { status: 303, body: {}, headers: { Location: location } })
