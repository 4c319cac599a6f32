import { header } from '../http1/raw-headers.ts'
import { credentialOf, proofIn } from '../jupyter/login.ts'
import type { Classified } from '../jupyter/routes.ts'
import type { Exchange } from './exchange.ts'
import type { Gate } from './gate.ts'
import type { Target } from './target.ts'

/**
 * Lets an exchange pass and learns from its answer whether what it offered was right; or, where its client has guessed
 * wrong too often, says in how many seconds it may come again. Who offers nothing, or what was right before, passes.
 */
export function guardLogin(
  { config, limits }: Gate,
  { head, client, account }: Exchange,
  target: Target,
  { name }: Classified,
): number | undefined {
  const { logins } = limits
  const path = target.path.slice(config.baseUrl.length)
  const credential = credentialOf({ method: head.method, path, query: target.query, headers: head.headers })
  const tokens = credential?.kind === 'token' ? credential.tokens : undefined
  if (!credential || tokens?.every((token) => logins.isKnown(token))) return undefined
  const attempt = logins.begin(client.address, tokens?.join('\n'))
  if (typeof attempt === 'number') return attempt
  const asked = { path, isForeign: name === 'outside' || name.startsWith('other') }
  account.onAnswer = (status, headers) => {
    attempt[proofIn(credential, asked, { status, location: header(headers, 'location') })]()
  }
  const { onClose } = account
  account.onClose = () => {
    // Where nobody answered.
    attempt.unclear()
    onClose()
  }
  return undefined
}
