import { readFileSync } from 'node:fs'
import { ms } from '../../../gateway/config/units.ts'
import { until } from '../../whole/support/until.ts'

interface TcpSocket {
  readonly local: number
  readonly remote: number
}

const listening = '0A'

/** The TCP sockets that programs hold, by their ports: the system's word, whatever Node believes. */
function heldSockets(): TcpSocket[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
  return lines.flatMap((line) => {
    const [, local = '', remote = '', state, , , , , , inode] = line.trim().split(/\s+/)
    // Without an inode its program has closed it, and the system only waits for the other side.
    if (state === listening || inode === '0') return []
    return [{ local: portOf(local), remote: portOf(remote) }]
  })
}

const portOf = (address: string) => Number.parseInt(address.slice(address.indexOf(':') + 1), 16)

/** Sockets of a server's clients, on the server's side. */
export const acceptedAt = (port: number): number => heldSockets().filter(({ local }) => local === port).length

/** Sockets that are connected to a server, on the side of those who connected. */
export const connectedTo = (port: number): number => heldSockets().filter(({ remote }) => remote === port).length

/** Waits until a count of sockets is what it should be, and gives the last count. */
export async function settled(count: () => number, isRight: (count: number) => boolean): Promise<number> {
  return until('the sockets are closed', () => (isRight(count()) ? [count()] : undefined), ms(12_000), ms(25)).then(
    ([last]) => last as number,
    () => count(),
  )
}
