import type { Cluster } from '../jupyter/cluster.ts'
import { type Model, objectField, stringField } from '../jupyter/models.ts'
import type { CertificateState } from '../observe/certificate.ts'
import { mergeFailures, type RecentFailure } from '../observe/failures.ts'
import type { Backend } from '../pool/backend.ts'
import { load } from '../pool/choose.ts'
import type { DrainCause, State } from '../pool/states.ts'

/** What operators see: JSON, of one process or of all workers together. */
export interface Overview {
  /** True from the first sign that the gateway is to end. */
  readonly ending: boolean
  /** How many processes this is the view of. */
  readonly workers: number
  /** WebSockets open now. */
  readonly webSockets: number
  readonly backends: readonly BackendOverview[]
  /** Absent where the gateway speaks plain HTTP. */
  readonly certificate?: CertificateState | undefined
  readonly version: string
  /** Of the first process, in milliseconds since 1970. */
  readonly startedAt: number
  /** How many workers have ended and were replaced. */
  readonly restarts: number
  /** How many exchanges have ended since then; how many requests were refused, failed or given up by their clients. */
  readonly exchanges: number
  readonly refusals: number
  /** The last few, newest last. */
  readonly failures: readonly RecentFailure[]
}

export interface BackendOverview {
  readonly address: string
  readonly state: State
  readonly reason: string
  /** Why it drains; empty where it does not. An operator's word can be taken back. */
  readonly drains: readonly DrainCause[]
  /** How long it has been so, in milliseconds. */
  readonly stateMs: number
  /** Exchanges under way. */
  readonly inFlight: number
  readonly load: number
  readonly kernels: readonly KernelOverview[]
}

export interface KernelOverview {
  readonly id: string
  /** Of the kernel's kind: python3. */
  readonly name: string
  /** As Jupyter says: idle, busy, starting. */
  readonly state: string
  /** ISO 8601, as Jupyter says. */
  readonly lastActivity: string | undefined
  readonly connections: number
  /** Paths of the sessions that use it: notebooks and consoles. */
  readonly paths: readonly string[]
}

export interface Seen extends Omit<Overview, 'workers' | 'backends' | 'restarts'> {
  readonly cluster: Cluster
  /** In the pool clock's milliseconds. */
  readonly now: number
}

/** What one process sees. */
export function overviewOf({ cluster, now, ...seen }: Seen): Overview {
  const backends = cluster.pool.all().map((backend) => backendOverview(cluster, backend, now))
  return { ...seen, workers: 1, restarts: 0, backends }
}

/**
 * Which state counts where workers disagree for a moment: the one that calls for an operator's eye. A worker that has only
 * just been started calls every backend joining; those beside it know better.
 */
const gravity: readonly State[] = ['joining', 'ready', 'draining', 'slow', 'failing']

/** What all workers together see: counts are summed; each backend's kernels are what any of them knows. */
export function mergeOverviews(views: readonly Overview[]): Overview {
  const addresses = [...new Set(views.flatMap(({ backends }) => backends.map(({ address }) => address)))]
  return {
    ending: views.some(({ ending }) => ending),
    workers: sum(views, ({ workers }) => workers),
    webSockets: sum(views, ({ webSockets }) => webSockets),
    version: views[0]?.version ?? '',
    startedAt: Math.min(...views.map(({ startedAt }) => startedAt)),
    restarts: sum(views, ({ restarts }) => restarts),
    exchanges: sum(views, ({ exchanges }) => exchanges),
    refusals: sum(views, ({ refusals }) => refusals),
    failures: mergeFailures(views.map(({ failures }) => failures)),
    backends: addresses.map((address) =>
      mergeBackends(
        views.flatMap(({ backends }) => backends),
        address,
      ),
    ),
  }
}

function mergeBackends(all: readonly BackendOverview[], address: string): BackendOverview {
  const views = all.filter((view) => view.address === address)
  const worst = views.reduce((a, b) => (gravity.indexOf(b.state) > gravity.indexOf(a.state) ? b : a))
  const fullest = views.reduce((a, b) => (b.kernels.length > a.kernels.length ? b : a))
  const inFlight = sum(views, (view) => view.inFlight)
  // Every worker counts the kernels, and each its own exchanges.
  const carried = Math.max(...views.map((view) => view.load - view.inFlight))
  return { ...worst, inFlight, load: inFlight + carried, kernels: fullest.kernels }
}

function backendOverview(cluster: Cluster, backend: Backend, now: number): BackendOverview {
  return {
    address: backend.key,
    state: backend.state,
    reason: backend.reason,
    drains: backend.drains,
    stateMs: Math.round(now - backend.since),
    inFlight: backend.inFlight,
    load: load(backend),
    kernels: kernelsOf(cluster, backend),
  }
}

function kernelsOf({ survey }: Cluster, backend: Backend): KernelOverview[] {
  const sessions = survey.last(backend, 'sessions')?.entries ?? []
  return (survey.last(backend, 'kernels')?.entries ?? []).map((kernel) => ({
    id: String(kernel.id),
    name: stringField(kernel, 'name') ?? '',
    state: stringField(kernel, 'execution_state') ?? '',
    lastActivity: stringField(kernel, 'last_activity'),
    connections: Number(kernel.connections ?? 0),
    paths: sessions.filter((session) => kernelIdOf(session) === kernel.id).flatMap(pathOf),
  }))
}

function kernelIdOf(session: Model): string | undefined {
  return stringField(objectField(session, 'kernel'), 'id')
}

function pathOf(session: Model): string[] {
  const path = stringField(session, 'path')
  return path === undefined ? [] : [path]
}

function sum<T>(list: readonly T[], of: (entry: T) => number): number {
  return list.reduce((total, entry) => total + of(entry), 0)
}
