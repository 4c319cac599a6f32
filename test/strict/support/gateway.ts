import { connect } from 'node:net'
import type { Test } from 'tap'
import { parseConfig } from '../../../gateway/config/parse.ts'
import { ms } from '../../../gateway/config/units.ts'
import { type Surroundings, startGateway } from '../../../gateway/gateway.ts'
import { createLog, type Log } from '../../../gateway/observe/log.ts'
import { RawConnection } from '../../fakes/raw-backend.ts'
import { until } from '../../whole/support/until.ts'
import type { JupyterBackend } from './jupyter-backend.ts'

export interface StrictGateway {
  readonly port: number
  readonly adminUrl: string
  /** A client's connection, of which nothing has been said. One that is half open never ends its half. */
  connect(options?: { halfOpen?: boolean }): RawConnection
}

export interface StrictOptions {
  /** More options, as on a command line. */
  readonly flags?: readonly string[]
  /** The gateway's own. */
  readonly token?: string
  /** Do not wait until every backend is ready. */
  readonly early?: boolean
  readonly log?: Log
  /** What stands for the usual surroundings. */
  readonly surroundings?: Partial<Surroundings>
}

/** The whole gateway, in this process, without TLS. */
export async function strictGateway(
  t: Test,
  backends: readonly Pick<JupyterBackend, 'host' | 'port'>[],
  { flags = [], token = '', early = false, log = createLog('off'), surroundings = {} }: StrictOptions = {},
): Promise<StrictGateway> {
  const addresses = backends.map(({ host, port }) => `${host}:${port}`).join(',')
  const fixed = ['--listen=127.0.0.1:0', '--admin=127.0.0.1:0', '--tls=off', '--slow-start=0s']
  const parsed = parseConfig([...fixed, `--backends=static:${addresses}`, ...flags], { PYLI_TOKEN: token }, () => '')
  if (parsed.ok !== true) throw new Error(JSON.stringify(parsed))
  const gateway = await startGateway(parsed.config, { log, tls: undefined, ...surroundings })
  const clients = new Set<RawConnection>()
  t.teardown(() => {
    for (const { socket } of clients) socket.destroy()
    gateway.destroy()
  })
  const { port } = gateway.address
  const adminUrl = `http://127.0.0.1:${gateway.adminAddress?.port}`
  const isReady = async () => {
    const { backends: seen } = (await (await fetch(`${adminUrl}/backends`)).json()) as { backends: { state: string }[] }
    return seen.length === backends.length && seen.every(({ state }) => state === 'ready')
  }
  if (!early) await until('every backend is ready', isReady, undefined, ms(20))
  return {
    port,
    adminUrl,
    connect: ({ halfOpen = false } = {}) => {
      const client = new RawConnection(connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: halfOpen }))
      clients.add(client)
      void client.closed.then(() => clients.delete(client))
      return client
    },
  }
}
