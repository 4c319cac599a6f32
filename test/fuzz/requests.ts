import { acceptOf } from '../../gateway/upstream/websocket-accept.ts'
import type { Heard, Stand, StandClient } from './stand.ts'
import {
  type Fields,
  listOf,
  readAnswer,
  readRequests,
  type StrictAnswer,
  type StrictRequest,
  type StrictRequests,
  type StrictResponse,
  valuesOf,
} from './strict-reader.ts'

/** Bytes that a client sends, and how. */
export interface RequestCase {
  readonly bytes: string
  /** Where they are cut into packets. */
  readonly cuts: readonly number[]
  /** wait: until all is answered. The others leave at once, by FIN or RST. */
  readonly leaving: 'wait' | 'end' | 'reset'
  readonly answer: AnswerForm
}

/** How a backend that is honest frames its answers. */
export const answerForms = ['sized', 'chunked', 'to close', 'old', 'no content', 'informed'] as const
export type AnswerForm = (typeof answerForms)[number]

/** What is wrong with how the gateway read the bytes and passed them on. Nothing, if all is well. */
export async function judgeRequests(stand: Stand, given: RequestCase): Promise<string[]> {
  const expected = readRequests(given.bytes)
  const before = { heard: stand.heard.length, cut: stand.cut.length, problems: stand.problems.length }
  stand.answering = (heard) => answerHonestly(heard, given.answer)
  const client = stand.connect()
  const problems: string[] = []
  try {
    await send(client, given)
    if (given.leaving === 'wait') await client.until(() => isServed(client, expected), 'all is answered')
    if (given.leaving === 'reset') client.reset()
    else client.end()
    await client.closed('the connection ends')
    await stand.fence()
  } catch (error) {
    problems.push(String(error))
  }
  const heard = stand.heard.slice(before.heard)
  const answers = readAnswers(client.text, expected.requests, client.ended === 'end')
  problems.push(...stand.problems.slice(before.problems))
  problems.push(...judge(given, expected, heard, answers))
  for (const cut of stand.cut.slice(before.cut)) {
    const asked = expected.requests.find((one) => one.method === cut.method && originOf(one.target) === cut.target)
    if (!asked?.body.startsWith(cut.body)) problems.push(`a part of a request was heard that nobody sent: ${show(cut)}`)
  }
  return problems
}

async function send(client: StandClient, { bytes, cuts }: RequestCase): Promise<void> {
  await client.connected
  let at = 0
  for (const cut of [...cuts, bytes.length]) {
    client.write(bytes.slice(at, cut))
    at = cut
    if (cut < bytes.length) await new Promise((resolve) => setImmediate(resolve))
  }
}

function isServed(client: StandClient, { requests, rest }: StrictRequests): boolean {
  const answers = readAnswers(client.text, requests, false)
  if (answers.at(-1)?.final?.status === 101) return true
  // After what is none, the connection is the gateway's to end.
  if (rest === 'malformed' || rest === 'unread') return false
  const whole = requests.filter(({ trouble }) => !trouble).length
  return answers.filter(({ final }) => final && !final.trouble).length >= whole
}

/** The answers on a connection, as those to these requests; behind them, to what is no request. */
function readAnswers(text: string, requests: readonly StrictRequest[], ended: boolean): StrictAnswer[] {
  const answers: StrictAnswer[] = []
  for (let at = 0; at < text.length; ) {
    const asked = requests[answers.length]
    const mayUpgrade = asked !== undefined && valuesOf(asked.fields, 'upgrade').length > 0
    const answer = readAnswer(text, at, { method: asked?.method ?? 'GET', mayUpgrade, ended })
    answers.push(answer)
    if (!answer.final || answer.final.trouble || answer.final.status === 101) break
    at = answer.final.end
  }
  return answers
}

function judge(
  given: RequestCase,
  { requests, rest }: StrictRequests,
  heard: readonly Heard[],
  answers: readonly StrictAnswer[],
): string[] {
  const problems: string[] = []
  const waiting = new Map(heard.map((one) => [one.id, one]))
  let isOpen = true
  for (const [i, { final, trouble }] of answers.entries()) {
    const asked = requests[i]
    if (!isOpen) problems.push(`answer ${i} stands behind the end of the connection's use`)
    if (!final || final.trouble) {
      const cut = given.leaving === 'wait' && trouble !== 'incomplete' && final?.trouble !== 'incomplete'
      if (cut || trouble === 'malformed') problems.push(`answer ${i} cannot be read`)
      break
    }
    const id = valuesOf(final.fields, 'x-heard')[0]
    const one = id === undefined ? undefined : waiting.get(id)
    if (id !== undefined && !one) problems.push(`answer ${i} is another exchange's: ${id}`)
    if (one) {
      waiting.delete(one.id)
      problems.push(...differences(asked, one.request), ...judgeAnswer(given, asked, one, final))
    } else if (!asked && rest !== 'malformed') problems.push(`answer ${i} (${final.status}) answers nothing`)
    else if (asked && isPlain(asked)) problems.push(`${show(asked)} is right, and was answered ${final.status}`)
    if (one && final.status === 101) {
      const sent = given.bytes.slice((asked as StrictRequest).end)
      const passed = one.link.tunneled ?? ''
      if (given.leaving === 'wait' ? passed !== sent : !sent.startsWith(passed))
        problems.push(`of what stands behind the upgrade came ${JSON.stringify(passed)}`)
      isOpen = false
      break
    }
    isOpen &&= final.persistent
  }
  problems.push(...judgeUnanswered(given, requests, [...waiting.values()]))
  if (given.leaving !== 'wait' || !isOpen) return problems
  const next = requests[answers.length]
  if (next && !next.trouble) problems.push(`${show(next)} was not answered`)
  if (!next && rest === 'malformed' && answers.length === requests.length)
    problems.push('what is malformed was not answered')
  return problems
}

