import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls'
import type { Address } from '../config/config.ts'
import { endSocket } from '../request/end-socket.ts'
import type { TlsSession } from '../request/exchange.ts'
import type { FailureCode } from '../request/failure.ts'
import { ClientConnection } from './client-connection.ts'
import { ProxyDoor } from './proxy-door.ts'
import type { FrontTimes, Reception } from './reception.ts'
import { refusal } from './refusal.ts'
import type { RequestLimits } from './request-reader.ts'
import { type Clock, realClock, Sweep } from './sweep.ts'

/** What takes clients' connections in and makes exchanges of them. */
export interface Front {
  /** Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(address: Address): Promise<AddressInfo>
  /** Connections from now on get this certificate and its ticket keys; those that are open keep theirs. */
  renew(tls: TlsOptions): void
  /** How long clients may take, from their next step on. */
  retime(times: FrontTimes): void
  /** Ends the connections that have no exchange under way, to have their memory back. */
  closeIdle(): void
  /** No new connections; those that are idle end now, the others with their exchange. Resolves when all have ended. */
  drain(): Promise<void>
  /** Ends every connection at once. */
  destroy(): void
}

/** Asked of each connection before anything is read from it. */
export interface Admitter {
  /** Counts the connection, or gives the failure that it is to be refused with. */
  admit(address: string): FailureCode | undefined
  /** Of every connection that was admitted, once, with the same address. */
  left(address: string): void
}

/** Told of what happens on the connections, for those who count. */
export interface FrontListener {
  connectionOpened(): void
  connectionClosed(bytes: { readonly read: number; readonly written: number }): void
  handshakeDone(resumed: boolean): void
  handshakeFailed(code: string): void
}

export interface FrontOptions extends Omit<Reception, 'sweep' | 'connections' | 'limits'> {
  /** Absent: plain HTTP. */
  readonly tls: TlsOptions | undefined
  readonly admission?: Admitter
  /** Peers that must say for whom they speak, before anything else (PROXY protocol, version 1 or 2). */
  readonly proxyFrom?: ((peer: string) => boolean) | undefined
  readonly limits?: Partial<RequestLimits>
  readonly clock?: Clock
  readonly listener?: FrontListener
}

const usualLimits: RequestLimits = { headBytes: 32 * 1024, fields: 100, targetBytes: 8 * 1024 }

const handshakeTimeout = 10_000

/**
 * Keep-alive probes: a machine that lost its power says nothing, and a tunnel to it would stay for ever. Half-open: what
 * a client's end means is said in client-connection.ts.
 */
const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }

/** A front of bare sockets. */
export function createFront(options: FrontOptions): Front {
  return new SocketFront(options)
}

class SocketFront implements Front {
  readonly #server: Server
  readonly #tls: TlsServer | undefined
  readonly #reception: Reception
  readonly #admission: Admitter | undefined
  readonly #listener: FrontListener | undefined
  readonly #proxyFrom: FrontOptions['proxyFrom']
  readonly #sockets = new Set<Socket>()
  /** Of connections with TLS, whose sockets are made by Node around ours: what is below, by the way they came. */
  readonly #below = new Map<string, { readonly socket: Socket; readonly address: string }>()
  #draining = false

  constructor({ tls, admission, proxyFrom, limits, clock = realClock, listener, ...reception }: FrontOptions) {
    this.#admission = admission
    this.#proxyFrom = proxyFrom
    this.#listener = listener
    this.#reception = {
      ...reception,
      limits: { ...usualLimits, ...limits },
      sweep: new Sweep(clock),
      connections: new Set(),
    }
    this.#server = createServer(socketOptions, this.#onAccepted)
    this.#server.on('error', () => {}) // of an accept: it costs that connection, and unheard the gateway
    this.#tls = tls && this.#tlsServer(tls)
  }

  listen({ host, port }: Address): Promise<AddressInfo> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        resolve(server.address() as AddressInfo)
      })
    })
  }

  renew(tls: TlsOptions): void {
    this.#tls?.setSecureContext(tls)
  }

  retime(times: FrontTimes): void {
    this.#reception.times = times
  }

  closeIdle(): void {
    for (const connection of this.#reception.connections) connection.endIfIdle()
  }

  drain(): Promise<void> {
    this.#draining = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const connection of this.#reception.connections) connection.drain()
    return closed
  }

  destroy(): void {
    this.#draining = true
    this.#server.close()
    this.#reception.sweep.stop()
    for (const socket of this.#sockets) socket.destroy()
  }

  #tlsServer(tls: TlsOptions): TlsServer {
    const settings = { ALPNProtocols: ['http/1.1'], handshakeTimeout, ...tls, allowHalfOpen: true }
    const server = createTlsServer(settings, this.#onSecured)
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      socket.destroy() // of one that takes too long Node only says so
      this.#listener?.handshakeFailed(error.code ?? '')
    })
    return server
  }

  #onAccepted = (socket: Socket): void => {
    this.#sockets.add(socket)
    this.#listener?.connectionOpened()
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#listener?.connectionClosed({ read: socket.bytesRead, written: socket.bytesWritten })
    })
    const peer = socket.remoteAddress ?? ''
    if (!this.#proxyFrom?.(peer)) return this.#admit(socket, peer)
    const { sweep, times, onMalformed } = this.#reception
    const onRead = (address = peer) => this.#admit(socket, address)
    const detail = 'a trusted proxy did not say whom it speaks for (PROXY protocol)'
    const onWrong = () => onMalformed({ address: peer, encrypted: false }, 'bad-request', detail)
    new ProxyDoor({ socket, sweep, patience: times.head, onRead, onWrong })
  }

  #admit(socket: Socket, address: string): void {
    const failure = this.#admission?.admit(address)
    if (failure !== undefined) return this.#turnAway(socket, failure)
    if (this.#admission) socket.on('close', () => this.#admission?.left(address))
    if (!this.#tls) return this.#open(socket, socket, address, undefined)
    const way = wayOf(socket)
    this.#below.set(way, { socket, address })
    socket.on('close', () => this.#below.delete(way))
    this.#tls.emit('connection', socket)
  }

  /** Before a handshake nothing can be said, and a handshake is what costs. */
  #turnAway(socket: Socket, failure: FailureCode): void {
    socket.on('error', () => {}) // 'close' follows
    if (this.#tls) return void socket.destroy()
    socket.write(refusal(failure))
    endSocket(socket)
  }

  #onSecured = (socket: TLSSocket): void => {
    const resumed = socket.isSessionReused()
    this.#listener?.handshakeDone(resumed)
    const tls = { version: socket.getProtocol() ?? '', resumed }
    const { socket: bare = socket, address = '' } = this.#below.get(wayOf(socket)) ?? {}
    this.#open(socket, bare, address, tls)
  }

  #open(socket: Socket, bare: Socket, address: string, tls: TlsSession | undefined): void {
    const client = { address, encrypted: tls !== undefined, tls }
    const connection = new ClientConnection(socket, client, this.#reception, bare)
    if (this.#draining) connection.drain()
  }
}

/** Names a connection while it lasts. */
function wayOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
