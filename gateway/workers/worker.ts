import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Operations } from '../admin/operations.ts'
import type { Config } from '../config/config.ts'
import type { DrainWish } from '../control/drains.ts'
import { Colleagues } from './colleagues.ts'
import type { FromWorker, Renewal, ToWorker } from './messages.ts'
import type { Peers } from './peers.ts'

/** The line to the primary process. */
export interface Channel {
  send(message: FromWorker): void
  onMessage(listener: (message: ToWorker) => void): void
}

export interface WorkerGateway {
  readonly address: AddressInfo
  readonly operations: Operations
  drain(deadline: number): Promise<void>
  renew(changed: Renewal): void
}

export interface WorkerOptions {
  readonly channel: Channel
  /** Starts the gateway of this process; rejects where it cannot listen. */
  readonly start: (config: Config, tls: TlsOptions | undefined, peers: Peers) => Promise<WorkerGateway>
  /** The process shall end. */
  readonly exit: (code: number) => void
  /** In one sentence, why it could not be started. */
  readonly explain: (error: unknown, config: Config) => string
}

/** One of several processes that serve together. What it does is decided by the messages of its primary (fleet.ts). */
export function runWorker({ channel, start, exit, explain }: WorkerOptions): void {
  const colleagues = new Colleagues((message) => channel.send(message))
  let gateway: WorkerGateway | undefined
  /** What has changed since the start, also while the gateway is only starting. */
  let renewed: Renewal = {}

  channel.onMessage((message) => {
    if (message.kind === 'start') void begin(message.config, message.tls)
    else if (message.kind === 'drain') void end(message.deadline)
    else if (message.kind === 'renew') renew(message.changed)
    else colleagues.take(message)
  })

  async function begin(config: Config, tls: TlsOptions | undefined): Promise<void> {
    try {
      // Operators are answered by the primary process, for all workers.
      gateway = await start({ ...config, admin: 'off', adminSocket: undefined, adminToken: undefined }, tls, colleagues)
      gateway.renew(renewed)
      const { operations, address } = gateway
      colleagues.answer('overview', () => operations.overview())
      colleagues.answer('operate', ({ verdict, key }: DrainWish) => operations[verdict](key))
      colleagues.answer('metrics', () => operations.metrics())
      channel.send({ kind: 'listening', address })
    } catch (error) {
      channel.send({ kind: 'failed', message: explain(error, config) })
    }
  }

  function renew(changed: Renewal): void {
    renewed = { ...renewed, ...changed }
    gateway?.renew(changed)
  }

  async function end(deadline: number): Promise<void> {
    await gateway?.drain(deadline)
    exit(0)
  }
}