/** Requests whose answers the client did not wait for: those that it sent, in their order. */
function judgeUnanswered({ leaving }: RequestCase, requests: readonly StrictRequest[], heard: Heard[]): string[] {
  if (leaving === 'wait') return heard.map(({ request }) => `heard, and answered to nobody: ${show(request)}`)
  let at = 0
  return heard.flatMap(({ request }) => {
    const found = requests.findIndex((asked, i) => i >= at && differences(asked, request).length === 0)
    if (found === -1) return [`heard what nobody sent: ${show(request)}`]
    at = found + 1
    return []
  })
}

function judgeAnswer({ answer }: RequestCase, asked: StrictRequest | undefined, heard: Heard, final: StrictResponse) {
  if (final.status === 101) return []
  const isBodyless = asked?.method === 'HEAD' || answer === 'no content'
  if (final.body === (isBodyless ? '' : heard.id)) return []
  return [`the answer's body is ${JSON.stringify(final.body)}, not ${heard.id}`]
}

function differences(asked: StrictRequest | undefined, heard: StrictRequest): string[] {
  if (!asked || asked.trouble) return [`heard what nobody sent: ${show(heard)}`]
  const problems: string[] = []
  if (asked.method !== heard.method) problems.push(`heard ${heard.method} instead of ${asked.method}`)
  if (originOf(asked.target) !== heard.target) problems.push(`heard ${heard.target} instead of ${asked.target}`)
  if (asked.body !== heard.body)
    problems.push(`heard the body ${JSON.stringify(heard.body)} instead of ${JSON.stringify(asked.body)}`)
  const hasHost = valuesOf(asked.fields, 'host').length > 0
  const sent = endToEnd(asked.fields)
  const came = endToEnd(heard.fields).filter(([name]) => hasHost || name !== 'Host')
  if (JSON.stringify(sent) !== JSON.stringify(came))
    problems.push(`heard ${JSON.stringify(came)} instead of ${JSON.stringify(sent)}`)
  return problems
}

const hops =
  /^(?:connection|keep-alive|proxy-connection|proxy-auth.*|te|trailer|transfer-encoding|upgrade|http2-settings|content-length|forwarded|x-forwarded-.*|x-real-ip|x-scheme|x-request-id)$/i

/** What of a message's fields is meant for both ends (RFC 9110 7.6.1). */
export function endToEnd(fields: Fields): Fields {
  const nominated = new Set(listOf(fields, 'connection'))
  return fields.filter(([name]) => !hops.test(name) && !nominated.has(name.toLowerCase()))
}

function originOf(target: string): string {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? []
  if (rest === undefined) return target
  return rest.startsWith('/') ? rest : `/${rest}`
}

const plainTarget = /^\/(?:files|api\/contents|ext)\/[\w\-.]+(?:\/[\w-]+)*(?:\?[\w=&]*)?$/

/** Whether nothing entitles the gateway to refuse it. */
function isPlain({ method, target, minor, fields, headLength, trouble }: StrictRequest): boolean {
  const hosts = valuesOf(fields, 'host')
  const isNamed =
    hosts.length === 0 ? minor === 0 : hosts.length === 1 && /^[a-z][\w.-]*(?::\d{1,4})?$/i.test(hosts[0] ?? '')
  return (
    !trouble &&
    isNamed &&
    method !== 'CONNECT' &&
    plainTarget.test(target) &&
    headLength < 16_000 &&
    fields.length < 90 &&
    target.length < 4_000 &&
    valuesOf(fields, 'upgrade').length === 0 &&
    valuesOf(fields, 'expect').every((value) => value.toLowerCase() === '100-continue') &&
    valuesOf(fields, 'expect').length < 2 &&
    listOf(fields, 'connection').every((name) => /^(?:close|keep-alive|upgrade|x-hop|te)$/.test(name))
  )
}

function answerHonestly({ id, request, link }: Heard, form: AnswerForm): void {
  const upgrades = valuesOf(request.fields, 'upgrade').length > 0
  const key = valuesOf(request.fields, 'sec-websocket-key')[0] ?? ''
  const mark = `X-Heard: ${id}\r\n`
  const sized = `${mark}Content-Length: ${id.length}\r\n\r\n`
  const switching = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n`
  if (upgrades) link.tunneled = ''
  if (upgrades) return link.write(`HTTP/1.1 101 Switching Protocols\r\n${switching}${mark}\r\n`)
  const body = request.method === 'HEAD' ? '' : id
  switch (form) {
    case 'sized':
      return link.write(`HTTP/1.1 200 OK\r\n${sized}${body}`)
    case 'chunked':
      return link.write(`HTTP/1.1 200 OK\r\n${mark}Transfer-Encoding: chunked\r\n\r\n${body && inChunks(id)}`)
    case 'to close':
      link.write(`HTTP/1.1 200 OK\r\n${mark}\r\n${body}`)
      return void link.socket.end()
    case 'old':
      return link.write(`HTTP/1.0 200 OK\r\n${sized}${body}`)
    case 'no content':
      return link.write(`HTTP/1.1 204 No Content\r\n${mark}\r\n`)
    case 'informed':
      return link.write(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n${sized}${body}`,
      )
  }
}

function inChunks(text: string): string {
  const [first, rest] = [text.slice(0, 2), text.slice(2)]
  return `2;a=b\r\n${first}\r\n${rest.length.toString(16)}\r\n${rest}\r\n0\r\nX-Trailer: a\r\n\r\n`
}

function show({ method, target }: StrictRequest): string {
  return `${method} ${JSON.stringify(target.slice(0, 200))}`
}
