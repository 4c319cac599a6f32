import { join } from 'node:path'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { trustAdvice } from '../../gateway/control/certificates/trust-advice.ts'
import { type GatewayPlan, gatewayLogPlace, reachable } from './gateway.ts'
import type { Holder } from './lock.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'])

/** What a person opens. The certificate covers localhost, which also reads better than a number. */
export function addressOf({ options, listen }: GatewayPlan, token: string): string {
  const host = LOOPBACK.has(listen.host) ? 'localhost' : listen.host
  const scheme = options.config.tls === 'off' ? 'http' : 'https'
  return `${scheme}://${formatAddress({ host, port: listen.port })}${options.config.baseUrl}lab?token=${token}`
}

/**
 * The operators' page, with its token behind the # that browsers keep to themselves. By its number: browsers send cookies
 * to all ports of one name, and JupyterLab is at localhost.
 */
export function operatorsAddressOf({ admin }: GatewayPlan, token: string): string | undefined {
  return admin === 'off' ? undefined : `http://${formatAddress(reachable(admin))}/#token=${token}`
}

export interface Greeting {
  readonly plan: GatewayPlan
  readonly address: string
  /** Of their page, where there is one. */
  readonly operators: string | undefined
  readonly notebooks: string
  /** The local CA was made just now, so that no browser on earth can know it. */
  readonly isNewCa: boolean
}

/** Keeps what is said of the CA at the first start alone. */
export const trustFileOf = (stateDir: string): string => join(stateDir, 'tls', 'trust.txt')

export const caFileOf = (stateDir: string): string => join(stateDir, 'tls', 'ca.pem')

export function alreadyRunning(stateDir: string, { pid, address }: Holder): string {
  const advice = 'Stop that one, or give this one a folder of its own with --state DIR.'
  if (address === '') return `Pyli is just starting in ${stateDir}: process ${pid}. ${advice}`
  return `Pyli is already running in ${stateDir}: process ${pid}, at\n\n${address}\n\n${advice}`
}

/** The address stands alone on its line, and near the end: it is what one looks for. */
export function greeting({ plan, address, operators, notebooks, isNewCa }: Greeting): string {
  const { options, ports } = plan
  const ca = caFileOf(options.stateDir)
  const showsLog = options.logToTerminal && options.config.log !== 'off'
  const isSelfSigned = options.config.tls === 'self-signed'
  return [
    ...(isSelfSigned && isNewCa ? ['', trustAdvice(ca)] : []),
    `Pyli is running: ${ports.length === 1 ? 'one Jupyter server answers' : `${ports.length} Jupyter servers answer as one`}. Open`,
    '',
    address,
    '',
    ...(operators === undefined ? [] : ['How servers and kernels are, for operators:', '', operators, '']),
    `Notebooks    ${notebooks}`,
    `Logs         ${join(options.stateDir, 'log')}${options.logToTerminal ? `; the gateway's: ${gatewayLogPlace(options)}` : ''}`,
    ...(isSelfSigned ? [`Certificate  browsers warn until they trust it; how: ${trustFileOf(options.stateDir)}`] : []),
    ...(showsLog
      ? ['The log of the gateway follows; the same command in another terminal tells the address again.']
      : []),
    'Ctrl-C stops everything.',
  ].join('\n')
}
