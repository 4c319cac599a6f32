import { LockTable } from './lock-table.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import type { Topic } from './peers.ts'

export type Send = (message: ToWorker) => void

/**
 * How long the slowest worker may take for an answer, in milliseconds. A worker's event loop hardly ever rests that
 * long.
 */
const answerTime = 2_000

/**
 * Where an answer waits for a server: for its old socket's end, or for its word on a drain and then for the others'. And
 * counts are better late than never, as one that lacks a worker's is none (fleet-operations.ts).
 */
const longAnswerTimes: Partial<Readonly<Record<Topic, number>>> = {
  'end-session-socket': 15_000,
  operate: 10_000,
  metrics: 8_000,
}

interface Question {
  readonly waitsFor: Set<number>
  readonly values: unknown[]
  readonly done: (values: unknown[]) => void
  readonly timer: NodeJS.Timeout
}

/** The primary's part in what workers tell and ask each other: it passes on, counts answers and keeps the locks. */
export class Switchboard {
  readonly #workers = new Map<number, Send>()
  /** Those that have begun to serve: who is only starting has nothing to answer with. */
  readonly #serving = new Set<number>()
  readonly #locks = new LockTable()
  readonly #questions = new Map<number, Question>()
  /** Those that let a question's time pass and have said nothing since: one that hangs is waited for once. */
  readonly #silent = new Set<number>()
  #questionsAsked = 0

  join(worker: number, send: Send): void {
    this.#workers.set(worker, send)
  }

  /** The worker has died: its locks pass on, nobody waits for its answers. */
  leave(worker: number): void {
    this.#workers.delete(worker)
    this.#serving.delete(worker)
    this.#silent.delete(worker)
    this.#toOthers(worker, { kind: 'gone', worker })
    for (const { worker: next, id } of this.#locks.releaseAll(worker)) this.#workers.get(next)?.({ kind: 'locked', id })
    for (const id of [...this.#questions.keys()]) this.#answered(id, worker)
  }

  take(worker: number, message: FromWorker): void {
    const reply = this.#workers.get(worker)
    if (!reply) return // it has died, and these were its last words
    this.#silent.delete(worker)
    switch (message.kind) {
      case 'lock':
        if (this.#locks.claim({ worker, id: message.id }, message.key)) reply({ kind: 'locked', id: message.id })
        return
      case 'unlock': {
        const next = this.#locks.release({ worker, id: message.id })
        if (next) this.#workers.get(next.worker)?.({ kind: 'locked', id: next.id })
        return
      }
      case 'tell':
        return this.#toOthers(worker, { kind: 'told', topic: message.topic, news: message.news, from: worker })
      case 'ask':
        void this.ask(message.topic, message.question, worker).then((values) =>
          this.#workers.get(worker)?.({ kind: 'answered', id: message.id, values }),
        )
        return
      case 'answer':
        return this.#answered(message.id, worker, [message.value])
      case 'sync':
        // Whatever others told before this was asked waits to be read by now, if not read already: behind the reading
        // of all channels it has been passed on.
        setImmediate(() => reply({ kind: 'synced', id: message.id }))
        return
      case 'listening':
        this.#serving.add(worker)
        return
      case 'failed':
      case 'pong':
        return
    }
  }

  /** Asks all workers that serve and are not silent, but `except`. */
  ask(topic: Topic, question: unknown, except?: number): Promise<unknown[]> {
    return this.#askEach(
      this.#awake.filter((worker) => worker !== except),
      topic,
      question,
    )
  }

  get #awake(): number[] {
    return [...this.#serving].filter((worker) => !this.#silent.has(worker))
  }

  #askEach(workers: readonly number[], topic: Topic, question: unknown): Promise<unknown[]> {
    if (workers.length === 0) return Promise.resolve([])
    const id = ++this.#questionsAsked
    return new Promise((done) => {
      const waitsFor = new Set(workers)
      const longTime = longAnswerTimes[topic]
      const giveUp = () => {
        if (longTime === undefined) for (const worker of waitsFor) this.#silent.add(worker)
        this.#close(id)
      }
      const timer = setTimeout(giveUp, longTime ?? answerTime).unref()
      this.#questions.set(id, { waitsFor, values: [], done, timer })
      for (const worker of workers) this.#workers.get(worker)?.({ kind: 'asked', id, topic, question })
    })
  }

  /** Asks one worker that serves and is not silent, whichever. Undefined where there is none, or it gives no answer. */
  async askOne(topic: Topic, question: unknown): Promise<unknown> {
    const [worker] = this.#awake
    return worker === undefined ? undefined : (await this.#askEach([worker], topic, question))[0]
  }

  /** To all workers, in the primary's own name. */
  toAll(message: ToWorker): void {
    this.#toOthers(undefined, message)
  }

  #answered(id: number, worker: number, values: readonly unknown[] = []): void {
    const question = this.#questions.get(id)
    if (!question?.waitsFor.delete(worker)) return
    question.values.push(...values)
    if (question.waitsFor.size === 0) this.#close(id)
  }

  #close(id: number): void {
    const question = this.#questions.get(id)
    if (!question) return
    this.#questions.delete(id)
    clearTimeout(question.timer)
    question.done(question.values)
  }

  #toOthers(worker: number | undefined, message: ToWorker): void {
    for (const [other, send] of this.#workers) if (other !== worker) send(message)
  }
}
