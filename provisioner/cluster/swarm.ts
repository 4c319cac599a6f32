import type Docker from 'dockerode'
import { type Ms, minutes, seconds } from '../../gateway/config/units.ts'
import { Trouble } from '../local/trouble.ts'
import type { Step } from './settle.ts'

export const SWARM_PORT = 2377

/**
 * For how long a silent machine still counts as ready. With the usual 15 s a network that is gone for a quarter of a minute
 * costs each kernel of the machines behind it. The price: tasks of one that is really lost are replaced as much later, and
 * one that leaves is missed as late, as it leaves without a word.
 */
export const SILENCE: Ms = minutes(1)
/** What Swarm is told is the pause between two signs of life; it waits for three of them. */
const HEARTBEAT_NS = (SILENCE / 3) * 1_000_000

/** `GET /info`, as far as we read it. */
export interface SwarmInfo {
  readonly LocalNodeState: string
  readonly ControlAvailable?: boolean
  readonly NodeAddr?: string
  readonly NodeID?: string
  readonly Error?: string
  readonly RemoteManagers?: readonly { readonly Addr: string }[] | null
}

export type Membership = 'none' | 'joining' | 'worker' | 'manager'

/** Throws Trouble for states that only a person can leave. */
export function membershipOf({ LocalNodeState, ControlAvailable, Error: why }: SwarmInfo): Membership {
  switch (LocalNodeState) {
    case 'inactive':
      return 'none'
    case 'pending':
      return 'joining'
    case 'active':
      return ControlAvailable === true ? 'manager' : 'worker'
    case 'locked':
      throw new Trouble(
        'The swarm on this machine is locked: unlock it with `docker swarm unlock`, and run this again.',
      )
    default:
      throw new Trouble(
        `The swarm on this machine is broken (${why || LocalNodeState}): \`docker swarm leave --force\` leaves it, then run this again.`,
      )
  }
}

export const swarmInfo = async (engine: Docker): Promise<SwarmInfo> =>
  ((await engine.info()) as { Swarm: SwarmInfo }).Swarm

/** On the first machine. */
export const swarmIsLed = (engine: Docker, address: string): Step[] => [
  {
    title: `a swarm that this machine leads, at ${address}`,
    async look() {
      const info = await swarmInfo(engine)
      const membership = membershipOf(info)
      if (membership === 'worker') {
        throw new Trouble(
          `This machine is a worker of the swarm of ${listed(info)}: run this there, or let this machine leave it with \`pyli down\`.`,
        )
      }
      if (membership !== 'manager') return 'there is none yet'
      if (info.NodeAddr !== address) {
        throw new Trouble(
          `The swarm knows this machine as ${info.NodeAddr}, which cannot be changed: give --advertise ${info.NodeAddr}, or begin anew after \`pyli down\`.`,
        )
      }
      return undefined
    },
    change: async () =>
      void (await engine.swarmInit({
        ListenAddr: `0.0.0.0:${SWARM_PORT}`,
        AdvertiseAddr: address,
        Spec: { Dispatcher: { HeartbeatPeriod: HEARTBEAT_NS } },
      })),
    patience: seconds(30),
  },
  {
    title: 'the swarm waits a minute for a machine that is silent',
    async look() {
      const { Spec } = await engine.swarmInspect()
      return Spec.Dispatcher?.HeartbeatPeriod === HEARTBEAT_NS ? undefined : 'it waits for another time'
    },
    async change() {
      const { Spec, Version } = await engine.swarmInspect()
      await engine.swarmUpdate({
        ...Spec,
        version: Version.Index,
        Dispatcher: { ...Spec.Dispatcher, HeartbeatPeriod: HEARTBEAT_NS },
      })
    },
  },
]

export interface Invitation {
  /** The first machine, as a person calls it. */
  readonly manager: string
  readonly managerAddress: string
  /** Ours, as others reach it. */
  readonly address: string
  /** Asked for only where this machine has not joined yet. */
  readonly token: () => Promise<string>
}

/** On each other machine. */
export const swarmIsJoined = (engine: Docker, { manager, managerAddress, address, token }: Invitation): Step => ({
  title: `a member of the swarm of ${manager}`,
  async look() {
    const info = await swarmInfo(engine)
    switch (membershipOf(info)) {
      case 'none':
        return 'it has not joined yet'
      case 'joining':
        return 'it is joining'
      case 'manager':
        if (info.NodeAddr !== managerAddress && managersOf(info).includes(managerAddress)) return undefined // promoted
        throw new Trouble(
          'This machine leads a swarm itself: it is a first machine. To make it a worker, run `pyli down` on it before.',
        )
      case 'worker':
        if (managersOf(info).includes(managerAddress)) return undefined
        throw new Trouble(
          `This machine is a member of the swarm of ${listed(info)}, and not of ${manager}: name that one, or let this machine leave it with \`pyli down\`.`,
        )
    }
  },
  async change() {
    if (membershipOf(await swarmInfo(engine)) !== 'none') return
    const JoinToken = await token()
    try {
      await engine.swarmJoin({
        ListenAddr: `0.0.0.0:${SWARM_PORT}`,
        AdvertiseAddr: address,
        RemoteAddrs: [`${managerAddress}:${SWARM_PORT}`],
        JoinToken,
      })
    } catch (error) {
      throw refusal(manager, (error as Error).message)
    }
  },
  patience: seconds(60),
  advice: `Is port ${SWARM_PORT} of ${manager} open to this machine?`,
})

const REFUSALS: readonly (readonly [RegExp, (manager: string) => string])[] = [
  [/join token/i, (manager) => `${manager} refuses the token: copy the line anew that \`pyli manager\` shows there.`],
  [
    /x509|digest|fingerprint|CA certificate/i,
    (manager) => `The token is not one of ${manager}'s swarm: copy the line anew that \`pyli manager\` shows there.`,
  ],
  [
    /timeout|deadline|refused|unreachable|no route/i,
    (manager) =>
      `${manager} did not let this machine in: is its port ${SWARM_PORT} open to this machine, and does \`pyli manager\` run there?`,
  ],
]

/** What an engine says when joining fails, as one sentence that tells what to do. Never with the token. */
export function refusal(manager: string, message: string): Trouble {
  const known = REFUSALS.find(([pattern]) => pattern.test(message))
  if (known !== undefined) return new Trouble(known[1](manager))
  return new Trouble(`This machine could not join ${manager}: ${message.replaceAll(/SWMTKN-[\w-]+/g, '(the token)')}`)
}

/** The addresses of the managers that a member knows. */
export const managersOf = ({ RemoteManagers }: SwarmInfo): string[] =>
  RemoteManagers?.map(({ Addr }) => Addr.replace(/:\d+$/, '')) ?? []
const listed = (info: SwarmInfo): string => managersOf(info).join(', ') || 'others'

/** On any machine. Its tasks end; of a manager that is the only one, the swarm ends. */
export const swarmIsLeft = (engine: Docker): Step => ({
  title: 'this machine is in no swarm',
  look: async () => ((await swarmInfo(engine)).LocalNodeState === 'inactive' ? undefined : 'it is in one'),
  change: async () => void (await engine.swarmLeave({ force: true })),
  patience: seconds(60),
})
