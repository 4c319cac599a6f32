import { connect, createServer, type Server, type Socket } from 'node:net'

/** Connections to one port go to these in turn, as a balancer of the network's would send them. */
export class Splitter {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(ports: readonly number[]) {
    let count = 0
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const port = ports[count++ % ports.length] as number
      const gateway = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      this.#join(client, gateway)
      this.#join(gateway, client)
    })
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host: '127.0.0.1' }, resolve)
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** All that one says, its end and its loss are passed on. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.pipe(to)
    from.on('error', () => {}) // 'close' follows
    from.on('close', (failed) => {
      this.#sockets.delete(from)
      if (failed || !from.readableEnded) to.resetAndDestroy()
    })
  }
}
