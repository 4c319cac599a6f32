import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, type Histogram } from 'hdr-histogram-js'
import { cpuTime } from '../processes.ts'
import type { Done, Subject } from './work.ts'

/** Says how long the reply is that begins so; undefined as long as that cannot be told. Throws for a wrong one. */
export type LengthOf = (beginning: Buffer) => number | undefined

const noBytes: Buffer = Buffer.alloc(0)

/**
 * Asks on one connection, the same again and again if nothing else is said. It looks at no more of a reply than where it
 * ends: what loads must cost less than what is loaded.
 */
export class Asker {
  /** Questions that were answered. */
  count = 0
  readonly #socket: Socket
  #question: Buffer
  readonly #lengthOf: LengthOf
  #latencies: Histogram | undefined
  #times = Number.POSITIVE_INFINITY
  #finish!: () => void
  #error: Error | undefined
  /** Of the question and of the reply under way. */
  #askedAt = 0
  #sent = 0
  #come = 0
  #beginning = noBytes
  #length: number | undefined

  constructor(socket: Socket, question: Buffer, lengthOf: LengthOf) {
    this.#socket = socket
    this.#question = question
    this.#lengthOf = lengthOf
    socket.on('data', this.#onData)
    socket.on('drain', this.#send)
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the proxy closed a connection')))
  }

  /** Asks so many times; resolves when that is done, or can be no more. */
  ask(times = Number.POSITIVE_INFINITY, question = this.#question): Promise<void> {
    this.#times = times
    this.#question = question
    this.#askAgain()
    return new Promise((resolve) => {
      this.#finish = resolve
      if (this.#error) resolve()
    })
  }

  /** From now on. */
  measure(latencies: Histogram): void {
    this.count = 0
    this.#latencies = latencies
  }

  /** Throws what went wrong meanwhile. */
  close(): void {
    const error = this.#error
    this.#error = new Error('it is over')
    this.#socket.destroy()
    if (error) throw error
  }

  #askAgain(): void {
    this.#askedAt = performance.now()
    this.#sent = 0
    this.#come = 0
    this.#length = undefined
    this.#send()
  }

  /** A long one in pieces, as fast as they are taken. */
  #send = (): void => {
    const question = this.#question
    while (this.#sent < question.length) {
      const piece = question.subarray(this.#sent, this.#sent + longestPiece)
      this.#sent += piece.length
      if (!this.#socket.write(piece)) return
    }
  }

  #onData = (bytes: Buffer): void => {
    if (this.#error) return
    this.#come += bytes.length
    try {
      this.#length ??= this.#find(bytes)
    } catch (error) {
      return this.#fail(error as Error)
    }
    if (this.#length === undefined || this.#come < this.#length) return
    if (this.#come > this.#length) return this.#fail(new Error('a reply is longer than it should be'))
    this.count++
    this.#latencies?.recordValue((performance.now() - this.#askedAt) * 1_000)
    if (--this.#times > 0) this.#askAgain()
    else this.#finish()
  }

  #find(bytes: Buffer): number | undefined {
    const beginning = this.#beginning.length === 0 ? bytes : Buffer.concat([this.#beginning, bytes])
    const length = this.#lengthOf(beginning)
    this.#beginning = length === undefined ? beginning : noBytes
    return length
  }

  #fail(error: Error): void {
    this.#error ??= error
    this.#socket.destroy()
    this.#finish?.()
  }
}

const longestPiece = 1024 * 1024

/** Microseconds, from one to a minute. */
export function newHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
}

const warmUp = 300

/** All ask as fast as they are answered; what it takes to open and close them is not in the measure. */
export async function askAll(subject: Subject, askers: readonly Asker[], seconds: number): Promise<Done> {
  const latencies = newHistogram()
  for (const asker of askers) void asker.ask()
  await sleep(warmUp)
  for (const asker of askers) asker.measure(latencies)
  const measured = measuring(subject)
  await sleep(seconds * 1_000)
  return { ...end(askers, measured, 1), latencies }
}

/** Each asks once for something long; a unit is a part of it. */
export async function askOnce(subject: Subject, askers: readonly Asker[], unitsOfEach: number): Promise<Done> {
  const latencies = newHistogram()
  for (const asker of askers) asker.measure(latencies)
  const measured = measuring(subject)
  await Promise.all(askers.map((asker) => asker.ask(1)))
  return { ...end(askers, measured, unitsOfEach), latencies }
}

type Measure = () => { seconds: number; cpu: number }

export function measuring({ pid }: Subject): Measure {
  const cpu = cpuTime(pid)
  const begun = performance.now()
  return () => ({ cpu: cpuTime(pid) - cpu, seconds: (performance.now() - begun) / 1_000 })
}

function end(askers: readonly Asker[], measured: Measure, unitsOfEach: number): Omit<Done, 'latencies'> {
  const units = askers.reduce((sum, { count }) => sum + count, 0) * unitsOfEach
  const { cpu, seconds } = measured()
  for (const asker of askers) asker.close()
  if (units === 0) throw new Error('nothing was answered')
  return { units, seconds, cost: cpu / units }
}
