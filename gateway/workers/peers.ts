import { KeyedLock, type Lock } from '../jupyter/keyed-lock.ts'

/**
 * What workers tell and ask each other about. Each topic has one speaker and one listener in the code, but `heard`: that
 * it arrives is all there is to it.
 */
export type Topic =
  | 'survey'
  | 'documents'
  | 'creations'
  | 'heard'
  | 'logins'
  | 'session-socket'
  | 'end-session-socket'
  | 'overview'
  | 'drains'
  | 'drains-held'
  | 'operate'
  | 'metrics'

/**
 * The other workers of this gateway, who share its port. News and answers are plain data, as they pass between
 * processes. What one worker tells is heard by the others in the order in which it was told.
 */
export interface Peers {
  /** Over all workers: what the holder before told has been heard when the next one begins. */
  readonly lock: Lock
  tell(topic: Topic, news: unknown): void
  /** `from` is the number of the worker that told. */
  hear(topic: Topic, listener: (news: never, from: number) => void): void
  /** Asks all others. A worker that dies meanwhile, or takes too long, gives no answer. */
  ask(topic: Topic, question: unknown): Promise<unknown[]>
  answer(topic: Topic, answerer: (question: never) => unknown): void
  /**
   * Resolves when everything has been heard that others told before: a client may have its answer from one worker and
   * already ask the next.
   */
  sync(): Promise<void>
  /** The other way round: resolves when all others have heard what this worker told before. */
  heard(): Promise<void>
  /** A worker is no more; what it told of itself no longer holds. */
  onGone(listener: (worker: number) => void): void
}

/** A gateway that is one process. */
export function alone(): Peers {
  return {
    lock: new KeyedLock(),
    tell: () => {},
    hear: () => {},
    ask: async () => [],
    answer: () => {},
    sync: async () => {},
    heard: async () => {},
    onGone: () => {},
  }
}
