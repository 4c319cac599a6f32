import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../gateway/config/config.ts'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { ms, seconds } from '../../gateway/config/units.ts'
import { type Child, startChild } from './child.ts'
import { lastLines, logFileOf } from './logs.ts'
import { forGateway, type LocalOptions } from './options.ts'
import type { Secrets } from './secrets.ts'
import type { Running } from './supervisor.ts'
import { Trouble } from './trouble.ts'

export interface GatewayPlan {
  readonly options: LocalOptions
  readonly listen: Address
  readonly admin: Address | 'off'
  readonly secrets: Secrets
  /** Of the Jupyter servers. */
  readonly ports: readonly number[]
}

/** The program, and what it inherits; another one in tests. */
export interface GatewayProgram {
  readonly node: string
  readonly main: string
  readonly environment: NodeJS.ProcessEnv
}

const PART = 'gateway'
const READY_TIMEOUT = seconds(60)
const LOOK_EVERY = ms(100)
/** So long may requests that are on their way take to end. */
const STOP_PATIENCE = seconds(5)

export function gatewayArgs({ options, listen, admin, secrets, ports }: GatewayPlan): string[] {
  return [
    `--listen=${formatAddress(listen)}`,
    `--admin=${admin === 'off' ? admin : formatAddress(admin)}`,
    `--backends=static:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    `--token-file=${secrets.tokenFile}`,
    ...(admin === 'off' ? [] : [`--admin-token-file=${secrets.adminTokenFile}`]),
    `--tls-dir=${join(options.stateDir, 'tls')}`,
    ...(options.logToTerminal ? [] : ['--log=json']),
    ...options.gatewayArgs,
  ]
}

const gatewayLog = (stateDir: string): string => logFileOf(stateDir, PART)

/** Where a person finds it. */
export function gatewayLogPlace({ stateDir, logToTerminal, config }: LocalOptions): string {
  if (!logToTerminal) return gatewayLog(stateDir)
  return config.log === 'off' ? 'none (--log off)' : 'on this terminal'
}

/** Resolves when it serves. */
export async function startGateway(plan: GatewayPlan, { node, main, environment }: GatewayProgram): Promise<Running> {
  const { stateDir, logToTerminal } = plan.options
  const child = await startChild({
    stateDir,
    part: PART,
    command: node,
    args: [main, ...gatewayArgs(plan)],
    environment: forGateway(environment),
    output: logToTerminal ? 'inherit' : { file: gatewayLog(stateDir) },
  })
  const stop = () => child.stop(STOP_PATIENCE)
  try {
    await untilReady(child, plan)
  } catch (error) {
    await stop()
    throw error
  }
  return { exited: child.exited, stop }
}

async function untilReady(child: Child, { options, listen, admin }: GatewayPlan): Promise<void> {
  const log = gatewayLog(options.stateDir)
  for (const deadline = Date.now() + READY_TIMEOUT; Date.now() < deadline; await sleep(LOOK_EVERY)) {
    if (!child.isRunning()) {
      const said = options.logToTerminal ? '' : ` The end of ${log}:\n${lastLines(log)}`
      throw new Trouble(`The gateway ended as it started (${await child.exited}).${said}`)
    }
    if (admin === 'off' ? await accepts(listen) : await saysReady(admin)) return
  }
  throw new Trouble(`The gateway was not ready within ${READY_TIMEOUT / 1000} s. Its log: ${gatewayLogPlace(options)}`)
}

async function saysReady(admin: Address): Promise<boolean> {
  try {
    const url = `http://${formatAddress(reachable(admin))}/readyz`
    const response = await fetch(url, { signal: AbortSignal.timeout(seconds(2)) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

/** Without its private side there is nobody to ask; that it listens is the best sign there is. */
function accepts(listen: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(reachable(listen))
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Where on this machine a listener on all addresses is found. */
export const reachable = ({ host, port }: Address): Address => ({
  host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host,
  port,
})
