import { LockTable } from './lock-table.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import type { Topic } from './peers.ts'

export type Send = (message: ToWorker) => void

/** How long the slowest worker may take for an answer: as long as a server for its old socket's end, and some. */
const answerTime = 15_000

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
  #questionsAsked = 0

  join(worker: number, send: Send): void {
    this.#workers.set(worker, send)
  }

  /** The worker has died: its locks pass on, nobody waits for its answers. */
  leave(worker: number): void {
    this.#workers.delete(worker)
    this.#serving.delete(worker)
    this.#toOthers(worker, { kind: 'gone', worker })
    for (const { worker: next, id } of this.#locks.releaseAll(worker)) this.#workers.get(next)?.({ kind: 'locked', id })
    for (const id of [...this.#questions.keys()]) this.#answered(id, worker)
  }

  take(worker: number, message: FromWorker): void {
    const reply = this.#workers.get(worker)
    if (!reply) return // it has died, and these were its last words
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

  /** Asks all workers that serve, but `except`. */
  ask(topic: Topic, question: unknown, except?: number): Promise<unknown[]> {
    return this.#askEach(
      [...this.#serving].filter((worker) => worker !== except),
      topic,
      question,
    )
  }

  #askEach(workers: readonly number[], topic: Topic, question: unknown): Promise<unknown[]> {
    if (workers.length === 0) return Promise.resolve([])
    const id = ++this.#questionsAsked
    return new Promise((done) => {
      const timer = setTimeout(() => this.#close(id), answerTime).unref()
      this.#questions.set(id, { waitsFor: new Set(workers), values: [], done, timer })
      for (const worker of workers) this.#workers.get(worker)?.({ kind: 'asked', id, topic, question })
    })
  }

  /** Asks one worker that serves, whichever. Undefined where there is none, or it gives no answer. */
  async askOne(topic: Topic, question: unknown): Promise<unknown> {
    const [worker] = this.#serving
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
