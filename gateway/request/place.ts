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

/**
 * A claim on the backend that this exchange must go to. `tried` are those that could not be reached for it. At once where
 * nobody need be asked and nothing waited for: what is awaited costs more than all of this.
 */
export function place(
  gate: Gate,
  route: PassedRoute,
  exchange: Exchange,
  tried: ReadonlySet<Backend>,
): Placement | Promise<Placement> {
  const { pool } = gate.cluster
  switch (route.kind) {
    case 'owned':
      return placeOwned(gate, route, tried)
    case 'document':
      return placeDocument(gate, route)
    case 'affine':
      return placeNewcomer(gate, () => pool.claimByAffinity(route.key, tried, 'guest'))
    case 'any':
      return placeNewcomer(gate, () => pool.claimLeastLoaded(tried, 'guest'))
    case 'pinned':
      return placePinned(gate, exchange, tried)
  }
}

function placeNewcomer(gate: Gate, claim: () => Lease | undefined): Placement | Promise<Placement> {
  const lease = claim()
  return lease ? { lease } : waitForNewcomer(gate, claim)
}

async function waitForNewcomer(gate: Gate, claim: () => Lease | undefined): Promise<Placement> {
  return leaseOr(gate, await gate.cluster.claimNewcomer(claim), 'no-backend')
}

async function placeDocument(gate: Gate, { by, id }: PassedRoute & { kind: 'document' }): Promise<Placement> {
  return leaseOr(gate, await claimDocument(gate.cluster, by, id), 'owner-unreachable')
}

async function placeOwned(
  gate: Gate,
  { of, id }: PassedRoute & { kind: 'owned' },
  tried: ReadonlySet<Backend>,
): Promise<Placement> {
  const { cluster } = gate
  const finding = await cluster.find(of, id)
  if (finding.kind === 'unknown') return { failure: 'owner-unreachable' }
  // Nobody has it: any backend says so in Jupyter's own words, after it has asked who the caller is.
  if (finding.kind === 'absent') return placeNewcomer(gate, () => cluster.pool.claimLeastLoaded(tried, 'guest'))
  return leaseOr(gate, cluster.pool.claimOwner(finding.owner.backend), 'owner-unreachable')
}

/**
 * A client without a pin goes where its address and credentials hash to, not to the least loaded: the first requests
 * of a page come many at a time, before the cookie of the first answer, and must agree.
 */
async function placePinned(gate: Gate, { head, client }: Exchange, tried: ReadonlySet<Backend>): Promise<Placement> {
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
