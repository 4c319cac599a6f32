import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Test } from 'tap'
import { type GatewayProcess, prepareGateway } from './gateway.ts'
import { Rest } from './rest.ts'
import { type Run, startRun } from './run.ts'
import { prepareServers, type Server } from './servers.ts'
import { until } from './until.ts'

export interface ClusterOptions {
  readonly servers?: number
  readonly tls?: 'off' | 'self-signed'
  readonly baseUrl?: string
  readonly adminToken?: string
  /** For the servers: an interpreter with other packages than those of `npm start`. */
  readonly python?: string
  /** How the gateway finds the servers of these ports, where they are not named one by one. */
  readonly discovery?: (ports: readonly number[]) => Promise<string>
  /** More flags for the gateway. */
  readonly flags?: readonly string[]
}

const TOKEN = '0123456789abcdef0123456789abcdef0123456789abcdef'

/** Real Jupyter servers over one folder of notebooks, and the gateway before them. */
export interface Cluster {
  readonly run: Run
  readonly servers: readonly Server[]
  readonly gateway: GatewayProcess
  readonly token: string
  /** Of the gateway, with its base URL and a slash at the end. */
  readonly url: string
  readonly notebooks: string
  /** Asks the gateway. */
  readonly rest: Rest
  /** Ask each server itself, past the gateway: what is really there. */
  readonly behind: readonly Rest[]
}

export async function startCluster(t: Test, options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await prepareCluster(t, options)
  await Promise.all(cluster.servers.map((server) => server.start()))
  await cluster.gateway.start()
  if (options.tls === 'self-signed') trust(cluster.gateway.caFile)
  return cluster
}

/** All of it, and nothing started. */
export async function prepareCluster(t: Test, options: ClusterOptions = {}): Promise<Cluster> {
  const { servers: count = 2, tls = 'off', baseUrl = '/', flags = [], adminToken = '', python } = options
  const run = await startRun(t)
  const notebooks = join(run.folder, 'notebooks')
  await mkdir(notebooks)
  const servers = await prepareServers(run, count, {
    ...(python !== undefined && { python }),
    baseUrl,
    token: TOKEN,
    notebooks,
  })
  const backends = servers.map((server) => server.port)
  const discovery = await options.discovery?.(backends)
  const plan = { tls, baseUrl, token: TOKEN, adminToken, backends, flags }
  const gateway = await prepareGateway(run, discovery === undefined ? plan : { ...plan, discovery })
  const behind = backends.map((port) => new Rest(`http://127.0.0.1:${port}${baseUrl}`, TOKEN))
  const { url } = gateway
  return { run, servers, gateway, token: TOKEN, url, notebooks, rest: new Rest(url, TOKEN), behind }
}

interface Backend {
  readonly address: string
  readonly state: string
  readonly inFlight: number
  readonly load: number
  readonly reason: string
}

/** Waits until no server carries anything: where the next kernel goes depends on what the last test left. */
export const quiet = (cluster: Cluster): Promise<boolean> =>
  until('quiet', async () => (await backendsOf(cluster)).every(({ load }) => load === 0))

/** As the gateway sees them; of two, as each sees them. */
export const backendsOf = async ({ gateway }: Cluster): Promise<readonly Backend[]> => {
  const seen = gateway.adminUrls.map(async (url) => {
    const answer = await fetch(`${url}/backends`, { headers: gateway.adminHeaders })
    return ((await answer.json()) as { backends: Backend[] }).backends
  })
  return (await Promise.all(seen)).flat()
}

/** For everything in this process that speaks TLS, fetch and WebSockets among it. */
export function trust(caFile: string): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(caFile, 'utf8')])
}
