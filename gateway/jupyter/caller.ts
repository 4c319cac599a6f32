import type { RawHeaders } from '../http1/raw-headers.ts'
import type { Backend } from '../pool/backend.ts'

/** A client's request whose body had to be read. Its headers are those that a backend shall see. */
export interface Caller {
  readonly method: string
  readonly headers: RawHeaders
  /** As it came, with its question mark, or empty: it may carry the client's token. */
  readonly query: string
  readonly body: Buffer | undefined
  /** Told of each backend that is asked in this caller's name. */
  readonly onAsked?: (backend: Backend) => void
}
