import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * Gives each of several servers of this machine an address of its own under one port, as the tasks of a service have.
 * Returns that port; the addresses are 127.0.1.1, 127.0.1.2 and so on.
 */
export async function relay(t: Test, ports: readonly number[]): Promise<number> {
  for (;;) {
    const servers: Server[] = []
    try {
      for (const port of ports) {
        servers.push(await listen(addressOf(servers.length), portOf(servers), port))
      }
    } catch {
      for (const server of servers) server.close() // the port is free at one address and not at another
      continue
    }
    t.teardown(() => {
      for (const server of servers) server.close()
    })
    return portOf(servers)
  }
}

/** The first one's, which all others take; before it has one, any. */
function portOf([first]: readonly Server[]): number {
  return first ? (first.address() as AddressInfo).port : 0
}

export const addressOf = (index: number): string => `127.0.1.${index + 1}`

async function listen(host: string, port: number, to: number): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => join(socket, connect({ port: to, host: '127.0.0.1' })))
  await once(server.listen(port, host), 'listening')
  return server.unref()
}

function join(...sockets: readonly [Socket, Socket]): void {
  const [a, b] = sockets
  a.pipe(b).pipe(a)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => {})
    one.on('close', () => other.destroy())
  }
}
