import { type Element, find, findAll, textOf } from './xml.ts'

// What Gluster's answers mean. Pure: they are tested with what a real one said.

export interface Peer {
  readonly id: string
  /** All names and addresses it is known by. */
  readonly hosts: readonly string[]
  readonly isConnected: boolean
  /** "Peer in Cluster" once both sides know of each other: what comes before is refused by every other command. */
  readonly isMember: boolean
  readonly state: string
}

export interface Brick {
  readonly host: string
  readonly path: string
  readonly peer: string
  /** Has names and attributes, and no contents. */
  readonly isArbiter: boolean
}

export interface Volume {
  readonly name: string
  readonly isStarted: boolean
  readonly replicas: number
  readonly arbiters: number
  readonly bricks: readonly Brick[]
  /** Those that somebody set. */
  readonly options: Readonly<Record<string, string>>
}

export interface BrickProcess {
  readonly host: string
  readonly path: string
  readonly isOnline: boolean
  /** Where its clients connect; undefined while it is not online. */
  readonly port: number | undefined
}

/** Of one brick: what the others must still tell it, as far as it can be asked. */
export interface Backlog {
  readonly brick: string
  readonly isConnected: boolean
  readonly entries: number
  readonly splitBrain: number
}

/** Why it was refused; undefined: it was done. The exit code says nothing (0), and errno 30800 stands for everything. */
export function refusal(answer: Element): string | undefined {
  if (textOf(answer, 'opRet') === '0') return undefined
  return textOf(answer, 'opErrstr') || `gluster says ${textOf(answer, 'opRet')}/${textOf(answer, 'opErrno')}`
}

export const peersOf = (answer: Element): Peer[] =>
  findAll(answer, 'peerStatus', 'peer').map((peer) => ({
    id: textOf(peer, 'uuid'),
    hosts: [
      ...new Set([textOf(peer, 'hostname'), ...findAll(peer, 'hostnames', 'hostname').map((host) => textOf(host))]),
    ],
    isConnected: textOf(peer, 'connected') === '1',
    isMember: textOf(peer, 'state') === '3',
    state: textOf(peer, 'stateStr'),
  }))

/** An IPv6 address has colons of its own, a path has none before its first slash. */
function brickOf(element: Element): Brick {
  const name = textOf(element, 'name')
  const at = name.indexOf(':/')
  return {
    host: name.slice(0, at),
    path: name.slice(at + 1),
    peer: textOf(element, 'hostUuid'),
    isArbiter: textOf(element, 'isArbiter') === '1',
  }
}

export const volumesOf = (answer: Element): Volume[] =>
  findAll(answer, 'volInfo', 'volumes', 'volume').map((volume) => ({
    name: textOf(volume, 'name'),
    isStarted: textOf(volume, 'status') === '1',
    replicas: Number(textOf(volume, 'replicaCount')),
    arbiters: Number(textOf(volume, 'arbiterCount')),
    bricks: findAll(volume, 'bricks', 'brick').map(brickOf),
    options: Object.fromEntries(
      findAll(volume, 'options', 'option').map((option) => [textOf(option, 'name'), textOf(option, 'value')]),
    ),
  }))

/** A machine that is away is left out of the answer, and its brick with it. */
export function processesOf(answer: Element): BrickProcess[] {
  const volume = find(answer, 'volStatus', 'volumes', 'volume')
  const nodes = volume === undefined ? [] : findAll(volume, 'node')
  return nodes
    .map((node) => ({
      host: textOf(node, 'hostname'),
      path: textOf(node, 'path'),
      isOnline: textOf(node, 'status') === '1',
      port: Number(textOf(node, 'port')) || undefined,
    }))
    .filter(({ path }) => path.startsWith('/')) // the others are self-heal daemons
}

export const backlogOf = (answer: Element): Backlog[] =>
  findAll(answer, 'healInfo', 'bricks', 'brick').map((brick) => ({
    brick: textOf(brick, 'name'),
    isConnected: textOf(brick, 'status') === 'Connected',
    entries: Number(textOf(brick, 'totalNumberOfEntries')) || 0, // "-" where it cannot be asked
    splitBrain: Number(textOf(brick, 'numberOfEntriesInSplitBrain')) || 0,
  }))
