import { Readable } from 'node:stream'
import type { RequestBodySource } from '../request/exchange.ts'
import type { FailureCode } from '../request/failure.ts'

/** How much of a body waits for its reader before the client is held back. Bytes. */
const highWaterMark = 64 * 1024

/** A request's body as it comes in. */
export class RequestBody implements RequestBodySource {
  readonly length: number | undefined
  readonly stream: Readable
  cut: FailureCode | undefined
  /** Whether its reader takes more. */
  flowing = true

  constructor(length: number | undefined, owner: { onBodyWanted(): void }) {
    this.length = length
    this.stream = new Readable({
      highWaterMark,
      read: () => {
        if (this.flowing) return
        this.flowing = true
        owner.onBodyWanted()
      },
    })
  }

  /** False: no more until it is wanted. */
  push(part: Buffer): boolean {
    this.flowing = this.stream.push(part)
    return this.flowing
  }

  end(): void {
    this.stream.push(null)
  }

  /** It ends early: for a reason, or because the client is gone. */
  stop(why?: FailureCode): void {
    this.cut = why
    this.stream.destroy()
  }
}

const empty = Readable.from([])

export const noBody: RequestBodySource = { length: 0, stream: empty, cut: undefined }
