import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, pinned, run, start, untilListening } from './processes.ts'

/** Of this run: certificate, configurations, logs. */
export const folder = mkdtempSync(join(tmpdir(), 'pyli-bench-'))
const main = join(import.meta.dirname, '..', 'gateway', 'main.ts')

export interface Subject {
  readonly pid: number
  readonly port: number
  /** With a slash at the end. */
  readonly url: string
  readonly adminUrl: string
  readonly log: string
}

/** All that loads comes from one address. */
export const noBoundOfConnections = ['--connections=100000', '--connections-per-client=100000']

export interface GatewayPlan {
  readonly ports: readonly number[]
  readonly tls?: boolean
  readonly flags?: readonly string[]
  /** Of its Node. */
  readonly nodeFlags?: readonly string[]
  /** To the core of what is measured. */
  readonly isPinned?: boolean
  /** Folder for its log. */
  readonly logs?: string
}

/** The gateway before backends on this machine; resolves when a newcomer could be served. */
export async function startGateway(plan: GatewayPlan): Promise<Subject> {
  const { ports, tls = false, flags = [], nodeFlags = [], isPinned = false, logs = folder } = plan
  const [port, adminPort] = [await freePort(), await freePort()]
  const log = join(logs, `gateway-${port}.log`)
  const args = [
    ...nodeFlags,
    main,
    `--listen=127.0.0.1:${port}`,
    `--admin=127.0.0.1:${adminPort}`,
    `--backends=static:${ports.map((each) => `127.0.0.1:${each}`).join(',')}`,
    ...(tls ? ['--tls=files', `--tls-cert=${folder}/cert.pem`, `--tls-key=${folder}/key.pem`] : ['--tls=off']),
    ...flags,
  ]
  const { pid } = start(...(isPinned ? pinned(process.execPath, args) : ([process.execPath, args] as const)), log)
  await untilListening(port)
  const adminUrl = `http://127.0.0.1:${adminPort}`
  while (!(await fetch(`${adminUrl}/readyz`).catch(() => undefined))?.ok) await new Promise((r) => setTimeout(r, 50))
  return { pid, port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`, adminUrl, log }
}

/** Writes a new key and certificate for localhost, as an operator's tool would: under other names, then in place. */
export async function makeCertificate(): Promise<void> {
  const files = ['-keyout', `${folder}/key.pem.new`, '-out', `${folder}/cert.pem.new`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await run('openssl', ['req', ...kind, ...files, ...names, '-addext', 'basicConstraints=critical,CA:FALSE'])
  await run('mv', [`${folder}/key.pem.new`, `${folder}/key.pem`])
  await run('mv', [`${folder}/cert.pem.new`, `${folder}/cert.pem`])
}
