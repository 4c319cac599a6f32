import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { createAdmin } from './admin/admin.ts'
import type { Operations } from './admin/operations.ts'
import { Sight } from './admin/sight.ts'
import { knowBackends } from './backends.ts'
import { FileCache } from './cache/file-cache.ts'
import { now, sleep } from './clock.ts'
import type { Config } from './config/config.ts'
import { renewableDiscovery } from './control/discovery.ts'
import type { DrainWish } from './control/drains.ts'
import { keepMembers } from './control/members.ts'
import type { StateFile } from './control/state-file.ts'
import { watchPressure } from './control/watch-pressure.ts'
import { createFront } from './front/front.ts'
import { duplicateAlarm } from './jupyter/duplicate-alarm.ts'
import { createLimits } from './limits/limits.ts'
import type { LoginNews } from './limits/login-attempts.ts'
import type { ProcessMemory } from './limits/memory-pressure.ts'
import type { CertificateState } from './observe/certificate.ts'
import type { Log } from './observe/log.ts'
import { Account, exchangeIds } from './request/account.ts'
import { Admission } from './request/admission.ts'
import type { Gate } from './request/gate.ts'
import { strictTransport } from './request/headers.ts'
import { Pins } from './request/pins.ts'
import { serve } from './request/serve.ts'
import { SessionSockets } from './request/session-sockets.ts'
import { settle, settleMalformed } from './request/settle.ts'
import { Tunnels } from './request/tunnels.ts'
import { Waiting } from './request/waiting.ts'
import { Clients } from './upstream/clients.ts'
import type { Renewal } from './workers/messages.ts'
import { alone, type Peers } from './workers/peers.ts'
import { hearDrains, shareSockets } from './workers/sharing.ts'
import { workersOf } from './workers/workers-of.ts'

export interface Gateway {
  readonly address: AddressInfo
  readonly adminAddress: AddressInfo | undefined
  /** What operators see and do of this process. */
  readonly operations: Operations
  /** Something has changed that holds from now on. */
  renew(changed: Renewal): void
  /** Not ready from now on; exchanges may finish until the deadline, in milliseconds, then everything ends. */
  drain(deadline: number): Promise<void>
  /** Ends everything at once. */
  destroy(): void
}

export interface Surroundings {
  readonly log: Log
  /** Absent: plain HTTP. */
  readonly tls: TlsOptions | undefined
  /** What is known of the certificate; workers do not, their primary does. */
  readonly certificate?: () => CertificateState
  readonly random?: () => number
  /** What the process says of its memory. */
  readonly processMemory?: () => ProcessMemory
  /** The other workers of this gateway, if there are any. */
  readonly peers?: Peers
}

/** Builds a gateway from its parts and starts it. Rejects when an address cannot be had. */
export async function startGateway(
  config: Config,
  { log, tls, certificate, random = Math.random, processMemory, peers = alone() }: Surroundings,
): Promise<Gateway> {
  const stopping = new AbortController()
  const clients = new Clients({
    connectTimeout: config.connectTimeout,
    onHandlerError: (error) => log.error({ err: error }, 'handling an answer failed in the gateway itself'),
  })
  const limits = createLimits(config, {
    now,
    processes: workersOf(config),
    memory: processMemory,
    tellLogin: (news) => peers.tell('logins', news),
  })
  peers.hear('logins', (news: LoginNews) => limits.logins.hear(news))
  const { cluster, watch, drains, questions } = knowBackends(config, { clients, log, random, peers, limits })
  const tunnels = new Tunnels({ sendTimeout: config.sendTimeout })
  const files = config.staticCache === 'off' ? undefined : new FileCache(config.staticCache)
  const gate: Gate & { config: Config } = {
    config,
    files,
    cluster,
    limits,
    log,
    sleep,
    pins: new Pins(config),
    tunnels,
    sessionSockets: new SessionSockets(tunnels, shareSockets(peers, tunnels)),
    waiting: new Waiting(),
    clientOf: (backend) => clients.of(backend),
    onDuplicate: duplicateAlarm(log),
    onFailure: (backend, failure) => watch.exchangeFailed(backend, failure),
  }
  cluster.pool.listen({
    backendChanged: (backend) => {
      if (backend.state === 'failing') gate.waiting.backendFell(backend)
      else if (backend.state === 'slow') gate.waiting.backendSlowed(backend)
    },
  })
  const discovery = renewableDiscovery(config)
  let stateFile: StateFile | undefined
  const isEnding = () => stopping.signal.aborted
  const sight = new Sight({ cluster, log, webSockets: tunnels, files, certificate, isEnding, now })
  const nextId = exchangeIds(random)
  const admission = new Admission({
    connections: limits.connections,
    log,
    now,
    onRefused: (failure) => sight.refused(failure),
  })
  const front = createFront({
    tls,
    admission,
    proxyFrom: config.proxyProtocol === 'on' ? (peer) => limits.trust.has(peer) : undefined,
    times: timesOf(config),
    usualHeaders: strictTransport(config.hsts),
    newAccount: () => new Account(nextId(), now()),
    onExchange: (exchange) => void serve(gate, exchange, (settled) => settle(log, sight, settled)),
    onMalformed: (client, failure, detail) => settleMalformed(log, sight, client, failure, detail),
    listener: sight.front,
  })
  const operations: Operations = {
    overview: async () => sight.overview(),
    metrics: () => sight.metrics(),
    drain: (key) => operate({ key, verdict: 'drain' }),
    restore: (key) => operate({ key, verdict: 'restore' }),
  }
  const admin = createAdmin({ operations, config, log, now })
  const destroy = () => {
    stopping.abort()
    watch.stopAll()
    tunnels.destroyAll()
    front.destroy()
    admin.close()
    clients.closeAll()
  }

  try {
    const adminAddress = await admin.open(config)
    void hearDrains(peers, drains)
    stateFile = keepMembers({ config, discovery, cluster, drains, log, now, random, signal: stopping.signal })
    watchPressure({ memory: limits.memory, log, signal: stopping.signal, random, onPressure: () => front.closeIdle() })
    const address = await front.listen(config.listen)
    return { address, adminAddress, operations, destroy, drain, renew }
  } catch (error) {
    destroy()
    throw error
  }

  /** An operator who is answered may rely on it, whatever happens to this process. */
  async function operate(wish: DrainWish): Promise<boolean> {
    const isKnown = await drains.change(wish)
    await stateFile?.flush()
    return isKnown
  }

  function renew({ tls: next, config: changed }: Renewal): void {
    if (next) front.renew(next)
    if (changed === undefined) return
    gate.config = changed
    discovery.renew(changed)
    questions.renew(changed)
    admin.renew(changed)
    gate.pins.renew(changed.token)
    limits.logins.know(changed.token, changed.formerToken)
    limits.trust.renew(changed.trust)
    front.retime(timesOf(changed))
    tunnels.retime(changed.sendTimeout)
  }

  async function drain(deadline: number): Promise<void> {
    stopping.abort()
    // Without a close frame: 1000 and 1001 tell JupyterLab 4.6 not to come back (services/src/kernel/default.ts).
    tunnels.destroyAll()
    await Promise.race([Promise.all([front.drain(), stateFile?.flush()]), sleep(deadline)])
    destroy()
  }
}

const timesOf = ({ headTimeout, bodyTimeout, idleTimeout, sendTimeout }: Config) => ({
  head: headTimeout,
  body: bodyTimeout,
  idle: idleTimeout,
  send: sendTimeout,
})
