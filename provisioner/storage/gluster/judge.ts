import { known, type Told } from '../../host/told.ts'
import { MOUNT, type StorageState } from '../storage.ts'
import type { Backlog, BrickProcess, Peer, Volume } from './answers.ts'
import { VOLUME } from './plan.ts'

/** What this machine could learn, each part by itself: half of a cluster may be away. */
export interface Facts {
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
  const volume = known(facts.volume)
  if (volume === undefined)
    return { health: 'down', lines: [`volume ${VOLUME}: ${words(facts.volume, 'there is none')}`] }

  const online = brickCount(facts)
  const quorum = quorumOf(volume, online)
  const isMounted = 'value' in facts.mount && facts.mount.value === undefined
  const waiting = Math.max(0, ...(known(facts.backlog) ?? []).map(({ entries }) => entries))
  const split = Math.max(0, ...(known(facts.backlog) ?? []).map(({ splitBrain }) => splitBrain))
  const isWell =
    online === volume.bricks.length &&
    waiting === 0 &&
    split === 0 &&
    [facts.peers, facts.processes, facts.backlog].every((told) => 'value' in told)
  const lines = [
    `mounted at ${MOUNT}: ${isMounted ? 'yes' : (known(facts.mount) ?? words(facts.mount, 'no'))}`,
    `volume ${volume.name}: ${volume.isStarted ? 'started' : 'stopped'}, ${copies(volume)}`,
    `quorum: ${quorum}`,
    ...volume.bricks.map((brick) => `brick ${brick.host}:${brick.path}: ${brickState(facts, brick)}`),
    ...(known(facts.peers) ?? [])
      .filter(({ isConnected, isMember }) => !isConnected || !isMember)
      .map(({ hosts, isMember, state }) => `peer ${hosts.at(-1)}: ${isMember ? 'not connected' : state}`),
    ...('value' in facts.peers ? [] : [`peers: ${words(facts.peers, '')}`]),
    `waiting to be healed: ${words(facts.backlog, String(waiting))}`,
    ...(split > 0
      ? [`split brain: ${split}; \`gluster volume heal ${volume.name} info split-brain\` names the files`]
      : []),
  ]
  const isUsable = isMounted && volume.isStarted && hasQuorum(volume, online)
  return { health: isUsable ? (isWell ? 'well' : 'degraded') : 'down', lines }
}

const copies = ({ bricks, arbiters }: Volume): string =>
  arbiters > 0 ? '2 copies and an arbiter' : `${bricks.length} copies${bricks.length === 2 ? ', which can split' : ''}`

/** Undefined where nobody could tell. */
function brickCount({ processes }: Facts): number | undefined {
  return known(processes)?.filter(({ isOnline }) => isOnline).length
}

const hasQuorum = (volume: Volume, online: number | undefined): boolean =>
  online === undefined || online > volume.bricks.length / 2 || (volume.bricks.length === 2 && online === 1)

function quorumOf(volume: Volume, online: number | undefined): string {
  if (online === undefined) return 'unknown'
  const counted = `${online} of ${volume.bricks.length} bricks are there`
  return hasQuorum(volume, online) ? `${counted}, enough to write` : `${counted}, too few to write`
}

function brickState({ processes }: Facts, { host, path }: { host: string; path: string }): string {
  if (!('value' in processes)) return words(processes, '')
  const brick = processes.value.find((each) => each.host === host && each.path === path)
  if (brick === undefined) return 'its machine is away'
  return brick.isOnline ? 'online' : 'not running'
}
