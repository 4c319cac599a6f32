import { createServer, type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { RequestReader } from '../../gateway/front/request-reader.ts'
import { Malformed } from '../../gateway/http1/malformed.ts'
import { checkHead } from '../../gateway/request/check.ts'
import { parseTarget } from '../../gateway/request/target.ts'
import type { Chance } from './chance.ts'
import { requestSeeds } from './corpus.ts'
import { mutate } from './mutations.ts'

/** A request as one of the readers understood it. */
export interface Understood {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly fields: readonly string[]
  body: string
  whole: boolean
  /** Whether another one may follow on its connection. */
  readonly persistent: boolean
  /** Where it ends in what was read. */
  end: number
}

const limits = { headBytes: 32 * 1024, fields: 100, targetBytes: 8 * 1024 }

/** Requests as our reader understands them, up to what it refuses. */
export function readOurs(bytes: Buffer): Understood[] {
  const requests: Understood[] = []
  const last = () => requests.at(-1) as Understood
  const reader = new RequestReader(limits, {
    onHead: ({ method, target, minorVersion, headers, persistent }) => {
      requests.push({
        method,
        target,
        version: `1.${minorVersion}`,
        fields: headers,
        body: '',
        whole: false,
        persistent,
        end: 0,
      })
    },
    onBody: (part) => {
      last().body += part.toString('latin1')
      return true
    },
    onEnd: () => {
      last().whole = true
    },
  })
  try {
    for (let at = 0; at < bytes.length; ) {
      if (reader.over) {
        if (!last().persistent) break
        reader.next()
      }
      at += reader.read(bytes.subarray(at))
      if (reader.over) last().end = at
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
  return requests
}

/** Node's own server before connections that are none, by what it documents alone. */
export class NodeReader {
  #requests: Understood[] = []
  readonly #server = createServer({
    requireHostHeader: false,
    maxHeaderSize: 64 * 1024,
    shouldUpgradeCallback: () => false,
  })

  constructor() {
    for (const event of ['request', 'checkContinue', 'checkExpectation']) this.#server.on(event, this.#take)
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    this.#server.on('connect', (_request, socket) => socket.destroy()) // we refuse it
  }

  /** In pieces: of what stands in one with what is malformed it gives up what was right, too. */
  async read(pieces: readonly Buffer[]): Promise<Understood[]> {
    this.#requests = []
    const connection = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    const closed = new Promise((resolve) => connection.on('error', () => {}).on('close', resolve))
    this.#server.emit('connection', connection)
    for (const piece of pieces) {
      connection.push(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    connection.push(null)
    await closed
    return this.#requests
  }

  #note(request: IncomingMessage): Understood {
    const { method = '', url = '', httpVersion, rawHeaders } = request
    const understood = {
      method,
      target: url,
      version: httpVersion,
      fields: rawHeaders,
      body: '',
      whole: false,
      persistent: true,
      end: 0,
    }
    this.#requests.push(understood)
    return understood
  }

  #take = (request: IncomingMessage, response: ServerResponse): void => {
    const understood = this.#note(request)
    request.setEncoding('latin1')
    request.on('error', () => {})
    request.on('data', (text: string) => {
      understood.body += text
    })
    request.on('end', () => {
      understood.whole = true
      response.end()
    })
  }
}

const headParts = ['method', 'target', 'version', 'fields'] as const

/** What our reader takes must be the same for Node's; what it refuses is its own business. */
export function differences(ours: readonly Understood[], nodes: readonly Understood[]): string[] {
  for (const [i, mine] of ours.entries()) {
    // It knows a list of methods, where any token is one (RFC 9110 9.1).
    if (!METHODS.includes(mine.method) || isRefused(mine)) return []
    const its = nodes[i]
    if (!its) return [`request ${i}, ${mine.method} ${mine.target}, was none to Node`]
    const parts = mine.whole ? ([...headParts, 'body', 'whole'] as const) : headParts
    for (const part of parts) {
      const [a, b] = [JSON.stringify(mine[part]), JSON.stringify(its[part])]
      if (a !== b) return [`request ${i}: its ${part} is ${a}, and ${b} to Node`]
    }
    if (!mine.whole || !mine.persistent) return []
  }
  return []
}

/** What the gateway refuses when it has read it: nothing behind it is read. */
function isRefused({ method, target, version, fields }: Understood): boolean {
  const parsed = parseTarget(target)
  return !parsed || checkHead({ method, target, version, headers: fields }, parsed) !== undefined
}

/** How the two differ on these bytes. */
export async function compareReaders(reader: NodeReader, bytes: Buffer): Promise<string[]> {
  const ours = readOurs(bytes)
  const ends = [0, ...ours.filter(({ whole }) => whole).map(({ end }) => end), bytes.length]
  const pieces = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end))
  return differences(ours, await reader.read(pieces.filter(({ length }) => length > 0)))
}

/** Changed requests for both, until one differs. Gives its bytes and how, or nothing. */
export async function findDifference(
  chance: Chance,
  goesOn: (cases: number) => boolean,
): Promise<{ cases: number; found?: { bytes: string; problems: string[] } }> {
  const reader = new NodeReader()
  let cases = 0
  for (; goesOn(cases); cases++) {
    const text = mutate(requestSeeds, chance)
    const problems = await compareReaders(reader, Buffer.from(text, 'latin1'))
    if (problems.length > 0) return { cases, found: { bytes: text, problems } }
  }
  return { cases }
}
