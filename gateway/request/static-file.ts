import { answerFrom } from '../cache/answer-from.ts'
import type { CachedFile, PublicAnswer } from '../cache/cached-file.ts'
import { namesItsContent } from '../cache/hashed-name.ts'
import { ask } from '../upstream/ask.ts'
import type { HttpExchange } from './exchange.ts'
import { isSafe } from './failure.ts'
import type { Gate } from './gate.ts'
import type { Target } from './target.ts'

/** The largest file that is kept, and how long a backend may take to give it. Bytes, milliseconds. */
const limit = 16 * 1024 * 1024
const timeout = 30_000

/** Of a body that is sent: a client that takes it slowly holds no more of it back, encrypted once more, than this. */
const pieceSize = 64 * 1024

/** Answers from the files that are kept, or from what is asked for to be kept; what is not for them is passed on. */
export function serveFile(
  gate: Gate,
  exchange: HttpExchange,
  target: Target,
  passOn: () => void | Promise<void>,
): void | Promise<void> {
  const { files } = gate
  const name = target.raw
  if (!files || !isForCache(gate, exchange, target)) return passOn()
  const file = files.get(name)
  if (file) return send(exchange, file)
  if (files.isRefused(name)) return passOn()
  return files
    .fetch(name, (headers) => askAsStranger(gate, name, headers))
    .then((fetched) => (fetched ? send(exchange, fetched) : passOn()))
}

function isForCache({ config }: Gate, { head, body }: HttpExchange, { path, normalPath, query }: Target): boolean {
  if (!isSafe(head.method) || body.length !== 0 || path !== normalPath) return false
  return path.startsWith(config.baseUrl) && namesItsContent(path.slice(config.baseUrl.length), query)
}

/** Without anything of whoever asks: the answer will be everybody's. */
async function askAsStranger(
  { cluster, clientOf }: Gate,
  target: string,
  headers: readonly string[],
): Promise<PublicAnswer | undefined> {
  const lease = cluster.pool.claimLeastLoaded(undefined, 'guest')
  if (!lease) return undefined
  const { backend } = lease
  const request = { method: 'GET', target, headers: ['Host', backend.key, ...headers] }
  try {
    return await ask(clientOf(backend), request, { limit, timeout })
  } catch {
    return undefined // it is passed on, and who fails then is told of
  } finally {
    lease.release()
  }
}

function send({ answer, head, account }: HttpExchange, file: CachedFile): void {
  if (answer.gone) return
  const { status, headers, body } = answerFrom(file, head.headers)
  account.backend = 'cache'
  account.onAnswer(status, headers)
  answer.head(status, '', headers)
  let at = head.method === 'HEAD' ? body.length : 0
  const pour = () => {
    while (at < body.length) {
      const piece = body.subarray(at, at + pieceSize)
      at += piece.length
      if (!answer.write(piece)) return
    }
    answer.end([])
  }
  answer.onDrain(pour)
  pour()
}
