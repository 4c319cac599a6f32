/** Why the cluster as a whole cannot answer, though no exchange with a backend has failed. */
export type ClusterFailureCode = 'no-backend' | 'owner-unreachable' | 'list-incomplete'

export class ClusterFailure extends Error {
  override readonly name = 'ClusterFailure'
  readonly code: ClusterFailureCode
  constructor(code: ClusterFailureCode, detail: string) {
    super(detail)
    this.code = code
  }
}
