import type { Address, Config } from './config.ts'
import { formatAddress } from './forms/address.ts'

interface ListenError extends Error {
  readonly code?: string
  readonly address?: string
  readonly port?: number
}

type Listeners = Pick<Config, 'listen' | 'admin'> & Partial<Pick<Config, 'redirect'>>

/** Why an address could not be listened on, and which option gives another one. */
export function listenFault(error: ListenError, listeners: Listeners): string {
  const { code, address = '', port = 0 } = error
  const where = formatAddress({ host: address, port })
  const flag = flagOf(error, listeners)
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is taken by another program; choose another with ${flag}`
    case 'EACCES':
      return `${where} may not be opened by this user; choose a port over 1023 with ${flag}`
    case 'EADDRNOTAVAIL':
      return `${where} is no address of this machine; choose another with ${flag}`
    default:
      return error.message
  }
}

/** The system tells an address, and of a name the one that it stands for: then the port decides. */
function flagOf({ address, port }: ListenError, { listen, admin, redirect = 'off' }: Listeners): string {
  const is = (place: Address | 'off') => place !== 'off' && place.port === port
  if (is(listen) && is(admin)) return admin !== 'off' && admin.host === address ? '--admin' : '--listen'
  if (is(redirect) && !(is(listen) && redirect !== 'off' && redirect.host !== address)) return '--redirect'
  return is(admin) ? '--admin' : '--listen'
}
