import type { RawHeaders } from '../http1/raw-headers.ts'
import type { ResponseHead } from './client.ts'

/** Who is told of one response, in this order. */
export interface ResponseListener {
  onInformation(head: ResponseHead): void
  onHead(head: ResponseHead): void
  /** A view of the bytes given to `read`. False: the reader takes no more until `read` is called again. */
  onBody(part: Buffer): boolean
  onEnd(trailers: RawHeaders): void
  /** A 101 that was asked for; `rest` are the bytes behind it, no longer HTTP. */
  onSwitch(head: ResponseHead, rest: Buffer): void
}
