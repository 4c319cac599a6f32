/** Where a certificate comes from. */
export type CertificateSource = 'files' | 'self-signed'

/** The certificate that new connections are shown, for operators: JSON. */
export interface CertificateState {
  readonly subject: string
  readonly names: readonly string[]
  readonly issuer: string
  /** ISO 8601. */
  readonly notAfter: string
  /** Whole days; negative once it has ended. */
  readonly daysLeft: number
  /** Somebody must see to it. */
  readonly endsSoon: boolean
  readonly source: CertificateSource
  /** Why what stands in the files is not shown. */
  readonly lastRefusal?: { readonly at: string; readonly reason: string }
}
