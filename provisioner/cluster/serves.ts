import { request } from 'node:https'
import { seconds } from '../../gateway/config/units.ts'
import { readIfThere } from '../host/files.ts'
import { OWN_PAIR, PAIRS } from './pairs.ts'
import type { Step } from './settle.ts'

export interface Whereabouts {
  readonly host: string
  readonly port: number
  readonly tokenFile: string
}

/** As a person's browser would: through HTTPS, by the CA, with the token, to a Jupyter server and back. */
export const clusterServes = (whereabouts: Whereabouts, caFile = PAIRS.ca.cert, ownFile = OWN_PAIR.cert): Step => ({
  title: 'notebooks are served',
  look: () => ask(whereabouts, caFile, ownFile),
  patience: seconds(300),
  advice: '`pyli status` tells which part is missing, and `docker service logs pyli_gateway` why.',
})

async function ask(
  { host, port, tokenFile }: Whereabouts,
  caFile: string,
  ownFile: string,
): Promise<string | undefined> {
  const [ca, token, own] = await Promise.all([caFile, tokenFile, ownFile].map(readIfThere))
  // An operator's own is known by itself: its names are people's, and not this address.
  const trust =
    own === undefined ? { ca } : { ca: own, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
  const headers = { authorization: `token ${token?.trim()}` }
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const asked = request({ host, port, path: '/api/kernels', ...trust, headers, timeout: seconds(10), agent: false })
  asked.on('response', (response) => {
    response.resume()
    resolve(response.statusCode === 200 ? undefined : `the gateway answers ${response.statusCode}`)
  })
  asked.on('timeout', () => asked.destroy(new Error('nobody answers')))
  asked.on('error', (error: NodeJS.ErrnoException) =>
    resolve(`the gateway does not answer (${error.code ?? error.message})`),
  )
  asked.end()
  return promise
}
