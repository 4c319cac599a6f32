import { known, type Told } from '../../host/told.ts'
import { MOUNT, type StorageState } from '../storage.ts'
import type { Backlog, Brick, BrickProcess, Peer, Volume } from './answers.ts'
import { VOLUME } from './plan.ts'

/** What this machine could learn, each part by itself: half of a cluster may be away. */
export interface Facts {
  readonly version: Told<string>
  readonly peers: Told<readonly Peer[]>
  readonly volume: Told<Volume | undefined>
  readonly processes: Told<readonly BrickProcess[]>
  readonly backlog: Told<readonly Backlog[]>
  /** Why the volume cannot be used here. */
  readonly mount: Told<string | undefined>
}

const words = (told: Told<unknown>, otherwise: string): string =>
  'value' in told ? otherwise : `unknown: ${told.unknown}`

/** From facts to what a person is told. Pure. */
export function judge(facts: Facts): StorageState {
  const mount = `mounted at ${MOUNT}: ${isMounted(facts) ? 'yes' : (known(facts.mount) ?? words(facts.mount, 'no'))}`
  const volume = known(facts.volume)
  if (volume === undefined) {
    // Gluster's daemon may be dead, and what is mounted goes on without it.
    const health = 'unknown' in facts.volume && isMounted(facts) ? 'degraded' : 'down'
    return { health, lines: [mount, `volume ${VOLUME}: ${words(facts.volume, 'there is none')}`] }
  }
  const bricks = volume.bricks.map((brick) => ({ brick, state: brickState(facts, brick) }))
  const online = bricks.some(({ state }) => state.startsWith('unknown'))
    ? undefined
    : bricks.filter(({ state }) => state === 'online').length
  const waiting = most(facts, ({ entries }) => entries)
  const split = most(facts, ({ splitBrain }) => splitBrain)
  const lines = [
    mount,
    `volume ${volume.name}: ${volume.isStarted ? 'started' : 'stopped'}, ${copies(volume)}, GlusterFS ${words(facts.version, known(facts.version) ?? '')}`,
    `quorum: ${quorumOf(volume, online)}`,
    ...bricks.map(({ brick, state }) => `brick ${brick.host}:${brick.path}: ${state}`),
    ...('value' in facts.processes ? [] : [`what runs on the others: ${words(facts.processes, '')}`]),
    ...absentPeers(facts),
    `waiting to be healed: ${words(facts.backlog, String(waiting))}`,
    ...(split > 0
      ? [`split brain: ${split}; \`gluster volume heal ${volume.name} info split-brain\` names the files`]
      : []),
  ]
  const isUsable = isMounted(facts) && volume.isStarted && hasQuorum(volume, online)
  const isWhole = online === bricks.length && waiting === 0 && split === 0 && areAllKnown(facts)
  return { health: isUsable ? (isWhole ? 'well' : 'degraded') : 'down', lines }
}

const isMounted = ({ mount }: Facts): boolean => 'value' in mount && mount.value === undefined

const areAllKnown = ({ peers, processes, backlog }: Facts): boolean =>
  [peers, processes, backlog].every((told) => 'value' in told)

const most = ({ backlog }: Facts, of: (brick: Backlog) => number): number =>
  Math.max(0, ...(known(backlog) ?? []).map(of))

const copies = ({ bricks, arbiters }: Volume): string =>
  arbiters > 0 ? '2 copies and an arbiter' : `${bricks.length} copies${bricks.length === 2 ? ', which can split' : ''}`

/** Undefined where nobody could tell. */
const hasQuorum = (volume: Volume, online: number | undefined): boolean =>
  online === undefined || online > volume.bricks.length / 2 || (volume.bricks.length === 2 && online === 1)

function quorumOf(volume: Volume, online: number | undefined): string {
  if (online === undefined) return 'unknown'
  const counted = `${online} of ${volume.bricks.length} bricks are there`
  return hasQuorum(volume, online) ? `${counted}, enough to write` : `${counted}, too few to write`
}

/**
 * Gluster's daemons tell which run, but not while they wait for a machine that has just been lost, nor for a minute after
 * they were left waiting. This machine's own connections, of which healing tells, know it at once.
 */
function brickState({ processes, backlog }: Facts, { host, path }: Brick): string {
  if ('value' in processes) {
    const running = processes.value.find((each) => each.host === host && each.path === path)
    if (running === undefined) return 'its machine is away'
    return running.isOnline ? 'online' : 'not running'
  }
  const reached = known(backlog)?.find(({ brick }) => brick === `${host}:${path}`)
  if (reached === undefined) return words(processes, '')
  return reached.isConnected ? 'online' : 'not reached'
}

function absentPeers({ peers }: Facts): string[] {
  if (!('value' in peers)) return [`peers: ${words(peers, '')}`]
  return peers.value
    .filter(({ isConnected, isMember }) => !isConnected || !isMember)
    .map(({ hosts, isMember, state }) => `peer ${hosts.at(-1)}: ${isMember ? 'not connected' : state}`)
}
