import type { Lock } from '../jupyter/keyed-lock.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import type { Peers, Topic } from './peers.ts'

/** A worker's end of the line to all others, which goes through the primary process (switchboard.ts). */
export class Colleagues implements Peers {
  readonly #send: (message: FromWorker) => void
  readonly #listeners = new Map<Topic, (news: never, from: number) => void>()
  readonly #answerers = new Map<Topic, (question: never) => unknown>()
  readonly #goneListeners: ((worker: number) => void)[] = []
  /** Who waits for the primary's reply, by the number of the question. */
  readonly #waiting = new Map<number, (values: unknown[]) => void>()
  #asked = 0
  #syncing: { readonly begun: Promise<void> } | undefined

  constructor(send: (message: FromWorker) => void) {
    this.#send = send
  }

  readonly lock: Lock = {
    run: async (key, task) => {
      const id = this.#newId()
      await this.#request(id, { kind: 'lock', id, key })
      try {
        return await task()
      } finally {
        this.#send({ kind: 'unlock', id })
      }
    },
  }

  tell(topic: Topic, news: unknown): void {
    this.#send({ kind: 'tell', topic, news })
  }

  hear(topic: Topic, listener: (news: never, from: number) => void): void {
    this.#listeners.set(topic, listener)
  }

  ask(topic: Topic, question: unknown): Promise<unknown[]> {
    const id = this.#newId()
    return this.#request(id, { kind: 'ask', id, topic, question })
  }

  answer(topic: Topic, answerer: (question: never) => unknown): void {
    this.#answerers.set(topic, answerer)
  }

  /** Those who ask in the same turn share one question. */
  sync(): Promise<void> {
    this.#syncing ??= { begun: this.#sync() }
    return this.#syncing.begun
  }

  /** A question that nobody has an answer to: it is heard behind all that was told before. */
  async heard(): Promise<void> {
    await this.ask('heard', undefined)
  }

  onGone(listener: (worker: number) => void): void {
    this.#goneListeners.push(listener)
  }

  /** A message from the primary. */
  take(message: ToWorker): void {
    switch (message.kind) {
      case 'locked':
      case 'synced':
        return this.#replied(message.id, [])
      case 'answered':
        return this.#replied(message.id, message.values)
      case 'told':
        return this.#listeners.get(message.topic)?.(message.news as never, message.from)
      case 'asked':
        return void this.#reply(message.id, message.topic, message.question)
      case 'ping':
        return this.#send({ kind: 'pong' })
      case 'gone':
        for (const listener of this.#goneListeners) listener(message.worker)
        return
      case 'start':
      case 'drain':
      case 'renew':
        return
    }
  }

  async #sync(): Promise<void> {
    await undefined // lets others of this turn join; later ones need a question of their own
    this.#syncing = undefined
    const id = this.#newId()
    await this.#request(id, { kind: 'sync', id })
  }

  async #reply(id: number, topic: Topic, question: unknown): Promise<void> {
    // An answerer that throws has no answer; whoever asked is not left waiting.
    const answer = async () => this.#answerers.get(topic)?.(question as never)
    this.#send({ kind: 'answer', id, value: await answer().catch(() => undefined) })
  }

  #request(id: number, message: FromWorker): Promise<unknown[]> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#send(message)
    })
  }

  #replied(id: number, values: unknown[]): void {
    this.#waiting.get(id)?.(values)
    this.#waiting.delete(id)
  }

  #newId(): number {
    return ++this.#asked
  }
}
