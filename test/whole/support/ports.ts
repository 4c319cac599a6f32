import { randomInt } from 'node:crypto'
import { claimable } from '../../../provisioner/local/ports.ts'

/**
 * A free port that stays free while nobody listens on it: kernels and outgoing connections take theirs from the upper
 * range of the system, and one of them could move in while a gateway is away.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const found = await claimable({ host: '127.0.0.1', port }, '--listen').catch(() => undefined)
    if (found !== undefined) return found.port
  }
}
