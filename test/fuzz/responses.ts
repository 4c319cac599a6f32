import { endToEnd } from './requests.ts'
import { type Heard, type Stand, type StandClient, sayId } from './stand.ts'
import { readAnswer, type StrictAnswer, type StrictResponse } from './strict-reader.ts'

/** What a backend says to one request, and how, while others go over the same connections. */
export interface ResponseCase {
  readonly bytes: string
  /** Where they are cut into packets. Not behind the answer's end: what comes later could be taken for the next one. */
  readonly cuts: readonly number[]
  /** stay: its connection is left open, as far as its answer has an end. */
  readonly leaving: 'stay' | 'end' | 'reset'
  readonly asked: 'GET' | 'HEAD' | 'POST' | 'handshake'
}

const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** What is wrong with what clients made of the answers. Nothing, if all is well. */
export async function judgeResponses(stand: Stand, given: ResponseCase): Promise<string[]> {
  const before = stand.problems.length
  const expected = readAnswer(given.bytes, 0, modeOf(given))
  // Who waits for the rest of an answer would wait for ever.
  const lies = given.leaving === 'stay' && !endsByItself(given) ? { ...given, leaving: 'end' as const } : given
  stand.answering = (heard) => (heard.request.target.includes('lie') ? lie(heard, lies, expected) : sayId(heard))
  const clients = Array.from({ length: 4 }, () => stand.connect())
  const problems: string[] = []
  try {
    const judged = await Promise.all(clients.map((client, i) => judgeClient(stand, client, i < 2 ? lies : undefined)))
    problems.push(...judged.flat())
    for (const client of clients) client.end()
    for (const client of clients) await client.closed('the connection ends')
    await stand.fence()
  } catch (error) {
    problems.push(String(error))
  }
  return [...stand.problems.slice(before), ...problems]
}

function modeOf({ asked, leaving }: ResponseCase) {
  const method = asked === 'handshake' ? 'GET' : asked
  return { method, mayUpgrade: asked === 'handshake', ended: leaving !== 'reset' }
}

/** Whether a reader knows the answer's end, or its fault, without the end of the connection. */
function endsByItself(given: ResponseCase): boolean {
  const { final, trouble } = readAnswer(given.bytes, 0, { ...modeOf(given), ended: false })
  return trouble === 'malformed' || (final !== undefined && final.trouble !== 'incomplete' && final.status !== 101)
}

function lie({ link }: Heard, { bytes, cuts, leaving }: ResponseCase, { final }: StrictAnswer): void {
  const end = final && !final.trouble ? final.end : bytes.length
  const places = [...cuts.filter((cut) => cut < end), bytes.length]
  const next = (at: number): void => {
    const cut = places.shift()
    if (cut !== undefined) {
      link.write(bytes.slice(at, cut))
      setImmediate(next, cut)
      return
    }
    if (leaving === 'end') link.socket.end()
    if (leaving === 'reset') link.socket.resetAndDestroy()
  }
  next(0)
}

/** An honest exchange, the lie unless there is none to hear, and honest ones behind it, on the same connection if it is open. */
async function judgeClient(stand: Stand, first: StandClient, lies: ResponseCase | undefined): Promise<string[]> {
  let client = first
  const problems: string[] = []
  const honest = async () => {
    if (client.ended !== undefined) client = stand.connect()
    problems.push(...(await exchangeHonestly(stand, client)))
  }
  await honest()
  if (lies) problems.push(...(await exchangeLie(stand, client, lies)))
  await honest()
  await honest()
  client.end()
  await client.closed('the connection ends')
  return problems
}

let exchanges = 0

async function exchangeHonestly(stand: Stand, client: StandClient): Promise<string[]> {
  const target = `/files/honest-${++exchanges}`
  client.text = ''
  client.write(`GET ${target} HTTP/1.1\r\nHost: jupyter\r\n\r\n`)
  const read = () => readAnswer(client.text, 0, { method: 'GET', mayUpgrade: false, ended: false })
  await client.until(() => read().final?.trouble === undefined && read().final !== undefined, 'an honest exchange')
  const { final } = read()
  const own = stand.heard.filter(({ request }) => request.target === target).map(({ id }) => id)
  if (final && own.includes(final.body) && final.status === 200 && final.end === client.text.length) return []
  return [`an honest exchange was told ${JSON.stringify(client.text.slice(0, 300))} instead of ${own}`]
}

