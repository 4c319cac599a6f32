import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Address, Config } from '../config/config.ts'
import type { Log } from '../observe/log.ts'
import type { AdminAnswer } from './answer.ts'
import { Entry, type EntryConfig } from './entry.ts'
import { Feed, isForFeed } from './feed.ts'
import type { Operations } from './operations.ts'
import { Portainer } from './portainer.ts'
import { respond, write } from './respond.ts'
import { listenAtSocket } from './socket.ts'

export interface Admin {
  listen(address: Address): Promise<AddressInfo>
  /** Everywhere that the options say. */
  open(config: Pick<Config, 'admin' | 'adminSocket'>): Promise<AddressInfo | undefined>
  /** Another token ends all sessions. */
  renew(config: EntryConfig): void
  close(): void
}

export interface AdminOptions {
  readonly operations: Operations
  readonly config: EntryConfig & Pick<Config, 'portainer'>
  readonly log: Log
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Operators, Prometheus and their like are few; the files that may be open are needed for clients. */
const mostConnections = 1_000

/** The private side: for health checks and operators, never for the public. */
export function createAdmin({ operations, config, log, now }: AdminOptions): Admin {
  const entry = new Entry({ config, log, now })
  const feed = new Feed({ operations, entry })
  const portainer = config.portainer && new Portainer(config.portainer, entry)
  // What asks for any other protocol is answered in this one.
  const shouldUpgradeCallback = (request: http.IncomingMessage) =>
    isForFeed(request) || portainer?.isForConsole(request) === true
  const servers: http.Server[] = []
  const newServer = (): http.Server => {
    const server = http.createServer({ shouldUpgradeCallback }, (request, response) => {
      if (portainer?.isFor(request)) return portainer.pass(request, response)
      const send = (answer: AdminAnswer) => write(response, answer)
      respond({ operations, entry }, request).then(send, (error: Error) =>
        send({ status: 500, body: { message: error.message } }),
      )
    })
    server.maxConnections = mostConnections
    server.on('error', () => {}) // of an accept: it costs that connection, and unheard the gateway
    server.on('upgrade', (request, socket, head) => {
      const way = portainer?.isFor(request) ? portainer : feed
      way.upgrade(request, socket, head)
    })
    servers.push(server)
    return server
  }
  const listen = ({ host, port }: Address): Promise<AddressInfo> =>
    new Promise((resolve, reject) => {
      const server = newServer()
      server.once('error', reject)
      server.listen({ host, port }, () => resolve(server.address() as AddressInfo))
    })
  return {
    listen,
    async open({ admin, adminSocket }) {
      if (adminSocket !== undefined) await listenAtSocket(newServer(), adminSocket)
      return admin === 'off' ? undefined : listen(admin)
    },
    renew: (changed) => {
      if (!entry.renew(changed)) return
      feed.sendAway()
      portainer?.sendAway()
    },
    close: () => {
      feed.close()
      portainer?.close()
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}
