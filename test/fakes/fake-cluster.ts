import { AllLists } from '../../gateway/jupyter/all-lists.ts'
import type { Caller } from '../../gateway/jupyter/caller.ts'
import { Cluster } from '../../gateway/jupyter/cluster.ts'
import { Creations } from '../../gateway/jupyter/creations.ts'
import { KeyedLock } from '../../gateway/jupyter/keyed-lock.ts'
import { type Model, parseList, parseObject } from '../../gateway/jupyter/models.ts'
import { Owners } from '../../gateway/jupyter/owners.ts'
import { Survey } from '../../gateway/jupyter/survey.ts'
import type { Backend } from '../../gateway/pool/backend.ts'
import { Pool } from '../../gateway/pool/pool.ts'
import { mayRetry } from '../../gateway/request/failure.ts'
import type { Answer, AskRequest } from '../../gateway/upstream/ask.ts'
import { BackendFailure } from '../../gateway/upstream/client.ts'
import { FakeJupyter } from './fake-jupyter.ts'

export const token = 'secret'
const goneAfter = 30_000
const holdFor = 5_000

/** One server of the fake cluster, and how it is to be reached. */
export interface Member {
  readonly server: FakeJupyter
  readonly backend: Backend
  /** `refused`: nobody listens. `silent`: not answered in time, and perhaps heard. `hanging`: not even that is known yet. */
  trouble: 'none' | 'refused' | 'silent' | 'hanging'
  /** How many of the next questions for a list are not answered in time. */
  listsLate: number
  /** For how many turns a session that is being ended is still listed: its kernel is being shut down. */
  shutdownTurns: number
  /** For how many turns a kernel is being started, and for how many a list is put together. */
  startTurns: number
  listTurns: number
  /** How often somebody tried to ask it, with or without success. */
  tries: number
}

export interface FakeCluster {
  readonly cluster: Cluster
  readonly members: readonly Member[]
  /** Backends that failed an exchange, by key. */
  readonly failures: string[]
  readonly clock: { now: number }
  /** What this worker told is known to the others once this resolves. */
  readonly news: { heard: Promise<void> }
  /** Nobody waits any longer for those that have not answered, where others could. */
  losePatience(): void
  /** Another gateway before the same servers, which knows nothing of what this one learnt. */
  another(): FakeCluster
}

export interface FakeClusterOptions {
  /** One letter a server. */
  readonly names?: string
  readonly random?: () => number
}

const untroubled = { trouble: 'none', listsLate: 0, shutdownTurns: 0, startTurns: 0, listTurns: 0, tries: 0 } as const

/** Several fake servers behind a real Cluster. No sockets; time stands still but where somebody sleeps. */
export function fakeCluster({ names = 'ab', random = () => 0 }: FakeClusterOptions = {}): FakeCluster {
  const servers = Array.from(names, (name) => new FakeJupyter(name))
  for (const server of servers) server.token = token
  return gatewayBefore(servers, random)
}

function gatewayBefore(servers: readonly FakeJupyter[], random: () => number): FakeCluster {
  const clock = { now: 100_000 }
  const failures: string[] = []
  const news = { heard: Promise.resolve() }
  const pool = new Pool({ now: () => clock.now, random, slowStart: 10_000 })
  const members = servers.map((server, i): Member => {
    const backend = pool.add({ host: '10.0.0.1', port: 8001 + i })
    pool.judge(backend, 'pass', 'answers')
    return { server, backend, ...untroubled }
  })
  const send = async (backend: Backend, request: AskRequest): Promise<Answer> => {
    await nextTurn()
    const member = members.find((candidate) => candidate.backend === backend) as Member
    member.tries++
    if (member.trouble === 'refused') throw refusal()
    if (member.trouble === 'hanging') return new Promise(() => {})
    const isLate = request.method === 'GET' && member.listsLate > 0 && member.listsLate-- > 0
    if (member.trouble === 'silent' || isLate) throw new BackendFailure('backend-slow', 'no answer in time', false)
    const { shutdownTurns, startTurns, listTurns } = member
    const takes = { DELETE: shutdownTurns, POST: startTurns, GET: listTurns }[request.method] ?? 0
    for (let turn = 0; turn < takes; turn++) await nextTurn()
    return member.server.answer(request)
  }
  const asGateway = (backend: Backend, path: string) =>
    send(backend, { method: 'GET', target: `/${path}`, headers: ['Authorization', `token ${token}`] })
  const owners = new Owners()
  const now = () => clock.now
  const survey = new Survey({ ask: asGateway, owners, now, maxAge: 1_000 })
  const lock = new KeyedLock()
  const sleep = async (milliseconds: number) => {
    clock.now += milliseconds
    await nextTurn()
  }
  const waiting: (() => void)[] = []
  const patience = () => new Promise<void>((resolve) => waiting.push(resolve))
  const losePatience = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  const cluster = new Cluster({
    lock,
    sync: async () => {},
    heard: () => news.heard,
    creations: new Creations({ pool, lock, tell: () => {} }),
    pool,
    owners,
    survey,
    now,
    baseUrl: '/',
    lists: new AllLists({ pool, survey, now, sleep, goneAfter, holdFor, patience, searchPatience: patience }),
    holdFor,
    sleep,
    patience,
    questions: { asCaller: send, asGateway },
    mayRetry,
    onFailure: (backend) => void failures.push(backend.key),
  })
  return { cluster, members, failures, clock, news, losePatience, another: () => gatewayBefore(servers, random) }
}

/** What a client asks, with the token in its headers. */
export function caller(method: string, body?: Model, changes: Partial<Caller> = {}): Caller {
  const bytes = body && Buffer.from(JSON.stringify(body))
  return {
    method,
    headers: ['Host', 'jupyter.example', 'Authorization', `token ${token}`],
    query: '',
    body: bytes,
    ...changes,
  }
}

export const stranger = (method: string, body?: Model): Caller =>
  caller(method, body, { headers: ['Host', 'jupyter.example'] })

export function objectIn({ body }: { body: Buffer }): Model {
  return parseObject(body) ?? {}
}

export function listIn({ body }: { body: Buffer }): Model[] {
  return parseList(body) ?? []
}

/** How often the servers were asked, all together. */
export function countOf({ members }: FakeCluster, method: string, path: string): number {
  return members.reduce((sum, { server }) => sum + server.askedFor(method, path).length, 0)
}

export function refusal(): BackendFailure {
  const failure = new BackendFailure('backend-refused', 'connect ECONNREFUSED', true)
  failure.cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  return failure
}

/** Lets everything that is under way go one step further, as a network would. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
