import { SWARM_PORT } from '../../cluster/swarm.ts'
import { known } from '../../host/told.ts'
import { REGISTRY_PORT } from '../../stack/registry/registry.ts'
import { PORTS } from '../../storage/gluster/plan.ts'
import type { Facts, Listener } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

interface Port {
  readonly protocol: Listener['protocol']
  readonly port: number
  readonly what: string
  readonly programs: RegExp
}

const ENGINE = /^(dockerd|docker-proxy|rootlessport)/
const GLUSTER = /^gluster/

/** What this machine needs for itself, by what it is or would be. Of a second manager's gateway only the first one knows. */
function wantedPorts({ settings, storage, engine }: Facts): Port[] {
  const isFirst = storage === undefined || settings !== undefined
  const usesGluster = storage === undefined || storage.choice.kind === 'gluster'
  const isManager = isFirst || known(engine)?.membership === 'manager'
  const tcp = (port: number, what: string, programs = ENGINE): Port => ({ protocol: 'tcp', port, what, programs })
  return [
    ...(isManager ? [tcp(SWARM_PORT, 'the swarm’s managers')] : []),
    tcp(7946, 'the swarm’s machines'),
    { protocol: 'udp', port: 7946, what: 'the swarm’s machines', programs: ENGINE },
    ...(usesGluster ? [tcp(PORTS.daemon, 'Gluster', GLUSTER)] : []),
    ...(isFirst ? [tcp(settings?.httpsPort ?? 443, 'notebooks')] : []),
    ...(isFirst && settings?.httpPort !== 'off' ? [tcp(settings?.httpPort ?? 80, 'plain HTTP')] : []),
    ...(isFirst && settings?.registry === undefined ? [tcp(REGISTRY_PORT, 'the images’ registry')] : []),
  ]
}

/** Nobody else may have them, and in a cluster somebody must. */
export function ports(facts: Facts): Finding[] {
  const listeners = known(facts.listeners)
  if (listeners === undefined) return [warn('which ports are taken is unknown', 'install iproute2, which has `ss`')]
  const wanted = wantedPorts(facts).map((port) => ({ ...port, there: listeners.filter(isAt(port)) }))
  const taken = wanted.flatMap((port) => takenBy(port) ?? [])
  // Without a swarm nobody is to listen yet, or another check tells why.
  const isMember = facts.storage !== undefined && known(facts.engine)?.membership !== 'none'
  const missing = isMember ? wanted.filter(({ there }) => there.length === 0) : []
  if (missing.length > 0)
    taken.push(bad(`nobody listens at ${listed(missing)}`, '`pyli status` tells what does not run'))
  if (taken.length > 0) return taken
  return [ok(isMember ? 'every port that this machine needs is served' : 'no stranger has a port that a cluster needs')]
}

const isAt =
  ({ port, protocol }: Port) =>
  (listener: Listener): boolean =>
    listener.port === port && listener.protocol === protocol

const listed = (all: readonly Port[]): string =>
  all.map(({ protocol, port, what }) => `${port}/${protocol} (${what})`).join(', ')

function takenBy({
  protocol,
  port,
  what,
  programs,
  there,
}: Port & { there: readonly Listener[] }): Finding | undefined {
  const stranger = there.find(({ program }) => program !== undefined && !programs.test(program))?.program
  if (stranger === undefined) return undefined
  const choice = port === 443 || port === 80 ? '; or choose another one with --https-port or --http-port' : ''
  return bad(
    `port ${port}/${protocol}, for ${what}, is taken by ${stranger}`,
    `end ${stranger} or give it another port${choice}`,
  )
}

/** Between machines, as far as a connection can be tried. */
export function reachability({ reached }: Facts): Finding[] {
  const tried = known(reached)
  if (tried === undefined)
    return [
      warn('whether the other machines are reached is unknown', 'run this with root, on a machine of the cluster'),
    ]
  if (tried.length === 0) return []
  const failed = tried.filter(({ why }) => why !== undefined)
  const udp = 'UDP 4789 and 7946 cannot be asked, and must be open, too'
  if (failed.length === 0) return [ok(`the other machines are reached at every port that was tried; ${udp}`)]
  return failed.map(({ to, port, what, why }) =>
    bad(
      `${to} is not reached at port ${port}, for ${what} (${why})`,
      why === 'ECONNREFUSED'
        ? 'nobody listens there: `pyli doctor` on that machine'
        : 'is it up, and does a firewall let it through?',
    ),
  )
}
