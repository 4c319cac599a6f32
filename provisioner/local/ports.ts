import { createServer } from 'node:net'
import type { Address } from '../../gateway/config/config.ts'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { Trouble } from './trouble.ts'

/** Resolves with the port that was bound (another one for port 0), or with the reason why not. */
async function tryPort(host: string, port: number): Promise<number | { code: string }> {
  const server = createServer()
  try {
    return await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, () => {
        const bound = server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
      })
    })
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'unknown' }
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

const WHY: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ host, port }) => `Port ${port} on ${host} is taken by another program`,
  EACCES: ({ port }) => `Port ${port} may not be opened by this user`,
  EADDRNOTAVAIL: ({ host }) => `${host} is not an address of this machine`,
  ENOTFOUND: ({ host }) => `${host} is not known as an address of this machine`,
}

/**
 * Tells a person before anything is started that the address cannot be had; port 0 becomes a free one. Someone may still
 * take it before the gateway does, which then says so itself.
 */
export async function claimable(address: Address, flag: '--listen' | '--admin'): Promise<Address> {
  const found = await tryPort(address.host, address.port)
  if (typeof found === 'number') return { ...address, port: found }
  const why = WHY[found.code]?.(address) ?? `${formatAddress(address)} cannot be listened on (${found.code})`
  throw new Trouble(`${why}: choose another with ${flag}, for example ${flag} ${formatAddress(neighbour(address))}.`)
}

/** A port that any user may open, and not the one that has just failed. */
const neighbour = ({ port }: Address): Address => ({ host: '127.0.0.1', port: port < 1024 ? port + 8000 : port - 1 })

/** The usual port, or a free one; for what a person rarely looks at. */
export async function usualOrFree(usual: Address): Promise<Address> {
  const found = await tryPort(usual.host, usual.port)
  if (typeof found === 'number') return usual
  return claimable({ ...usual, port: 0 }, '--admin')
}
