/**
 * The oracle: HTTP/1.1 as RFC 9112 and our rules have it, read from whole texts (latin1: a character is an octet) and
 * written apart from gateway/http1, with which it shares nothing. What is allowed and not required, it refuses: a
 * bare LF, several lengths, codings beside chunked.
 */

export type Fields = readonly (readonly [name: string, value: string])[]

/** What is wrong, or that bytes are missing. Neither: it is whole. */
type Trouble = 'malformed' | 'incomplete'

interface Body {
  readonly body: string
  /** Where the message ends; as far as it could be read, if it does not. */
  readonly end: number
  readonly trouble?: Trouble
  readonly trailers: Fields
}

interface Head {
  readonly start: string
  readonly fields: Fields
  readonly end: number
}

export interface StrictRequest {
  readonly method: string
  readonly target: string
  readonly minor: number
  readonly fields: Fields
  readonly body: string
  readonly persistent: boolean
  /** Bytes of the head, and where the whole request ends. */
  readonly headLength: number
  readonly end: number
  /** Absent: it is whole. */
  readonly trouble?: Trouble
}

export interface StrictRequests {
  /** The last one may have no end. */
  readonly requests: readonly StrictRequest[]
  /** What stands behind them. */
  readonly rest: 'nothing' | 'unread' | Trouble
}

export interface StrictResponse {
  readonly status: number
  readonly fields: Fields
  readonly body: string
  readonly trailers: Fields
  readonly persistent: boolean
  readonly end: number
  readonly trouble?: Trouble
}

export interface StrictAnswer {
  readonly interim: readonly StrictResponse[]
  readonly final?: StrictResponse
  /** Why there is no final head. */
  readonly trouble?: Trouble
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const requestLine = new RegExp(`^(${token}) ([^\\x00-\\x20\\x7f]+) HTTP/1\\.([01])$`)
const statusLine = /^HTTP\/1\.(\d) ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/
const fieldLine = new RegExp(`^(${token}):[ \\t]*((?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)[ \\t]*$`)
const quoted = '"(?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"'
const chunkLine = new RegExp(`^([0-9A-Fa-f]{1,16})(?:;${token}(?:=(?:${token}|${quoted}))?)*$`)
/** What tells how a message is to be read stands in its head. */
const misplaced = /^(?:transfer-encoding|content-length|connection)$/i

const mostInterim = 16
const mostFields = 100
const mostHead = 32 * 1024
const mostTarget = 8 * 1024

/** All requests of a client's connection, up to what is none, or to the one behind which nothing more is read. */
export function readRequests(text: string): StrictRequests {
  const requests: StrictRequest[] = []
  for (let at = 0; ; ) {
    if (at === text.length) return { requests, rest: 'nothing' }
    const request = readRequest(text, at, true)
    if (typeof request === 'string') return { requests, rest: request }
    requests.push(request)
    if (request.trouble) return { requests, rest: request.trouble }
    if (!request.persistent) return { requests, rest: request.end < text.length ? 'unread' : 'nothing' }
    at = request.end
  }
}

/** The request at a place. One empty line before it is overlooked (RFC 9112 2.2). `isLimited`: as long as ours may be. */
export function readRequest(text: string, place: number, isLimited = false): StrictRequest | Trouble {
  const at = text.startsWith('\r\n', place) ? place + 2 : place
  const head = readHead(text, at, requestLine)
  if (isLimited && head === 'incomplete' && isTooLong(text.slice(at))) return 'malformed'
  if (typeof head === 'string') return head
  const [, method = '', target = '', version] = requestLine.exec(head.start) ?? []
  const isLong = target.length > mostTarget || head.fields.length > mostFields || head.end - at > mostHead
  if (isLimited && isLong) return 'malformed'
  const minor = Number(version)
  const framing = framingOf(head.fields, minor)
  if (framing === 'malformed') return framing
  const body = readBody(text, head.end, framing === 'none' ? 0 : framing)
  if (isLimited && !body.trouble && body.trailers.some(([name]) => misplaced.test(name)))
    return {
      method,
      target,
      minor,
      fields: head.fields,
      ...body,
      trouble: 'malformed',
      persistent: false,
      headLength: 0,
    }
  const persistent = isPersistent(head.fields, minor)
  return { method, target, minor, fields: head.fields, ...body, persistent, headLength: head.end - at }
}

/** Whether a head without end is refused already. */
function isTooLong(head: string): boolean {
  const lines = head.split('\r\n')
  if (lines.length === 1) return head.length > mostTarget + 64
  const [, target = ''] = lines[0]?.split(' ') ?? []
  // Of the lines, the first is no field and the last has no end.
  return target.length > mostTarget || lines.length - 2 > mostFields || head.length > mostHead
}

/** The answer at a place. `ended`: the connection ended in order behind the text. */
export function readAnswer(
  text: string,
  place: number,
  { method, mayUpgrade, ended }: { method: string; mayUpgrade: boolean; ended: boolean },
): StrictAnswer {
  const interim: StrictResponse[] = []
  for (let at = place; ; ) {
    const head = readHead(text, at, statusLine)
    if (typeof head === 'string') return { interim, trouble: head }
    const [, version, code] = statusLine.exec(head.start) ?? []
    const status = Number(code)
    const { fields } = head
    const framing = framingOf(fields, Number(version))
    if (framing === 'malformed') return { interim, trouble: framing }
    const hasBody = framing === 'chunked' || (typeof framing === 'number' && framing > 0)
    const persistent = isPersistent(fields, Number(version))
    const bodyless = { status, fields, body: '', trailers: [], persistent, end: head.end }
    if (status === 101) return hasBody || !mayUpgrade ? { interim, trouble: 'malformed' } : { interim, final: bodyless }
    if (status < 200) {
      if (hasBody) return { interim, trouble: 'malformed' }
      if (interim.push(bodyless) > mostInterim) return { interim, trouble: 'malformed' }
      at = head.end
      continue
    }
    if (status === 204) return { interim, final: { ...bodyless, persistent: persistent && !hasBody } }
    if (status === 304 || method === 'HEAD') return { interim, final: bodyless }
    if (framing !== 'none') {
      return { interim, final: { ...bodyless, ...readBody(text, head.end, framing) } }
    }
    const body = { body: text.slice(head.end), end: text.length, persistent: false }
    return { interim, final: { ...bodyless, ...body, ...(!ended && { trouble: 'incomplete' as const }) } }
  }
}

/** The values of a field, its name compared without case. */
export function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
}

