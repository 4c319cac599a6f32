import type { LengthOf } from './asker.ts'

/** Of an answer with a Content-Length, and of no other: what has its end elsewhere costs a proxy something else. */
export function contentLength(status: number): LengthOf {
  return (beginning) => {
    const headEnd = beginning.indexOf('\r\n\r\n')
    if (headEnd === -1) return undefined
    const head = beginning.toString('latin1', 0, headEnd)
    if (!head.startsWith(`HTTP/1.1 ${status} `))
      throw new Error(`not the answer that was expected: ${head.slice(0, 200)}`)
    const length = /^content-length: *(\d+)$/im.exec(head)?.[1]
    if (length === undefined) throw new Error(`an answer without Content-Length: ${head}`)
    return headEnd + 4 + Number(length)
  }
}

/** Of a WebSocket's frame from the server (RFC 6455 5.2), which is not masked and carries so many bytes. */
export function frame(payload: number): LengthOf {
  const length = payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10)
  return (beginning) => {
    if (beginning[0] !== 0x82) throw new Error('not the frame that was expected')
    return length
  }
}
