import type { Account } from './account.ts'
import type { Exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import { handle } from './handle.ts'
import { refuse } from './refuse.ts'
import type { Settled } from './settle.ts'

/** An exchange from its head to its end, whatever goes wrong on the way. `onClose` is called once, at the end. */
export async function serve(gate: Gate, exchange: Exchange, settle: (settled: Settled) => void): Promise<void> {
  tellAtEnd(exchange.account, exchange, settle)
  try {
    await handle(gate, exchange)
  } catch (error) {
    gate.log.error({ err: error, exchange: exchange.account.id }, 'an exchange failed in the gateway itself')
    refuse(exchange, 'internal')
  }
}

/** In a function of its own: what a closure is made beside it keeps alive, and a WebSocket may live for days. */
function tellAtEnd(account: Account, told: Settled, settle: (settled: Settled) => void): void {
  account.told = told
  account.onClose = () => {
    if (account.told) settle(account.told)
  }
}
