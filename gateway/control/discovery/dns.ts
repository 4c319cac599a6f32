import { Resolver } from 'node:dns/promises'
import type { Discovery } from '../discovery.ts'
import { staggered } from './staggered.ts'
import { usable } from './usable.ts'

/** For all servers together. Docker's own is silent where nobody is well, and the next round is due after 1.5 s. */
const usualPatience = 900

export interface DnsDiscoveryOptions {
  readonly name: string
  readonly port: number
  /** `IP`, `IP:PORT` or `[IP]:PORT`, in the order in which they are asked. Absent: those that the system names now. */
  readonly servers?: readonly string[]
  /** Milliseconds. */
  readonly patience?: number
}

/** In DNS's own words: there is no such name, or it has no address of this kind. */
const nobody = new Set(['ENOTFOUND', 'ENODATA'])

/**
 * All addresses of one name. No answer is kept, whatever time to live it claims (Docker's is a constant ten minutes),
 * and none is read as "nobody": a name without an address is unknown, for Docker takes the name away with the last task
 * that is well, and an engine that restarts knows no name at all for a minute.
 *
 * c-ares asks, not the system's getaddrinfo: that would read /etc/hosts, and occupy libuv's few threads while it waits.
 * Of a truncated answer c-ares fetches the rest over TCP.
 */
export function dnsDiscovery(options: DnsDiscoveryOptions): Discovery {
  const { name, port, patience = usualPatience } = options
  return {
    addresses: async (signal) => {
      const servers = options.servers ?? new Resolver().getServers()
      const ending = AbortSignal.any([signal, AbortSignal.timeout(patience)])
      const asks = servers.map((server) => () => ask(server, name, ending))
      const hosts = await staggered(asks, patience / servers.length).catch((error) => {
        throw new Error(`${name} cannot be asked for: ${messagesOf(error)}`)
      })
      if (hosts.length === 0) throw new Error(`${name} has no address now`)
      return hosts.map((host) => ({ host, port }))
    },
  }
}

/**
 * IPv6 counts only where there is no IPv4: a server in a network of both has an address of either kind, and would be
 * two backends with the same kernels.
 */
async function ask(server: string, name: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted()
  // A new one each time: a new source port is harder to forge an answer to.
  const resolver = new Resolver({ timeout: usualPatience, tries: 1 })
  resolver.setServers([server])
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const six = orNone(resolver.resolve6(name))
    six.catch(() => {}) // it may not be waited for
    const four = usable(await orNone(resolver.resolve4(name)))
    return four.length > 0 ? four : usable(await six)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${server} ${code === 'ECANCELLED' ? 'is silent' : `says ${code}`}`)
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

async function orNone(answer: Promise<string[]>): Promise<string[]> {
  try {
    return await answer
  } catch (error) {
    if (nobody.has((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

function messagesOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messagesOf).join(', ') || 'there is no DNS server'
  return error instanceof Error ? error.message : String(error)
}
