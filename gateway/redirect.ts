import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address } from './config/config.ts'
import { header } from './http1/raw-headers.ts'
import { HostList } from './limits/host-list.ts'
import type { Log } from './observe/log.ts'
import { checkHead } from './request/check.ts'
import type { RequestHead } from './request/exchange.ts'
import { type FailureCode, failures } from './request/failure.ts'
import { parseTarget } from './request/target.ts'

export interface RedirectOptions {
  /** Of --listen, as browsers must name it. */
  readonly publicPort: number
  /** Of --allow-host. */
  readonly hosts: readonly string[]
  readonly log: Log
}

export interface Redirect {
  /** Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(address: Address): Promise<AddressInfo>
  close(): void
}

/** What a challenge of the ACME protocol is asked for by. It is another program's: HTTPS has no answer to it either. */
const challenges = '/.well-known/acme-challenge/'

/** Where a request shall be sent again, or why it is not. */
export function redirection(
  head: RequestHead,
  { publicPort, hosts }: { publicPort: number; hosts: HostList },
): { readonly location: string } | { readonly failure: FailureCode } | { readonly failure: undefined } {
  const target = parseTarget(head.target)
  if (!target) return { failure: 'bad-target' }
  const failure = checkHead(head, target)
  if (failure) return { failure }
  const host = header(head.headers, 'host')
  if (host === undefined) return { failure: 'bad-host' } // HTTP/1.0 may leave it out, and then we know no name
  if (!hosts.allows(host)) return { failure: 'misdirected' }
  if (`${target.normalPath}/`.startsWith(challenges)) return { failure: undefined }
  const name = host.replace(/:\d+$/, '')
  return { location: `https://${name}${publicPort === 443 ? '' : `:${publicPort}`}${target.raw}` }
}

/** A listener without TLS that says to every request where HTTPS is, and ends each connection with that. */
export function createRedirect({ publicPort, hosts, log }: RedirectOptions): Redirect {
  const known = { publicPort, hosts: new HostList(hosts) }
  const server = http.createServer({
    insecureHTTPParser: false,
    requireHostHeader: false, // checked here, and answered with a body
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 2_000,
  })
  // Nothing here is worth more of them, and each lives for one answer.
  server.maxConnections = 1_000
  server.timeout = 10_000
  server.on('error', () => {}) // of an accept: it costs that connection, and unheard the gateway
  const answer = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { method = '', url: target = '', rawHeaders: headers, httpVersion: version } = request
    const outcome = redirection({ method, target, headers, version }, known)
    if ('location' in outcome) return end(response, 308, `${outcome.location}\n`, { Location: outcome.location })
    if (outcome.failure === undefined) return end(response, 404, 'There are no challenges here.\n')
    log.info({ client: request.socket.remoteAddress, failure: outcome.failure }, 'refused')
    const { status, message } = failures[outcome.failure]
    return end(response, status, `${message}\n`)
  }
  // Nobody waits for what an upload would have to be sent again for.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, answer)
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    else socket.destroy()
  })
  return {
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
      }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function end(response: http.ServerResponse, status: number, text: string, headers: http.OutgoingHttpHeaders = {}) {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}
