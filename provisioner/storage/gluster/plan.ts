import { Trouble } from '../../local/trouble.ts'
import type { StorageNode } from '../storage.ts'
import type { Peer, Volume } from './answers.ts'

// What is to be done, from what was asked for and what is there. Pure.

export const VOLUME = 'pyli'

/** As the operator writes it. */
export type Copies = 'three' | 'two-and-arbiter' | 'two-with-split-brain'

export interface Wanted {
  readonly copies: Copies
  /** Where each machine keeps its copy. */
  readonly brick: string
  /** The operator knows that a brick that fills the disk of the system stops the machine. */
  readonly allowsRootDisk: boolean
}

/** How many machines have a brick: the first ones of the cluster. All others use the volume over the network. */
const bricks: Readonly<Record<Copies, number>> = { three: 3, 'two-and-arbiter': 3, 'two-with-split-brain': 2 }

/** What `volume create` is told of the copies. Gluster counts an arbiter as one of three. */
const replica: Readonly<Record<Copies, readonly string[]>> = {
  three: ['replica', '3'],
  'two-and-arbiter': ['replica', '3', 'arbiter', '1'],
  'two-with-split-brain': ['replica', '2'],
}

/** Too few machines for what was asked, in words; undefined where there are enough. */
export function tooFew({ copies }: Wanted, nodes: readonly StorageNode[]): string | undefined {
  const needed = bricks[copies]
  if (nodes.length >= needed) return undefined
  const why = `${needed === 3 ? 'three' : 'two'} machines are needed, and there are ${nodes.length}`
  return nodes.length === 2
    ? `${why}; two copies alone, which can come to disagree for good (split brain), need --copies two-with-split-brain`
    : why
}

/** The words after `gluster`. */
export function creation({ copies, brick, allowsRootDisk }: Wanted, nodes: readonly StorageNode[]): string[] {
  const places = nodes.slice(0, bricks[copies]).map(({ address }) => `${address}:${brick}`)
  // `force` leaves out other checks, too: that a brick is not yet another volume's, which we look at ourselves.
  return ['volume', 'create', VOLUME, ...replica[copies], ...places, ...(allowsRootDisk ? ['force'] : [])]
}

/**
 * That a volume of our name is not ours, as Trouble. Whatever it is, nothing of it is changed. A brick's machine that is away
 * just now is no stranger.
 */
export function refuseForeign(
  volume: Volume,
  { copies, brick }: Wanted,
  nodes: readonly StorageNode[],
  peers: readonly Peer[],
): void {
  const ours = new Set(nodes.map(({ address }) => address))
  const away = new Set(peers.filter(({ isConnected }) => !isConnected).flatMap(({ hosts }) => hosts))
  const foreign = volume.bricks.filter(({ host, path }) => path !== brick || !(ours.has(host) || away.has(host)))
  const there = volume.bricks.map(({ host, path }) => `${host}:${path}`).join(', ')
  if (foreign.length > 0) {
    throw new Trouble(
      `A volume ${volume.name} exists with other bricks: ${there}. Nothing was changed. If it is this cluster's, give the place of its bricks with --brick, or put its machines back; if not, and it may go: gluster volume stop ${volume.name}, gluster volume delete ${volume.name}.`,
    )
  }
  const [count, arbiters] = [volume.bricks.length, volume.arbiters]
  const is: Copies = arbiters > 0 ? 'two-and-arbiter' : count === 2 ? 'two-with-split-brain' : 'three'
  if (is !== copies) {
    throw new Trouble(
      `The volume ${volume.name} exists as --copies ${is}, on ${there}. Nothing was changed; how to change that is Gluster's own \`volume add-brick\` and \`remove-brick\`.`,
    )
  }
}

/** Of whoever may mount it: whoever was let in before, too, as a machine that is away is not among the nodes. */
function allowed(nodes: readonly StorageNode[], volume?: Volume): string {
  const before = (volume?.options['auth.allow'] ?? '').split(',').filter((address) => /^[\d.]+$/.test(address))
  const addresses = [
    ...before,
    ...(volume?.bricks ?? []).map(({ host }) => host),
    ...nodes.map(({ address }) => address),
  ]
  return [...new Set([...addresses, '127.0.0.1'])].sort().join(',')
}

/** What is set beside Gluster's own choice, and why. */
export function optionsFor(
  { copies }: Wanted,
  nodes: readonly StorageNode[],
  volume?: Volume,
): Readonly<Record<string, string>> {
  return {
    // A machine that is lost or frozen stalls everybody's writes for up to twice as long, as it is asked that often and
    // has that long to answer: measured 19.8 s with 10. The default is 42 s; a busy machine is not to be taken for lost.
    'network.ping-timeout': '8',
    // Whoever reaches a brick's port could mount the volume as root. The machines' own mounts may come over loopback.
    'auth.allow': allowed(nodes, volume),
    // Whoever sees less than half of the copies cannot write: hence no split brain. With two copies either writes alone.
    'cluster.quorum-type': copies === 'two-with-split-brain' ? 'none' : 'auto',
    // That of servers would end bricks instead, which also ends reading.
    'cluster.server-quorum-type': 'none',
    // A folder with one new file is not compared as a whole.
    'cluster.granular-entry-heal': 'on',
    // What was written while a machine left stays pending until the next round, whose default is 600 s.
    'cluster.heal-timeout': '30',
    // Others' changes are told to whoever holds a file in its cache.
    'features.cache-invalidation': 'on',
    'performance.client-io-threads': 'on',
  }
}

/** Of the wanted ones, those that are not set so, as words for `volume set`. */
export const unset = (volume: Volume, wanted: Readonly<Record<string, string>>): string[] =>
  Object.entries(wanted)
    .filter(([name, value]) => volume.options[name] !== value)
    .flat()

/** Why a machine is not yet of the pool; undefined where it is. */
export function missingPeer(peers: readonly Peer[], { name, address }: StorageNode): string | undefined {
  const peer = peers.find(({ hosts }) => hosts.includes(address))
  if (peer === undefined) return `${name} (${address}) is not in the pool`
  if (!peer.isMember) return `${name} is "${peer.state}"`
  return peer.isConnected ? undefined : `${name} (${address}) is not connected`
}

/**
 * Bricks' machines that this one knows by another name, as the first one of a pool is known by what its address resolves
 * to. A name that resolves no more after a restart would leave it out.
 */
export const unknownAddresses = (volume: Volume, peers: readonly Peer[]): string[] =>
  volume.bricks
    .filter(({ host, peer }) => peers.some(({ id, hosts }) => id === peer && !hosts.includes(host)))
    .map(({ host }) => host)

const FIRST_PORT = 49_152
/** Room for bricks that come and go; two for each volume and machine are used. */
const LAST_PORT = FIRST_PORT + 63
export const PORTS = { daemon: 24_007, first: FIRST_PORT, last: LAST_PORT } as const

/** glusterd.vol with a range of ports that a firewall can let through. It chooses at random up to 60999 otherwise. */
export function withPorts(present: string): string {
  const lines = present.split('\n').filter((line) => !/^\s*#?\s*option\s+(base|max)-port\b/.test(line))
  const end = lines.findLastIndex((line) => line.trim() === 'end-volume')
  if (end < 0) throw new Trouble('/etc/glusterfs/glusterd.vol has no end-volume: put the package’s own file back.')
  const ours = [`    option base-port ${FIRST_PORT}`, `    option max-port ${LAST_PORT}`]
  return [...lines.slice(0, end), ...ours, ...lines.slice(end)].join('\n')
}
