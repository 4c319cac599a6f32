import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Config } from './config/config.ts'
import { helpText } from './config/help.ts'
import { parseConfig } from './config/parse.ts'
import { showConfig } from './config/show.ts'
import { serverTls } from './control/certificates.ts'

import { type Gateway, startGateway } from './gateway.ts'
import { createLog, type Log } from './observe/log.ts'

/** How long exchanges may finish after SIGTERM. Milliseconds. */
const drainTime = 10_000

/** The gateway as a program. The only file of it that touches the process: arguments, environment, signals, exit. */
async function main(): Promise<void> {
  const parsed = parseConfig(process.argv.slice(2), process.env, (path) => readFileSync(path, 'utf8'))
  switch (parsed.ok) {
    case 'help':
      return print(helpText())
    case 'check':
      return print(showConfig(parsed.config))
    case false:
      return fail(2, parsed.mistakes)
    case true:
      return run(parsed.config)
  }
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.log)
  let tls: TlsOptions | undefined
  try {
    tls = await serverTls(config)
  } catch (error) {
    return fail(1, [messageOf(error)])
  }
  try {
    const gateway = await startGateway(config, { log, tls })
    log.info(
      { listen: shown(gateway.address), admin: gateway.adminAddress && shown(gateway.adminAddress) },
      'listening',
    )
    stopOnSignals(gateway, log)
  } catch (error) {
    fail(1, [listenFault(error as NodeJS.ErrnoException)])
  }
}

/** The first signal lets exchanges finish, the second does not. */
function stopOnSignals(gateway: Gateway, log: Log): void {
  let asked = false
  const stop = async (signal: NodeJS.Signals) => {
    if (asked) process.exit(1)
    asked = true
    log.info({ signal }, 'ending: exchanges under way may finish')
    await gateway.drain(drainTime)
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function listenFault(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const where = `${error.address}:${error.port}`
  if (error.code === 'EADDRINUSE')
    return `${where} is taken by another program; choose another with --listen or --admin`
  if (error.code === 'EACCES') return `${where} may not be opened by this user; choose a port over 1023 with --listen`
  if (error.code === 'EADDRNOTAVAIL') return `${where} is no address of this machine; choose another with --listen`
  return messageOf(error)
}

function fail(code: number, mistakes: readonly string[]): void {
  for (const mistake of mistakes) process.stderr.write(`${mistake}\n`)
  process.exitCode = code
  // Something may already be listening, or be about to.
  process.exit()
}

function print(text: string): void {
  process.stdout.write(text)
}

function shown({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

await main()
