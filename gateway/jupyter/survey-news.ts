import type { Kind, Model } from './models.ts'

/** What one answer taught, for those who did not see it. Backends go by their keys. */
export type SurveyNews =
  | { readonly kind: 'has'; readonly backend: string; readonly of: Kind; readonly entry: Model }
  | { readonly kind: 'has-not'; readonly backend: string; readonly of: Kind; readonly id: string }
  | { readonly kind: 'changed'; readonly backend: string }
