import type { Duplex, Readable } from 'node:stream'
import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Account } from './account.ts'
import type { FailureCode } from './failure.ts'

/** One client request and its answer, whatever front took it in. */
export type Exchange = HttpExchange | WebSocketExchange

interface Common {
  readonly head: RequestHead
  /** The peer; behind a trusted proxy, from the beginning of handle.ts on, who that speaks for. */
  client: Client
  readonly answer: AnswerWriter
  readonly account: Account
}

export interface HttpExchange extends Common {
  readonly kind: 'http'
  readonly body: RequestBodySource
}

export interface WebSocketExchange extends Common {
  readonly kind: 'websocket'
  /** Sends the backend's 101 to the client; the connection is the caller's from then on. `rest`: bytes already read. */
  accept(reason: string, headers: RawHeaders): { socket: Duplex; rest: Buffer }
  /** Gives the connection, its handshake unanswered, to somebody who speaks WebSocket himself. */
  surrender(): { socket: Duplex; rest: Buffer }
}

export interface RequestHead {
  readonly method: string
  /** As it came, byte for byte. */
  readonly target: string
  readonly headers: RawHeaders
  /** Of HTTP, as written: 1.1. */
  readonly version: string
}

export interface Client {
  readonly address: string
  readonly encrypted: boolean
  /** The trusted proxies that it came through, the nearest last. */
  readonly via?: readonly string[]
  /** Of a connection with TLS: what was agreed on. */
  readonly tls?: TlsSession | undefined
}

export interface TlsSession {
  /** As OpenSSL spells it: TLSv1.3. */
  readonly version: string
  /** Whether it goes on from an earlier connection's session. */
  readonly resumed: boolean
}

export interface RequestBodySource {
  /** Bytes, undefined if only the end will tell, 0 if there is no body. */
  readonly length: number | undefined
  readonly stream: Readable
  /** Why it was ended early, where it was not the client's leaving. */
  readonly cut?: FailureCode | undefined
}

export function hasBody(exchange: Exchange): boolean {
  return exchange.kind === 'http' && exchange.body.length !== 0
}

/** Writes one answer to the client. Calls after the client is gone do nothing. */
export interface AnswerWriter {
  /** Whether the head has been written: the status can be changed no more. */
  readonly started: boolean
  /** Whether the client went away before the answer was complete. */
  readonly gone: boolean
  /** A 1xx other than 101. */
  inform(status: number, headers: RawHeaders): void
  /** `close`: the connection ends with this answer. So it does where the request is not whole yet. */
  head(status: number, reason: string, headers: RawHeaders, options?: { close?: boolean }): void
  /**
   * False: wait for `onDrain` before the next part. `isPassedOn`: whoever writes looks at the bytes no more, and nobody
   * else does, so that their room may be used again.
   */
  write(chunk: Buffer, isPassedOn?: boolean): boolean
  /** Called each time that writing may go on. One listener. */
  onDrain(listener: () => void): void
  end(trailers: RawHeaders): void
  /** Ends the connection so that the client sees an unfinished answer. */
  abort(): void
  /** Called when the client goes away before the answer is complete. One listener. */
  onGone(listener: () => void): void
}
