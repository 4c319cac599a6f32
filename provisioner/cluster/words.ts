import { hostname } from 'node:os'
import { trustAdvice } from '../../gateway/control/certificates/trust-advice.ts'
import { NOTEBOOKS } from '../storage/storage.ts'
import { SECRETS } from './machine.ts'
import { PAIRS } from './pairs.ts'
import type { Settings } from './settings.ts'

/** Each of the stack's secrets is a file there. */
export const TOKEN = `${SECRETS}/jupyter-token`

/** Under which the gateway and the registry are met. The first one is what people are told to open. */
export function certificateNames({ names }: Settings, host: string, address: string) {
  const own = [host, address]
  return { gateway: [...new Set([...names, ...own, 'localhost', '127.0.0.1'])], registry: [address, host, '127.0.0.1'] }
}

export interface Served {
  readonly settings: Settings
  readonly address: string
  /** Undefined where a log would keep it. */
  readonly token: string | undefined
  readonly isUnchanged: boolean
}

/** The last words of `pyli manager`. */
export function farewell({ settings, address, token, isUnchanged }: Served): string {
  const { names, httpsPort, storage } = settings
  const host = names.find((name) => !name.startsWith('*.')) ?? address
  const url = `https://${host.includes(':') ? `[${host}]` : host}${httpsPort === 443 ? '' : `:${httpsPort}`}/lab`
  return [
    '',
    isUnchanged ? 'Nothing had to be changed. The cluster serves:' : 'The cluster serves. Open',
    '',
    token === undefined ? url : `${url}?token=${token}`,
    '',
    `Token        ${token === undefined ? `in ${TOKEN} on ${hostname()}, for root alone: it is not told to what is no terminal` : TOKEN}`,
    `Notebooks    ${NOTEBOOKS} (${storage.kind})`,
    '',
    trustAdvice(PAIRS.ca.cert),
  ].join('\n')
}
