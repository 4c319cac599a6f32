/** Why the cluster as a whole cannot answer, though no exchange with a backend has failed. */
export type ClusterFailureCode = 'no-backend' | 'owner-unreachable' | 'list-incomplete' | 'backend-busy'

export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure'
  readonly code: ClusterFailureCode
  constructor(code: ClusterFailureCode, detail: string) {
    super(detail)
    this.code = code
  }
}

/** Why a claim came back empty: for want of room, or for the other reason that there can be. */
export function noLease(pool: { isFull: boolean }, otherwise: ClusterFailureCode, detail: string): ClusterFailure {
  return pool.isFull
    ? new ClusterFailure('backend-busy', 'too much is under way')
    : new ClusterFailure(otherwise, detail)
}