export function listOf(fields: Fields, name: string): string[] {
  return valuesOf(fields, name).flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/))
}

function readHead(text: string, place: number, startLine: RegExp): Head | Trouble {
  const start = readLine(text, place)
  if (typeof start === 'string') return start
  if (!startLine.test(start.line)) return 'malformed'
  const fields = readFields(text, start.next)
  return 'trouble' in fields ? fields.trouble : { start: start.line, ...fields }
}

function readFields(text: string, place: number): { fields: Fields; end: number } | { trouble: Trouble } {
  const fields: [string, string][] = []
  for (let at = place; ; ) {
    const field = readLine(text, at)
    if (typeof field === 'string') return { trouble: field }
    if (field.line === '') return { fields, end: field.next }
    const [, name, value] = fieldLine.exec(field.line) ?? []
    if (name === undefined || value === undefined) return { trouble: 'malformed' }
    fields.push([name, value])
    at = field.next
  }
}

function readLine(text: string, at: number): { line: string; next: number } | Trouble {
  const newline = text.indexOf('\n', at)
  if (newline === -1) return 'incomplete'
  if (newline === at || text[newline - 1] !== '\r') return 'malformed'
  return { line: text.slice(at, newline - 1), next: newline + 1 }
}

function framingOf(fields: Fields, minor: number): 'none' | 'chunked' | 'malformed' | number {
  const lengths = valuesOf(fields, 'content-length')
  const isCoded = valuesOf(fields, 'transfer-encoding').length > 0
  if (isCoded) {
    const codings = listOf(fields, 'transfer-encoding')
    const isRight = minor > 0 && lengths.length === 0 && codings.length === 1 && codings[0] === 'chunked'
    return isRight ? 'chunked' : 'malformed'
  }
  const [length] = lengths
  if (length === undefined) return 'none'
  const isNumber = lengths.length === 1 && /^\d{1,16}$/.test(length) && BigInt(length) < 2n ** 53n
  return isNumber ? Number(length) : 'malformed'
}

function isPersistent(fields: Fields, minor: number): boolean {
  const words = listOf(fields, 'connection')
  return !words.includes('close') && (minor > 0 || words.includes('keep-alive'))
}

function readBody(text: string, at: number, framing: number | 'chunked'): Body {
  if (framing === 'chunked') return readChunks(text, at)
  const body = text.slice(at, at + framing)
  const trouble = body.length < framing ? { trouble: 'incomplete' as const } : {}
  return { body, end: at + body.length, trailers: [], ...trouble }
}

function readChunks(text: string, place: number): Body {
  let body = ''
  let at = place
  const broken = (trouble: Trouble): Body => ({ body, end: at, trailers: [], trouble })
  for (;;) {
    const first = readLine(text, at)
    if (typeof first === 'string') return broken(first)
    const [, digits] = chunkLine.exec(first.line) ?? []
    if (digits === undefined || BigInt(`0x${digits}`) >= 2n ** 53n) return broken('malformed')
    const size = Number.parseInt(digits, 16)
    at = first.next
    if (size === 0) break
    body += text.slice(at, at + size)
    at += size
    const behind = text.slice(at, at + 2)
    if (!'\r\n'.startsWith(behind)) return broken('malformed')
    if (behind.length < 2) return broken('incomplete')
    at += 2
  }
  const trailers = readFields(text, at)
  if ('trouble' in trailers) return broken(trailers.trouble)
  return { body, end: trailers.end, trailers: trailers.fields }
}
