import { header } from '../http1/raw-headers.ts'
import { claimDocument } from '../jupyter/documents.ts'
import type { Route } from '../jupyter/routes.ts'
import type { Backend } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import type { Exchange } from './exchange.ts'
import type { FailureCode } from './failure.ts'
import type { Gate } from './gate.ts'

/** The routes whose exchanges are passed through to one backend; the others are answered from several. */
export type PassedRoute = Extract<Route, { kind: 'owned' | 'document' | 'affine' | 'any' | 'pinned' }>

export type Placement =
  | { readonly lease: Lease; readonly pin?: true }
  | { readonly failure: Extract<FailureCode, 'no-backend' | 'owner-unreachable' | 'backend-busy'> }

/** A claim on the backend that this exchange must go to. `tried` are those that could not be reached for it. */
export async function place(
  gate: Gate,
  route: PassedRoute,
  exchange: Exchange,
  tried: Set<Backend>,
): Promise<Placement> {
  const { cluster } = gate
  switch (route.kind) {
    case 'owned':
      return placeOwned(gate, route, tried)
    case 'document':
      return leaseOr(gate, await claimDocument(cluster, route.by, route.id), 'owner-unreachable')
    case 'affine':
      return leaseOr(
        gate,
        await cluster.claimNewcomer(() => cluster.pool.claimByAffinity(route.key, tried, 'guest')),
        'no-backend',
      )
    case 'any':
      return leaseOr(
        gate,
        await cluster.claimNewcomer(() => cluster.pool.claimLeastLoaded(tried, 'guest')),
        'no-backend',
      )
    case 'pinned':
      return placePinned(gate, exchange, tried)
  }
}

async function placeOwned(
  gate: Gate,
  { of, id }: PassedRoute & { kind: 'owned' },
  tried: Set<Backend>,
): Promise<Placement> {
  const { cluster } = gate
  const finding = await cluster.find(of, id)
  if (finding.kind === 'unknown') return { failure: 'owner-unreachable' }
  // Nobody has it: any backend says so in Jupyter's own words, after it has asked who the caller is.
  if (finding.kind === 'absent')
    return leaseOr(gate, await cluster.claimNewcomer(() => cluster.pool.claimLeastLoaded(tried, 'guest')), 'no-backend')
  return leaseOr(gate, cluster.pool.claimOwner(finding.owner.backend), 'owner-unreachable')
}

/**
 * A client without a pin goes where its address and credentials hash to, not to the least loaded: the first requests
 * of a page come many at a time, before the cookie of the first answer, and must agree.
 */
async function placePinned(gate: Gate, { head, client }: Exchange, tried: Set<Backend>): Promise<Placement> {
  const { cluster, pins } = gate
  const pinned = pins.read(head.headers, cluster.pool.all())
  if (pinned && !tried.has(pinned) && pinned.state !== 'failing') {
    const lease = cluster.pool.claimOwner(pinned)
    if (lease) return { lease }
  }
  const who = [client.address, header(head.headers, 'authorization'), header(head.headers, 'user-agent')]
  const lease = await cluster.claimNewcomer(() => cluster.pool.claimByAffinity(who.join('\n'), tried))
  return lease ? { lease, pin: true } : leaseOr(gate, lease, 'no-backend')
}

function leaseOr(
  { cluster }: Gate,
  lease: Lease | undefined,
  otherwise: 'no-backend' | 'owner-unreachable',
): Placement {
  if (lease) return { lease }
  return { failure: cluster.pool.isFull ? 'backend-busy' : otherwise }
}
