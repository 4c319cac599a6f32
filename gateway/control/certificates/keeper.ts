import type { TlsOptions } from 'node:tls'
import type { CertificateState } from '../../observe/certificate.ts'
import type { Log } from '../../observe/log.ts'
import { every } from '../every.ts'
import type { Identity } from './identity.ts'
import type { Opened, Source } from './source.ts'
import { endingSoon, stateOf } from './state.ts'
import { tlsOptions } from './tls-options.ts'

const second = 1_000
const day = 24 * 3_600 * second

/** Two looks see the same before it is taken, so a new certificate is shown after five seconds at most. */
const lookEvery = 2 * second
/** How long the second of two files may take to follow the first until somebody is told. */
const patience = 60 * second
/** Who steals the keys of tickets reads what was sent under them: so they live no longer. */
const ticketKeysFor = 12 * 3_600 * second

export interface KeeperOptions {
  readonly source: Source
  readonly log: Log
  /** The calendar's time, by which certificates end. */
  readonly now?: () => Date
}

/**
 * Keeps the certificate that new connections are shown: takes a new one that is good, stays with the old one where it is
 * not, and says either once. With each certificate the keys of session tickets change, so that no session that began
 * under the old one is resumed; and every twelve hours.
 */
export class Keeper {
  readonly #source: Source
  readonly #log: Log
  readonly #now: () => Date
  #identity: Identity
  #tls: TlsOptions
  #listener: (tls: TlsOptions) => void = () => {}
  #ticketsSince: number
  #refusal: CertificateState['lastRefusal']
  /** Whether that has been said of what is there now. */
  #isRefusalSaid = false
  /** Since when there is no pair. */
  #unfinishedSince: number | undefined
  #daySaid: number

  private constructor({ source, log, now = () => new Date() }: KeeperOptions, { identity, warnings }: Opened) {
    this.#source = source
    this.#log = log
    this.#now = now
    this.#identity = identity
    this.#tls = tlsOptions(identity)
    this.#ticketsSince = now().getTime()
    this.#daySaid = now().getTime()
    this.#warn(warnings)
    this.#warn(this.#ending())
  }

  /** Rejects with FileError where there is nothing to begin with. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const { source, now = () => new Date() } = options
    return new Keeper(options, await source.open(now()))
  }

  /** For connections from now on. */
  get tls(): TlsOptions {
    return this.#tls
  }

  state(): CertificateState {
    const { kind: source } = this.#source
    return stateOf({
      cert: this.#identity.cert,
      source,
      now: this.#now(),
      ...(this.#refusal && { lastRefusal: this.#refusal }),
    })
  }

  /**
   * Looks again and again until the signal aborts. The listener is called each time that there is something new to
   * show.
   */
  keep(listener: (tls: TlsOptions) => void, { signal, random }: { signal: AbortSignal; random: () => number }): void {
    this.#listener = listener
    const onError = (error: unknown) => this.#log.error({ err: error }, 'looking after the certificate failed')
    void every({ period: () => lookEvery, task: () => this.look(), onError, signal, random })
  }

  async look(): Promise<void> {
    const now = this.#now()
    const look = await this.#source.look(this.#identity, now)
    switch (look.kind) {
      case 'same':
        this.#refusal = undefined
        this.#unfinishedSince = undefined
        break
      case 'unsettled':
        this.#wait(look.reason, now)
        break
      case 'refused':
        this.#unfinishedSince = undefined
        this.#refuse(look.reason, now)
        break
      case 'renewed':
        this.#unfinishedSince = undefined
        this.#take(look.opened, now)
    }
    if (now.getTime() - this.#ticketsSince >= ticketKeysFor) this.#show(now)
    if (now.getTime() - this.#daySaid < day) return
    this.#daySaid = now.getTime()
    this.#warn(this.#ending())
  }

  #wait(reason: string | undefined, now: Date): void {
    if (reason === undefined) {
      this.#unfinishedSince = undefined
      this.#isRefusalSaid = false
      return
    }
    this.#unfinishedSince ??= now.getTime()
    if (now.getTime() - this.#unfinishedSince >= patience) this.#refuse(reason, now)
  }

  #refuse(reason: string, now: Date): void {
    if (this.#isRefusalSaid && this.#refusal?.reason === reason) return
    this.#isRefusalSaid = true
    this.#refusal = { at: now.toISOString(), reason }
    this.#log.error({ reason }, 'the new certificate is not taken, the old one stays')
  }

  #take({ identity, warnings }: Opened, now: Date): void {
    this.#identity = identity
    this.#refusal = undefined
    const { subject, names, issuer, notAfter } = this.state()
    this.#log.info({ subject, names, issuer, notAfter }, 'new connections are shown a new certificate')
    this.#warn([...warnings, ...this.#ending()])
    this.#daySaid = now.getTime()
    this.#show(now)
  }

  /** With new keys for tickets, always. */
  #show(now: Date): void {
    this.#ticketsSince = now.getTime()
    this.#tls = tlsOptions(this.#identity)
    this.#listener(this.#tls)
  }

  #ending(): string[] {
    return endingSoon(this.#identity.cert, this.#source.kind, this.#now())
  }

  #warn(warnings: readonly string[]): void {
    for (const reason of warnings) this.#log.warn({ reason }, 'the certificate needs attention')
  }
}
