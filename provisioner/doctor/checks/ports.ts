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

/** What this machine needs for itself, by what it is or would be. */
export function wantedPorts({ settings, storage, engine }: Facts): Port[] {
  const isWorker = storage !== undefined && settings === undefined
  const usesGluster = storage === undefined || storage.choice.kind === 'gluster'
  const isManager = !isWorker || known(engine)?.membership === 'manager'
  const tcp = (port: number, what: string, programs = ENGINE): Port => ({ protocol: 'tcp', port, what, programs })
  return [
    ...(isManager ? [tcp(SWARM_PORT, 'the swarm’s managers')] : []),
    tcp(7946, 'the swarm’s machines'),
    { protocol: 'udp', port: 7946, what: 'the swarm’s machines', programs: ENGINE },
    ...(usesGluster ? [tcp(PORTS.daemon, 'Gluster', GLUSTER)] : []),
    ...(isManager ? [tcp(settings?.httpsPort ?? 443, 'notebooks')] : []),
    ...(isManager && settings?.httpPort !== 'off' ? [tcp(settings?.httpPort ?? 80, 'plain HTTP')] : []),
    ...(isManager && settings?.registry === undefined ? [tcp(REGISTRY_PORT, 'the images’ registry')] : []),
  ]
}

/** Nobody else may have them, and in a cluster somebody must. */
export function ports(facts: Facts): Finding[] {
  const listeners = known(facts.listeners)
  if (listeners === undefined) return [warn('which ports are taken is unknown', 'install iproute2, which has `ss`')]
  const isMember = facts.storage !== undefined
  const findings = wantedPorts(facts)
    .map((port) => judge(port, listeners, isMember))
    .filter((each) => each !== undefined)
  if (findings.length > 0) return findings
  return [ok(isMember ? 'every port that this machine needs is served' : 'every port that a cluster needs is free')]
}

function judge(wanted: Port, listeners: readonly Listener[], isMember: boolean): Finding | undefined {
  const { protocol, port, what, programs } = wanted
  const there = listeners.filter((each) => each.port === port && each.protocol === protocol)
  const stranger = there.find(({ program }) => program !== undefined && !programs.test(program))
  if (stranger !== undefined) {
    const todo = `end ${stranger.program} or give it another port; or choose another one with --https-port or --http-port`
    return bad(
      `port ${port}/${protocol}, for ${what}, is taken by ${stranger.program}`,
      port > 1024 ? (todo.split(';')[0] ?? todo) : todo,
    )
  }
  if (there.length > 0 || !isMember) return undefined
  return bad(`nobody listens at port ${port}/${protocol}, for ${what}`, '`pyli status` tells what does not run')
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
