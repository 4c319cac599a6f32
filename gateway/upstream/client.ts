import type { Duplex, Readable } from 'node:stream'
import type { RawHeaders } from '../http1/raw-headers.ts'

/** One request to a backend, its headers finished but for framing, which the client adds from `body`. */
export interface BackendRequest {
  readonly method: string
  /** Origin-form, byte for byte as it shall be sent. */
  readonly target: string
  /** Without Connection, Content-Length, Transfer-Encoding; for an upgrade the client adds Connection and Upgrade. */
  readonly headers: RawHeaders
  readonly body: RequestBody
  /** 'websocket' asks for a connection of its own that becomes a tunnel after a valid 101. */
  readonly upgrade?: 'websocket'
  /** Milliseconds from the request's last byte to the response head; beyond: failure 'backend-slow'. */
  readonly headTimeout: number
}

export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** Read with back-pressure. Without a length it is sent chunked. A source shorter or longer than `length` fails. */
  | {
      readonly kind: 'stream'
      readonly source: Readable
      readonly length: number | undefined
      /** Bytes; beyond: failure 'body-too-large'. */
      readonly most?: number | undefined
      /** Nobody but us looks at what comes from the source, so that its room may be freed when it is sent. */
      readonly isPassedOn?: boolean
    }

export interface ResponseHead {
  readonly status: number
  readonly reason: string
  /** All headers as received; framing is already understood. */
  readonly headers: RawHeaders
  /** What the framing says of the body's length: bytes, or undefined if only its end will tell. */
  readonly length: number | undefined
}

/** Who listens to one response. Exactly one of onEnd, onUpgrade and onFailure comes, and it comes last. */
export interface ResponseHandler {
  /** A 1xx other than 101; any number up to the client's bound. */
  onInformation(head: ResponseHead): void
  onHead(head: ResponseHead): void
  /** A part of the body, the handler's to keep. False: read no further until `resume()`. */
  onBody(chunk: Buffer): boolean
  onEnd(trailers: RawHeaders): void
  /** A valid 101 to an upgrade: the socket is the handler's now, paused, `rest` are its first bytes. */
  onUpgrade(head: ResponseHead, socket: Duplex, rest: Buffer): void
  onFailure(failure: BackendFailure): void
}

/** A request under way. */
export interface Dispatch {
  /** Read on after onBody returned false. */
  resume(): void
  /** Give up: the connection is destroyed, no callback comes any more. Harmless when all is over. */
  abort(): void
}

export type BackendFailureCode =
  | 'backend-refused' // no connection: refused, unreachable, connect time-out. Nothing was sent
  | 'backend-reset' // the connection ended before the response head
  | 'backend-cut' // the connection ended inside the response body
  | 'backend-slow' // no response head in time
  | 'backend-broken' // the response can be read in two ways or in none
  | 'body-too-large' // the request's body became longer than it may be: the client's doing
  | 'request-cut' // the request's body ended early or its source failed: the client's doing

export class BackendFailure extends Error {
  readonly code: BackendFailureCode
  /** True when not one byte of the request can have been acted on. */
  readonly nothingSent: boolean

  constructor(code: BackendFailureCode, detail: string, nothingSent: boolean) {
    super(detail)
    this.name = 'BackendFailure'
    this.code = code
    this.nothingSent = nothingSent
  }
}

/** Our client to one backend. */
export interface BackendClient {
  dispatch(request: BackendRequest, handler: ResponseHandler): Dispatch
  /** Destroys idle connections; those in use end with their exchange. */
  close(): void
}
