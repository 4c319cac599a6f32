import { join } from 'node:path'
import { formatAddress } from '../../gateway/config/forms/address.ts'
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
}

export function greeting({ plan, address, notebooks }: Greeting): string {
  const { options, ports } = plan
  return [
    `Pyli is running: ${ports.length === 1 ? 'one Jupyter server' : `${ports.length} Jupyter servers answer as one`}. Open`,
    '',
    address,
    '',
    `Notebooks  ${notebooks}`,
    `Logs       ${join(options.stateDir, 'log')}`,
    ...(isSelfSigned(plan)
      ? [`Browser    warns of the certificate until it trusts ${join(options.stateDir, 'tls', 'ca.pem')}`]
      : []),
    'Ctrl-C stops everything.',
  ].join('\n')
}

const isSelfSigned = ({ options }: GatewayPlan): boolean => options.config.tls === 'self-signed'
