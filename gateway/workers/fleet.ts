import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { createAdmin } from '../admin/admin.ts'
import type { Operations } from '../admin/operations.ts'
import type { Config } from '../config/config.ts'
import type { CertificateState } from '../observe/certificate.ts'
import type { Log } from '../observe/log.ts'
import { fleetOperations, type Workers } from './fleet-operations.ts'
import { Heartbeat } from './heartbeat.ts'
import type { FromWorker, Renewal, ToWorker } from './messages.ts'
import { Restarts } from './restarts.ts'
import { Switchboard } from './switchboard.ts'

/** A child process, as much as the fleet needs of it. */
export interface WorkerProcess {
  send(message: ToWorker): void
  /** Ends it at once. */
  kill(): void
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void
  /** Once, however it ended; in words. */
  onExit(how: string): void
}

export interface FleetOptions {
  readonly config: Config
  /** How many. */
  readonly workers: number
  readonly tls: TlsOptions | undefined
  /** The primary process keeps the certificate, for all workers. */
  readonly certificate?: () => CertificateState
  readonly log: Log
  readonly fork: (events: WorkerEvents) => WorkerProcess
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
}

/** Milliseconds. */
const beatEvery = 5_000

/**
 * How long after the deadline of a drain a worker may take to be gone: one that hangs has not heard of it.
 * Milliseconds.
 */
const patienceAtEnd = 1_000

interface Member {
  readonly child: WorkerProcess
  readonly since: number
  serves: boolean
}

/** The processes that serve together, as their primary process sees them. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #switchboard = new Switchboard()
  readonly #members = new Map<number, Member>()
  readonly #restarts = new Restarts()
  readonly #heartbeat: Heartbeat
  readonly #beating: NodeJS.Timeout
  /** What the next workers start with. */
  #renewed: Renewal = {}
  #forked = 0
  #replaced = 0
  #started = false
  #ending = false
  #onListening: (address: AddressInfo) => void = () => {}
  #onFailed: (error: Error) => void = () => {}
  #onEmpty: () => void = () => {}

  constructor(options: FleetOptions) {
    this.#options = options
    const { now, log } = options
    this.#heartbeat = new Heartbeat({
      now,
      ask: (worker) => this.#members.get(worker)?.child.send({ kind: 'ping' }),
      kill: (worker) => {
        log.error({ worker }, 'a worker hangs and is killed')
        this.#members.get(worker)?.child.kill()
      },
    })
    this.#beating = setInterval(() => this.#heartbeat.beat(), beatEvery).unref()
  }

  /** Starts all workers; resolves when every one of them listens. Rejects if one cannot. */
  async start(): Promise<AddressInfo> {
    let address: AddressInfo | undefined
    const { workers } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#onListening = (where) => {
        address = where
        if (this.#serving === workers) resolve()
      }
      this.#onFailed = reject
      for (let count = 0; count < workers; count++) this.#fork()
    })
    this.#started = true
    return address as unknown as AddressInfo
  }

  readonly operations: Operations = fleetOperations(this.#workers())

  /** Exchanges may finish until the deadline, in milliseconds; then all workers have ended. */
  async drain(deadline: number): Promise<void> {
    this.#ending = true
    this.#switchboard.toAll({ kind: 'drain', deadline })
    if (this.#members.size === 0) return
    const late = setTimeout(() => this.destroy(), deadline + patienceAtEnd)
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    clearTimeout(late)
  }

  /** For all workers, and those that are forked later. */
  renew(changed: Renewal): void {
    this.#renewed = { ...this.#renewed, ...changed }
    this.#switchboard.toAll({ kind: 'renew', changed })
  }

  destroy(): void {
    this.#ending = true
    clearInterval(this.#beating)
    for (const { child } of this.#members.values()) child.kill()
  }

  #workers(): Workers {
    const fleet = this
    return {
      ask: (topic) => fleet.#switchboard.ask(topic, undefined),
      certificate: () => fleet.#options.certificate?.(),
      operate: async (news) => (await fleet.#switchboard.askOne('operate', news)) as boolean | undefined,
      get serving() {
        return fleet.#serving
      },
      get restarts() {
        return fleet.#replaced
      },
      get isEnding() {
        return fleet.#ending
      },
    }
  }

  get #serving(): number {
    return [...this.#members.values()].filter(({ serves }) => serves).length
  }

  #fork(): void {
    const number = ++this.#forked
    const { fork, now } = this.#options
    const { config = this.#options.config, tls = this.#options.tls } = this.#renewed
    let child: WorkerProcess
    try {
      child = fork({
        onMessage: (message) => this.#take(number, message),
        onExit: (how) => this.#exited(number, how),
      })
    } catch (error) {
      if (!this.#started) throw error
      return this.#replace(number, (error as Error).message, 0) // out of memory or of processes: perhaps not for long
    }
    this.#members.set(number, { child, since: now(), serves: false })
    this.#heartbeat.heard(number)
    child.send({ kind: 'start', config, tls })
    this.#switchboard.join(number, (message) => child.send(message))
  }

  #take(number: number, message: FromWorker): void {
    const member = this.#members.get(number)
    if (!member) return
    this.#heartbeat.heard(number)
    if (message.kind === 'failed') this.#failed(number, member, message.message)
    this.#switchboard.take(number, message)
    if (message.kind !== 'listening') return
    member.serves = true
    this.#onListening(message.address)
  }

  /** At the start that is why the gateway cannot start; later the port is ours, and it may be better the next time. */
  #failed(number: number, { child }: Member, why: string): void {
    if (!this.#started) return this.#onFailed(new Error(why))
    this.#options.log.error({ worker: number, why }, 'a worker could not start')
    child.kill()
  }

  #exited(number: number, how: string): void {
    const member = this.#members.get(number)
    if (!member) return
    this.#members.delete(number)
    this.#switchboard.leave(number)
    this.#heartbeat.forget(number)
    if (this.#ending) {
      if (this.#members.size === 0) this.#onEmpty()
      return
    }
    this.#replace(number, how, this.#options.now() - member.since)
  }

  #replace(number: number, how: string, lived: number): void {
    this.#replaced++
    const { log } = this.#options
    const pause = this.#restarts.pauseAfter(lived)
    log.error({ worker: number, how, againMs: pause }, 'a worker has ended and is replaced')
    setTimeout(() => {
      if (!this.#ending) this.#fork()
    }, pause)
  }
}

export interface RunningFleet {
  readonly address: AddressInfo
  readonly adminAddress: AddressInfo | undefined
  renew(changed: Renewal): void
  drain(deadline: number): Promise<void>
  destroy(): void
}

/** Starts workers and, before them all, the operators' listener. Rejects when an address cannot be had. */
export async function startFleet(options: FleetOptions): Promise<RunningFleet> {
  const { config } = options
  const fleet = new Fleet(options)
  const admin = createAdmin({ operations: fleet.operations, config, log: options.log, now: options.now })
  const destroy = () => {
    fleet.destroy()
    admin.close()
  }
  try {
    // Who asks whether it is alive shall not be told so before clients are answered.
    const address = await fleet.start()
    const adminAddress = await admin.open(config)
    return {
      address,
      adminAddress,
      drain: (deadline) => fleet.drain(deadline),
      renew: (changed) => {
        fleet.renew(changed)
        if (changed.config) admin.renew(changed.config)
      },
      destroy,
    }
  } catch (error) {
    destroy()
    throw error
  }
}
