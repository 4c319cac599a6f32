import { LRUCache } from 'lru-cache'
import { clientKey } from './addresses.ts'

export interface TokenBucketOptions {
  /** How many at once, after a pause. */
  readonly burst: number
  readonly perSecond: number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** How often each client may do something. Clients beyond a bound are forgotten, the longest unseen first. */
export class TokenBuckets {
  readonly #options: TokenBucketOptions
  readonly #buckets = new LRUCache<string, { tokens: number; at: number }>({ max: 20_000 })

  constructor(options: TokenBucketOptions) {
    this.#options = options
  }

  /** Takes one, if there is one. */
  take(address: string): boolean {
    const { burst, perSecond, now } = this.#options
    const key = clientKey(address)
    const at = now()
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at }
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at })
    return tokens >= 1
  }
}
