import { STATUS_CODES } from 'node:http'
import { header, type RawHeaders } from '../http1/raw-headers.ts'

/** How the client finds the end of an answer. */
export type AnswerForm = 'none' | 'sized' | 'chunked' | 'to-close'

export interface AnswerHead {
  readonly text: string
  readonly form: AnswerForm
  /** Bytes of a sized body. */
  readonly length: number
  /** Whether the client may send another request behind this answer. */
  readonly persistent: boolean
}

export interface Asked {
  readonly method: string
  readonly minorVersion: 0 | 1
}

/** The headers, and those of the usual ones that they have none of. */
export function withUsual(headers: RawHeaders, usual: RawHeaders = []): RawHeaders {
  if (usual.length === 0) return headers
  const missing = usual.filter((_, i) => header(headers, (usual[i - (i % 2)] as string).toLowerCase()) === undefined)
  return [...headers, ...missing]
}

/** The head of a final answer, framed for who asked (RFC 9112 6.3, 9.3). Framing headers are added here. */
export function answerHead(
  { method, minorVersion }: Asked,
  status: number,
  reason: string,
  headers: RawHeaders,
  mayPersist: boolean,
): AnswerHead {
  const bodyless = status === 204 || status === 304 || method === 'HEAD'
  let length = -1
  let fields = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (status === 204) continue // it must not have one (RFC 9110 8.6), and some clients wait for its bytes
      length = Number(value)
    }
    fields += `${name}: ${value}\r\n`
  }
  const form = bodyless ? 'none' : length >= 0 ? 'sized' : minorVersion === 1 ? 'chunked' : 'to-close'
  const persistent = mayPersist && form !== 'to-close'
  if (form === 'chunked') fields += 'Transfer-Encoding: chunked\r\n'
  if (!persistent) fields += 'Connection: close\r\n'
  else if (minorVersion === 0) fields += 'Connection: keep-alive\r\n'
  return { text: `${statusLine(status, reason)}${fields}\r\n`, form, length, persistent }
}

/** The head of an interim answer, or of a 101: no body follows, and its framing is nobody's question. */
export function interimHead(status: number, reason: string, headers: RawHeaders): string {
  return `${statusLine(status, reason)}${fieldLines(headers)}\r\n`
}

export function fieldLines(headers: RawHeaders): string {
  let lines = ''
  for (let i = 0; i < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`
  return lines
}

function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason || (STATUS_CODES[status] ?? '')}\r\n`
}
