import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Below the ports that the system gives to kernels and to outgoing connections: one of them could move in meanwhile. */
const LOWEST = 20_000
const HIGHEST = 32_000
const BLOCK = 20

const block = { next: 0, end: 0 }

/**
 * A port of 127.0.0.1 that is this test file's alone, also while nobody listens on it. Each file takes a block of ports
 * and listens on the first one for as long as it runs: files that run at the same time never meet.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    if (block.next === block.end) await claimBlock()
    const port = block.next++
    const server = await listen(port)
    if (server === undefined) continue // another program's
    server.close()
    await once(server, 'close')
    return port
  }
}

async function claimBlock(): Promise<void> {
  for (;;) {
    const first = LOWEST + BLOCK * randomInt((HIGHEST - LOWEST) / BLOCK)
    const claim = await listen(first)
    if (claim === undefined) continue
    claim.unref()
    block.next = first + 1
    block.end = first + BLOCK
    return
  }
}

/** Undefined where the port is taken. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  )
}
