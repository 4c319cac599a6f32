import { framingFields } from '../http1/framing-fields.ts'
import { Malformed } from '../http1/malformed.ts'
import type { BodyForm } from '../http1/message-reader.ts'
import type { RawHeaders } from '../http1/raw-headers.ts'
import type { StatusLine } from './status-line.ts'

/** How the end of a response is found, and whether another may follow on its connection (RFC 9112 section 6.3). */
export interface Framing {
  readonly body: BodyForm
  /** Bytes; undefined if only the end will tell. */
  readonly length: number | undefined
  readonly persistent: boolean
}

export function framingOf({ status, minorVersion }: StatusLine, headers: RawHeaders, method: string): Framing {
  const { chunked, length, persistent } = framingFields(minorVersion, headers)
  const announcesBody = chunked || (length ?? 0) > 0
  if (status < 200) {
    if (announcesBody) throw new Malformed('an interim response announces a body')
    return { body: status === 101 ? 'none' : 'interim', length: 0, persistent }
  }
  // A backend that tells a length here may, by mistake, also send it: those bytes would be read as the next response.
  if (status === 204 || status === 304 || method === 'HEAD') {
    return { body: 'none', length: 0, persistent: persistent && !announcesBody }
  }
  if (chunked) return { body: 'chunked', length: undefined, persistent }
  if (length === undefined) return { body: 'to-close', length: undefined, persistent: false }
  return { body: length === 0 ? 'none' : 'sized', length, persistent }
}
