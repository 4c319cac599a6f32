import * as http from 'node:http'
import type { Duplex } from 'node:stream'
import type { Address } from '../config/config.ts'
import { hopByHop, nominatedBy } from '../http1/hop-by-hop.ts'
import { type RawHeaders, withoutHeaders } from '../http1/raw-headers.ts'
import { operatorSession, withoutOperatorSession } from '../limits/operator-cookie.ts'
import { refusal } from './answer.ts'
import type { Caller, Entry } from './entry.ts'
import { callerOf, refuse, write } from './respond.ts'

const PREFIX = '/portainer/'

/**
 * Portainer below the operators' listener, so that it needs no port of its own. It is started with `--base-url
 * /portainer`, and expects whoever stands before it to take that away again. Who comes here must have logged in at the
 * operators' page; Portainer then asks for its own password. A few operators use it: node:http carries it.
 */
export class Portainer {
  readonly #address: Address
  readonly #entry: Entry

  constructor(address: Address, entry: Entry) {
    this.#address = address
    this.#entry = entry
  }

  isFor({ url = '' }: http.IncomingMessage): boolean {
    return url.startsWith(PREFIX) || url === PREFIX.slice(0, -1)
  }

  pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const outcome = this.#entry.admit(provenBySession(callerOf(request)))
    if ('refused' in outcome) return isPage(request) ? sendTo(response, '/') : write(response, refusal(outcome))
    // Without its last slash a page's own addresses would lead elsewhere.
    if (request.url === PREFIX.slice(0, -1)) return sendTo(response, PREFIX)
    const asked = this.#ask(request, [])
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders))
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    asked.on('error', (error) => {
      if (response.headersSent) response.destroy()
      else write(response, { status: 503, body: { message: `Portainer does not answer (${error.message}).` } })
    })
    response.on('close', () => asked.destroy())
    request.pipe(asked)
  }

  /** Its consoles. */
  upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const outcome = this.#entry.admit(provenBySession(callerOf(request)))
    if ('refused' in outcome) return refuse(socket, outcome.refused)
    const asked = this.#ask(request, ['Connection', 'Upgrade', 'Upgrade', 'websocket'])
    asked.on('error', () => refuse(socket, 503))
    asked.on('response', (answer) => {
      answer.resume()
      refuse(socket, answer.statusCode ?? 502)
    })
    asked.on('upgrade', (answer, other: Duplex, rest: Buffer) => {
      const lines = pairs(endToEnd(answer.rawHeaders)).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('')}\r\n`,
      )
      if (rest.length > 0) socket.write(rest)
      if (head.length > 0) other.write(head)
      other.on('error', () => socket.destroy()).on('close', () => socket.destroy())
      socket.on('close', () => other.destroy())
      socket.pipe(other).pipe(socket)
    })
    socket.on('close', () => asked.destroy())
    asked.end()
  }

  #ask({ method, url = '', rawHeaders, socket }: http.IncomingMessage, connection: string[]): http.ClientRequest {
    const { host, port } = this.#address
    const path = url.slice(PREFIX.length - 1)
    // Host as it is: Portainer compares Origin with it.
    const headers = [...forPortainer(rawHeaders), 'X-Forwarded-For', socket.remoteAddress ?? '', ...connection]
    return http.request({ host, port, method, path, headers, setHost: false })
  }
}

/** Portainer's own pages may send an Authorization of theirs, which is no guess at our token. */
function provenBySession({ headers, address }: Caller): Caller {
  if (operatorSession(headers.cookie) === undefined) return { headers, address }
  const { authorization: _, ...others } = headers
  return { headers: others, address }
}

/** All but what is this connection's, or proves somebody to us. */
function forPortainer(headers: RawHeaders): string[] {
  const hasSession = pairs(headers).some(([name, value]) => isCookie(name) && operatorSession(value) !== undefined)
  const others = endToEnd(headers, hasSession ? isForwarded : (name) => isForwarded(name) || name === 'authorization')
  return pairs(others).flatMap(([name, value]) => {
    const shown = isCookie(name) ? withoutOperatorSession(value) : value
    return shown === undefined ? [] : [name, shown]
  })
}

function endToEnd(headers: RawHeaders, drop: (name: string) => boolean = () => false): string[] {
  const nominated = nominatedBy(headers)
  return withoutHeaders(headers, (name) => hopByHop.has(name) || nominated.has(name) || drop(name))
}

const isCookie = (name: string): boolean => name.toLowerCase() === 'cookie'
const isForwarded = (name: string): boolean => name.startsWith('x-forwarded-') || name === 'forwarded'

const pairs = (headers: RawHeaders): [name: string, value: string][] =>
  Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i] as string, headers[2 * i + 1] as string])

const isPage = ({ method, headers }: http.IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

const sendTo = (response: http.ServerResponse, location: string): void =>
  write(response, { status: 303, body: {}, headers: { Location: location } })
