import type { Readable } from 'node:stream'
import type { Progress } from './local/progress.ts'

/** Standard input: a terminal where `isTTY`. */
export interface Input extends Readable {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

/** What a command needs of the process it runs in; main.ts makes it, tests make their own. */
export interface Context {
  readonly environment: NodeJS.ProcessEnv
  readonly progress: Progress
  /** Where a person answers, or a pipe hands something over. */
  readonly input: Input
  /** A person reads what is said, rather than a log keeping it. */
  readonly isWatched: boolean
  /** Aborted when a person or the system asks us to end. */
  readonly stop: AbortSignal
  /** Runs at the very end, however it comes, and cannot wait for anything. */
  onExit(action: () => void): void
}

export interface Command {
  readonly about: string
  readonly help: () => string
  readonly run: (args: readonly string[], context: Context) => Promise<void>
}
