import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from './peers/peers.ts'
import { endAll, forgetPeak, freePort, memoryOf, pinned, start, untilListening } from './processes.ts'
import { comparesTimes, type Latency, type Row } from './report/record.ts'
import { ratioOf, spreadOf } from './report/statistics.ts'
import { folder, noBoundOfConnections, startGateway } from './subjects.ts'
import { newHistogram } from './works/asker.ts'
import type { Backends, Done, Form, Options, Subject, Work } from './works/work.ts'

export interface Comparison {
  readonly peers: readonly Peer[]
  readonly rounds: number
  readonly seconds: number
  /** Whether small requests have a browser's headers. */
  readonly browser: boolean
  /** For the gateway's Node: --cpu-prof. */
  readonly nodeFlags: readonly string[]
  readonly say: (sentence: string) => void
}

const us = 'pyli'

/** A subject, and the bytes of memory that it had when it had done nothing yet. */
type Rested = Subject & { readonly atRest: number }

/** One work in one form: everybody in turns, round by round, so that what disturbs a round disturbs all. */
export async function compare(work: Work, form: Form, comparison: Comparison): Promise<Row> {
  const { seconds, browser, say } = comparison
  const logs = mkdtempSync(join(folder, 'row-'))
  let backends: Backends | undefined
  try {
    backends = await work.startBackends()
    const subjects = await startAll(backends, form, comparison, logs)
    const options: Options = { seconds, browser, backends }
    const rounds = work.isOnce ? 1 : comparison.rounds
    if (!work.isOnce) {
      const warm = { ...options, seconds: Math.min(2, 4 * seconds) }
      for (const subject of subjects) await perform(work, subject, form, warm)
    }
    const done = new Map<string, Done[]>(subjects.map(({ name }) => [name, []]))
    for (let round = 1; round <= rounds; round++) {
      say(`${work.name}${form.tls ? ' tls' : ''}, ${form.connections} connections: round ${round} of ${rounds}`)
      for (const subject of subjects) done.get(subject.name)?.push(await perform(work, subject, form, options))
    }
    return rowOf(work, form, done)
  } finally {
    await endAll()
    await backends?.stop?.()
    rmSync(logs, { recursive: true })
  }
}

async function perform(work: Work, subject: Rested, form: Form, options: Options): Promise<Done> {
  try {
    if (work.tellsMemory) forgetPeak(subject.pid)
    const done = await work.perform(subject, form, options)
    if (work.tellsMemory) return { ...done, memory: (memoryOf(subject.pid).peak - subject.atRest) / 2 ** 20 }
    return work.wait ? { ...done, latencies: await work.wait(subject, form, options) } : done
  } catch (error) {
    throw new Error(`${work.name} through ${subject.name}: ${(error as Error).message}`, { cause: error })
  }
}

async function startAll({ ports, flags: more = [] }: Backends, { tls }: Form, comparison: Comparison, logs: string) {
  const flags = [...noBoundOfConnections, ...more]
  const gateway = { ports, tls, flags, nodeFlags: comparison.nodeFlags, isPinned: true, logs }
  const { pid, port } = await startGateway(gateway)
  const subjects: Subject[] = [{ name: us, pid, port, tls }]
  for (const peer of comparison.peers) subjects.push(await startPeer(peer, ports, tls, logs))
  return subjects.map((subject): Rested => ({ ...subject, atRest: memoryOf(subject.pid).resident }))
}

async function startPeer(peer: Peer, backends: readonly number[], tls: boolean, logs: string): Promise<Subject> {
  const port = await freePort()
  const its = join(logs, peer.name)
  mkdirSync(its)
  for (const file of ['cert.pem', 'key.pem']) copyFileSync(join(folder, file), join(its, file))
  const { command, args, env } = await peer.prepare({ port, tls, backends, folder: its })
  const { pid } = start(...pinned(command, args), join(its, 'output'), { ...process.env, ...env })
  await untilListening(port)
  return { name: peer.name, pid, port, tls }
}

function rowOf(work: Work, { tls, connections }: Form, done: ReadonlyMap<string, Done[]>): Row {
  const { name, unit } = work
  const each = <T>(view: (rounds: readonly Done[], subject: string) => T): Record<string, T> =>
    Object.fromEntries(Array.from(done, ([subject, rounds]) => [subject, view(rounds, subject)]))
  const compared = (rounds: readonly Done[]) =>
    rounds.map(({ cost, units, seconds }) => (comparesTimes(name) ? seconds / units : cost))
  const ours = compared(done.get(us) as Done[])
  const { [us]: _, ...ratio } = each((rounds) => ratioOf(ours, compared(rounds)))
  return {
    work: name,
    tls,
    connections,
    unit,
    cost: each((rounds) => spreadOf(rounds.map(({ cost }) => cost))),
    ratio,
    throughput: each((rounds) => spreadOf(rounds.map(({ units, seconds }) => units / seconds))),
    latency: work.isOnce ? {} : each(latencyOf),
    ...(work.tellsMemory && { memory: each((rounds) => spreadOf(rounds.map(({ memory = 0 }) => memory))) }),
  }
}

/** Of all rounds together: a percentile of few values says little. */
function latencyOf(rounds: readonly Done[]): Latency {
  const all = newHistogram()
  for (const { latencies } of rounds) if (latencies) all.add(latencies)
  const at = (percentile: number) => all.getValueAtPercentile(percentile) / 1_000
  return { p50: at(50), p99: at(99), p999: at(99.9) }
}
