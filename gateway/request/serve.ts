import type { Exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { handle } from './handle.ts'
import { refuse } from './refuse.ts'

/** An exchange from its head to its end, whatever goes wrong on the way. `onClose` is called once, at the end. */
export async function serve(gate: Gate, exchange: Exchange, onClose: () => void): Promise<void> {
  exchange.account.onClose = onClose
  try {
    await handle(gate, exchange)
  } catch (error) {
    gate.log.error({ err: error, exchange: exchange.account.id }, 'an exchange failed in the gateway itself')
    refuse(exchange, 'internal')
  }
}