async function exchangeLie(stand: Stand, client: StandClient, lies: ResponseCase): Promise<string[]> {
  const { asked } = lies
  const isHandshake = asked === 'handshake'
  const target = isHandshake ? `/api/kernels/${stand.kernel}/channels?lie` : '/files/lie'
  const method = isHandshake ? 'GET' : asked
  const fields = [
    'Host: jupyter',
    ...(isHandshake ? handshake : []),
    ...(asked === 'POST' ? ['Content-Length: 2'] : []),
  ]
  client.text = ''
  client.write(`${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${asked === 'POST' ? '{}' : ''}`)
  const read = (ended = false) => readAnswer(client.text, 0, { method, mayUpgrade: isHandshake, ended })
  await client.until(() => {
    const { final, trouble } = read()
    return trouble === 'malformed' || final?.status === 101 || (final !== undefined && final.trouble === undefined)
  }, 'the lie is answered, or the connection ended')
  const expected = readAnswer(lies.bytes, 0, modeOf(lies))
  const heard = read(client.ended === 'end')
  const problems = judge(expected, heard, client.text, lies)
  if (heard.final?.status === 101) {
    client.end()
    await client.closed('the tunnel ends')
  }
  // Its end is said in its head, and comes in its own time.
  else if (heard.final?.persistent === false) await client.closed('the connection ends, as its answer said')
  return problems
}

/** 503 or an end, where the backend's answer is none; else that answer, as far as it goes. */
function judge(expected: StrictAnswer, heard: StrictAnswer, text: string, { leaving }: ResponseCase): string[] {
  if (heard.trouble === 'malformed' || heard.final?.trouble === 'malformed')
    return [`the gateway wrote what is no answer: ${JSON.stringify(text.slice(0, 300))}`]
  // Said again where the request is: what is only interim may come twice.
  const known = expected.interim.map((one) => JSON.stringify(meaningOf(one)))
  const strange = heard.interim.find((one) => !known.includes(JSON.stringify(meaningOf(one))))
  if (strange) return [`an interim answer that nobody gave: ${JSON.stringify(strange)}`]
  if (heard.interim.some(({ fields }) => fields.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))))
    return ['an interim answer speaks of a body']
  const { final } = heard
  if (!final)
    return expected.final && !expected.final.trouble && leaving !== 'reset' ? ['a whole answer was not passed on'] : []
  if (final.end < text.length && final.status !== 101)
    return [`bytes behind the answer: ${JSON.stringify(text.slice(final.end))}`]
  const isRefusal = final.status === 503 && /^\{"message":/.test(final.body || '{"message":')
  // A tunnel is opened only where the key's own answer came, and only for who asked.
  const mayRefuse = !expected.final || expected.final.trouble || leaving === 'reset' || expected.final.status === 101
  if (isRefusal && mayRefuse) return []
  if (!expected.final) return [`an answer (${final.status}) to which the backend has said nothing`]
  const told = { ...expected.final }
  if (JSON.stringify(meaningOf(final)) !== JSON.stringify(meaningOf(told)))
    return [`heard ${JSON.stringify(meaningOf(final))} instead of ${JSON.stringify(meaningOf(told))}`]
  if (final.trouble) return told.body.startsWith(final.body) ? [] : [`a part of a body that nobody said: ${final.body}`]
  if (told.trouble) return [`an answer that was cut looks whole: ${JSON.stringify(final.body)}`]
  return final.body === told.body
    ? []
    : [`the body ${JSON.stringify(final.body)} instead of ${JSON.stringify(told.body)}`]
}

/** What an answer says, apart from its body and from how that is framed. */
function meaningOf({ status, fields }: StrictResponse) {
  return { status, fields: endToEnd(fields) }
}
