import { randomInt } from 'node:crypto'
import { header } from '../http1/raw-headers.ts'
import type { Answer } from '../upstream/ask.ts'
import { refusal } from './answers.ts'
import type { Caller } from './caller.ts'
import type { Cluster } from './cluster.ts'
import { ClusterFailure } from './cluster-failure.ts'
import { onceAllKnow } from './known-to-all.ts'
import { type Model, parseObject, stringField } from './models.ts'

/** What jupyter_server_terminals reads as a name in its paths: one of another kind could never be asked for. */
const terminalName = /^\w+$/

/**
 * POST /api/terminals. Every backend would call its first terminal "1" (terminado's NamedTermManager), and a request
 * for "1" would then reach somebody else's shell; so the gateway names it. A name that the caller asks for and that
 * exists is answered with the existing terminal: Jupyter itself would leak the old one.
 */
export async function createTerminal(cluster: Cluster, caller: Caller): Promise<Answer> {
  const wanted = parseObject(caller.body) ?? {}
  const name = stringField(wanted, 'name')
  const create = (model: Model) => onceAllKnow(cluster, createNamed(cluster, caller, model))
  if (name === undefined) return create({ ...wanted, name: newTerminalName() })
  if (!terminalName.test(name))
    return refusal(400, 'A terminal may be called by letters, digits and underscores alone.')
  return cluster.lock.run(`terminal:${name}`, async () => {
    const finding = await cluster.find('terminals', name, 'now')
    if (finding.kind === 'unknown') throw new ClusterFailure('owner-unreachable', `terminal ${name} may exist already`)
    if (finding.kind === 'absent') return create(wanted)
    const existing = { ...caller, method: 'GET', body: undefined }
    return cluster.askOwner(finding.owner.backend, `api/terminals/${name}`, existing)
  })
}

async function createNamed(cluster: Cluster, caller: Caller, wanted: Model): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(wanted))
  const { backend, answer } = await cluster.askLeastLoaded('api/terminals', { ...caller, body })
  const terminal = answer.status === 200 ? parseObject(answer.body) : undefined
  if (terminal) cluster.survey.has(backend, 'terminals', terminal)
  return answer
}

/**
 * GET /terminals/new of the classic notebook 6: a GET that creates, and redirects to the new terminal's page. It is
 * asked as /terminals/new/<name>, or else it would be called "1" here as well. The name is taken from the redirect, so
 * that what that page asks for reaches the right backend.
 */
export async function createTerminalPage(cluster: Cluster, caller: Caller): Promise<Answer> {
  // Not as GET to askLeastLoaded: it must not be repeated.
  const path = `terminals/new/${newTerminalName()}`
  const { backend, answer } = await cluster.askLeastLoaded(path, caller, { repeatable: false })
  const name = /\/terminals\/(\w+)$/.exec(header(answer.headers, 'location') ?? '')?.[1]
  if (name !== undefined) cluster.survey.has(backend, 'terminals', { name })
  return answer
}

/**
 * Six characters that no other gateway will choose as well (2 in 10⁹), without talking to it. Without letters that
 * are easily taken for digits, as people read them in tabs.
 */
function newTerminalName(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  return Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('')
}
