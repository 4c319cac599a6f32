import type { Histogram } from 'hdr-histogram-js'
import type { WorkName } from '../report/record.ts'

/** What is loaded: us or a peer. */
export interface Subject {
  readonly name: string
  readonly pid: number
  readonly port: number
  readonly tls: boolean
}

export interface Form {
  readonly tls: boolean
  readonly connections: number
}

/** What one round on one subject came to. */
export interface Done {
  readonly units: number
  readonly seconds: number
  /** CPU microseconds of the subject for each unit, or KB. */
  readonly cost: number
  /** Microseconds. */
  readonly latencies?: Histogram
  /** The most that the subject held meanwhile, MiB beyond what it had when it had done nothing yet. */
  readonly memory?: number
}

/** Servers for a row. */
export interface Backends {
  readonly ports: readonly number[]
  /** Those that count beside the proxy. */
  readonly pids?: readonly number[]
  /** What our gateway must be told of them. */
  readonly flags?: readonly string[]
  /** Ends those that were not started by processes.ts. */
  readonly stop?: () => Promise<void>
}

export interface Work {
  readonly name: WorkName
  readonly unit: string
  readonly forms: readonly Form[]
  /** `--quick` looks at these alone. */
  readonly quickForms: readonly Form[]
  /** Done once by a subject that has done nothing yet: what it holds afterwards would be in the next measure. */
  readonly isOnce?: true
  /** Whether what is said of it is also how much memory it takes, whatever the length of what passes. */
  readonly tellsMemory?: true
  startBackends(): Promise<Backends>
  /** Puts load on a subject for so many seconds, or once where the work is of one piece. */
  perform(subject: Subject, form: Form, options: Options): Promise<Done>
  /** Where what a saturated proxy lets wait says nothing: how long it takes at a rate that all can bear. */
  wait?(subject: Subject, form: Form, options: Options): Promise<Histogram>
}

export interface Options {
  readonly seconds: number
  /** Whether small requests have a browser's headers, or only Host. */
  readonly browser: boolean
  readonly backends: Backends
}
