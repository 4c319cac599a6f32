import { join } from 'node:path'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { trustAdvice } from '../../gateway/control/certificates/trust-advice.ts'
import type { GatewayPlan } from './gateway.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'])

/** What a person opens. The certificate covers localhost, which also reads better than a number. */
export function addressOf({ options, listen }: GatewayPlan, token: string): string {
  const host = LOOPBACK.has(listen.host) ? 'localhost' : listen.host
  const scheme = options.config.tls === 'off' ? 'http' : 'https'
  return `${scheme}://${formatAddress({ host, port: listen.port })}${options.config.baseUrl}lab?token=${token}`
}

export interface Greeting {
  readonly plan: GatewayPlan
  readonly address: string
  readonly notebooks: string
  /** The local CA was made just now, so that no browser on earth can know it. */
  readonly isNewCa: boolean
}

export const caFileOf = (stateDir: string): string => join(stateDir, 'tls', 'ca.pem')

/** The address stands alone on its line, and near the end: it is what one looks for. */
export function greeting({ plan, address, notebooks, isNewCa }: Greeting): string {
  const { options, ports } = plan
  const ca = caFileOf(options.stateDir)
  const isSelfSigned = options.config.tls === 'self-signed'
  return [
    ...(isSelfSigned && isNewCa ? ['', trustAdvice(ca)] : []),
    `Pyli is running: ${ports.length === 1 ? 'one Jupyter server answers' : `${ports.length} Jupyter servers answer as one`}. Open`,
    '',
    address,
    '',
    `Notebooks    ${notebooks}`,
    `Logs         ${join(options.stateDir, 'log')}`,
    ...(isSelfSigned ? [`Certificate  your browser warns until it trusts ${ca}`] : []),
    'Ctrl-C stops everything.',
  ].join('\n')
}
