import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { TlsOptions } from 'node:tls'
import { createAdmin } from './admin/admin.ts'
import type { Config } from './config/config.ts'
import { createDiscovery } from './control/discovery.ts'
import { every } from './control/every.ts'
import { Health } from './control/health.ts'
import { Watch } from './control/watch.ts'
import { Cluster } from './jupyter/cluster.ts'
import { Owners } from './jupyter/owners.ts'
import { Survey } from './jupyter/survey.ts'
import { type Log, redactTarget } from './observe/log.ts'
import type { Backend } from './pool/backend.ts'
import { Pool } from './pool/pool.ts'
import { Account } from './request/account.ts'
import type { Exchange } from './request/exchange.ts'
import type { FailureCode } from './request/failure.ts'
import type { Gate } from './request/gate.ts'
import { handle } from './request/handle.ts'
import { nodeFront } from './request/node-front.ts'
import { Pins } from './request/pins.ts'
import { refuse } from './request/refuse.ts'
import { Tunnels } from './request/tunnels.ts'
import { ask } from './upstream/ask.ts'
import type { BackendFailure } from './upstream/client.ts'
import { Clients } from './upstream/clients.ts'

/** How often discovery is asked. Milliseconds. */
const discoverEvery = 1_500
/** Bytes of a backend's answer that is read whole: lists of some ten thousand kernels. */
const answerLimit = 16 * 1024 * 1024

export interface Gateway {
  /** Where it listens. */
  readonly address: AddressInfo
  readonly adminAddress: AddressInfo | undefined
  /** Not ready from now on; exchanges may finish until the deadline, then everything ends. Milliseconds. */
  drain(deadline: number): Promise<void>
  /** Ends everything at once. */
  destroy(): void
}

export interface Surroundings {
  readonly log: Log
  readonly tls: TlsOptions | undefined
  readonly random?: () => number
}

/** Builds a gateway from its parts and starts it. Rejects when an address cannot be had. */
export async function startGateway(config: Config, { log, tls, random = Math.random }: Surroundings): Promise<Gateway> {
  const now = () => performance.now()
  const sleep = (milliseconds: number) => delay(milliseconds, undefined, { ref: false })
  const stopping = new AbortController()

  const pool = new Pool({ now, random, slowStart: config.slowStart })
  const owners = new Owners()
  const clients = new Clients({ connectTimeout: config.connectTimeout })
  const authorization = config.token === '' ? [] : ['Authorization', `token ${config.token}`]
  const askAsGateway = (backend: Backend, path: string) => {
    // Not counted as activity: the gateway's looking must not keep idle servers awake (APIHandler.update_api_activity).
    const query = path.includes('?') ? '&no_track_activity=1' : '?no_track_activity=1'
    const request = { method: 'GET', target: `${config.baseUrl}${path}${query}`, headers: gatewayHeaders(backend) }
    return ask(clients.of(backend), request, { limit: answerLimit, timeout: config.probeTimeout })
  }
  const gatewayHeaders = (backend: Backend) => ['Host', backend.key, ...authorization]
  const survey = new Survey({ ask: askAsGateway, owners, now, maxAge: config.listMaxAge })
  const onFailure = (backend: Backend, failure: BackendFailure) => watch.exchangeFailed(backend, failure)
  const cluster = new Cluster({
    pool,
    owners,
    survey,
    now,
    sleep,
    baseUrl: config.baseUrl,
    goneAfter: config.goneAfter,
    holdFor: config.holdFor,
    askAsGateway,
    onFailure,
    send: (backend, request) =>
      ask(clients.of(backend), request, { limit: answerLimit, timeout: config.answerTimeout }),
  })
  const watch = new Watch({
    cluster,
    health: new Health({ pool, rise: config.rise, fall: config.fall, now }),
    log,
    probeEvery: config.probeEvery,
    surveyEvery: config.surveyEvery,
    random,
    probe: (backend, request) => {
      const headers = [...request.headers, ...gatewayHeaders(backend)]
      return ask(clients.of(backend), { ...request, headers }, { limit: answerLimit, timeout: config.probeTimeout })
    },
  })
  pool.listen({
    backendAdded: (backend) => watch.start(backend),
    backendRemoved: (backend) => {
      watch.stop(backend)
      survey.forget(backend)
      clients.drop(backend)
    },
    backendChanged: ({ key, state, reason }) => log.info({ backend: key, state, reason }, `backend is ${state}`),
  })

  const tunnels = new Tunnels()
  const gate: Gate = {
    config,
    cluster,
    pins: new Pins(config),
    tunnels,
    log,
    clientOf: (backend) => clients.of(backend),
    onFailure,
    sleep,
  }
  let exchanges = 0
  const front = nodeFront({
    tls,
    newAccount: () => new Account(++exchanges, now()),
    onExchange: (exchange) => void serve(gate, exchange),
    onMalformed: (client, code, detail) => log.info({ client: client.address, failure: code, detail }, 'refused'),
  })
  const admin =
    config.admin === 'off'
      ? undefined
      : createAdmin({
          cluster,
          webSockets: () => tunnels.size,
          ending: () => stopping.signal.aborted,
        })

  const address = await front.listen(config.listen)
  const adminAddress = config.admin === 'off' ? undefined : await admin?.listen(config.admin)
  const discovery = createDiscovery(config.backends)
  void every({
    period: () => discoverEvery,
    task: async () => {
      for (const found of await discovery.addresses(stopping.signal)) pool.add(found)
    },
    onError: (error) => log.warn({ err: error }, 'discovery failed; the backends known so far are kept'),
    signal: stopping.signal,
    random,
  })

  const destroy = () => {
    stopping.abort()
    watch.stopAll()
    tunnels.destroyAll()
    front.destroy()
    admin?.close()
    clients.closeAll()
  }
  return {
    address,
    adminAddress,
    drain: async (deadline) => {
      stopping.abort()
      // Without a close frame: 1000 and 1001 tell JupyterLab 4.6 not to come back (jupyter.md 2.6).
      tunnels.destroyAll()
      await Promise.race([front.drain(), sleep(deadline)])
      destroy()
    },
    destroy,
  }
}

async function serve(gate: Gate, exchange: Exchange): Promise<void> {
  exchange.account.onClose = () => writeLine(gate.log, exchange)
  try {
    await handle(gate, exchange)
  } catch (error) {
    gate.log.error({ err: error, exchange: exchange.account.id }, 'an exchange failed in the gateway itself')
    refuse(exchange, 'internal')
  }
}

/** The access log: one line an exchange. */
function writeLine(log: Log, { account, client, head }: Exchange): void {
  const { id, startedAt, answeredAt, route, backend, status, bytesOut, failure, detail } = account
  const total = performance.now() - startedAt
  const line = {
    id,
    client: client.address,
    method: head.method,
    path: redactTarget(head.target),
    route,
    backend,
    status: failure === 'client-gone' && status === 0 ? 499 : status,
    bytes: bytesOut,
    firstByteMs: answeredAt === undefined ? undefined : round(answeredAt - startedAt),
    totalMs: round(total),
    failure: failure as FailureCode | undefined,
    detail,
  }
  log.info(line, 'exchange')
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
