import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { seconds } from '../../gateway/config/units.ts'
import { trustAdvice } from '../../gateway/control/certificates/trust-advice.ts'
import type { Command, Context } from '../context.ts'
import { makeFolder } from './folder.ts'
import { type GatewayPlan, gatewayLogPlace, startGateway } from './gateway.ts'
import { type JupyterOptions, type JupyterServer, startJupyter } from './jupyter.ts'
import { isLock, type Lock, takeLock } from './lock.ts'
import { ensureNotebooks } from './notebooks.ts'
import { help, type LocalOptions, parseLocalOptions } from './options.ts'
import { claimable, usualOrFree } from './ports.ts'
import { endOwned, killOwned } from './processes.ts'
import { ensurePython } from './python.ts'
import { ensureSecrets, readToken } from './secrets.ts'
import { Supervisor } from './supervisor.ts'
import { Trouble } from './trouble.ts'
import { addressOf, alreadyRunning, caFileOf, greeting, operatorsAddressOf, trustFileOf } from './words.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const GATEWAY_MAIN = join(ROOT, 'gateway', 'main.ts')
const LEFTOVER_PATIENCE = seconds(3)

export const local: Command = {
  about: 'two Jupyter servers on this machine, and the gateway before them',
  help,
  run: runLocal,
}

/** Runs until it is told to stop. What was started is ended in the opposite order, also when a later step fails. */
async function runLocal(args: readonly string[], context: Context): Promise<void> {
  const { progress, stop, environment } = context
  const options = parseLocalOptions(args, environment, join(ROOT, '.pyli'))
  const { stateDir } = options
  const unlessStopped = <T>(work: Promise<T>): Promise<T> => Promise.race([work, rejectionOf(stop)])
  await using open = new AsyncDisposableStack()

  await makeFolder(stateDir, '--state')
  const lock = await holdAlone(stateDir)
  open.defer(() => lock.release())
  context.onExit(() => killOwned(stateDir))
  open.defer(() => endOwned(stateDir, undefined, LEFTOVER_PATIENCE).then(() => {}))
  if ((await endOwned(stateDir, undefined, LEFTOVER_PATIENCE)) > 0) {
    progress.say('Ended what an earlier run had left behind when it was killed')
  }

  const secrets = await ensureSecrets(stateDir)
  const addresses = await settleAddresses(options, context)

  const notebooks = await ensureNotebooks(stateDir, options.notebooks, progress)
  const python = await ensurePython({ stateDir, wanted: options.python, progress, signal: stop })

  progress.say(`Starting ${options.servers === 1 ? 'a Jupyter server' : `${options.servers} Jupyter servers`}`)
  const common = { python, stateDir, notebooks, secrets, baseUrl: options.config.baseUrl }
  const servers = await unlessStopped(startServers(options.servers, common))
  const supervised = servers.map((server, place) => superviseServer(server, { ...common, index: place + 1 }, context))
  open.defer(() => Promise.all(supervised.map((server) => server.stop())).then(() => {}))

  progress.say('Starting the gateway')
  const isNewCa = !existsSync(caFileOf(stateDir))
  const plan = { options, ...addresses, secrets, ports: servers.map(({ port }) => port) }
  const program = { node: process.execPath, main: GATEWAY_MAIN, environment }
  const start = () => startGateway(plan, program)
  const first = await unlessStopped(start())
  const log = gatewayLogPlace(options)
  const gateway = new Supervisor({ name: 'The gateway', log, first, again: start, progress })
  open.defer(() => gateway.stop())

  const address = addressOf(plan, await readToken(secrets.tokenFile))
  const operators = operatorsAddressOf(plan, await readToken(secrets.adminTokenFile))
  await lock.announce(address)
  if (options.config.tls === 'self-signed') await writeFile(trustFileOf(stateDir), trustAdvice(caFileOf(stateDir)))
  progress.say(greeting({ plan, address, operators, notebooks, isNewCa }))

  await untilAborted(stop)
  progress.say('Stopping kernels, servers and gateway (Ctrl-C once more ends them at once)')
}

async function holdAlone(stateDir: string): Promise<Lock> {
  const taken = await takeLock(join(stateDir, 'run', 'pyli.json'))
  if (isLock(taken)) return taken
  throw new Trouble(alreadyRunning(stateDir, taken))
}

/** Before anything is started: a port that is taken shall not cost a minute of waiting. */
async function settleAddresses(
  { config, adminIsChosen }: LocalOptions,
  { progress }: Context,
): Promise<Pick<GatewayPlan, 'listen' | 'admin'>> {
  const listen = await claimable(config.listen, '--listen')
  if (config.admin === 'off') return { listen, admin: 'off' }
  if (adminIsChosen) return { listen, admin: await claimable(config.admin, '--admin') }
  const admin = await usualOrFree(config.admin)
  if (admin.port !== config.admin.port) {
    progress.say(`Port ${config.admin.port} is taken, so the gateway's private side is at ${formatAddress(admin)}`)
  }
  return { listen, admin }
}

/** All at once, because each takes seconds; if one cannot start, none is left. */
async function startServers(count: number, common: Omit<JupyterOptions, 'index'>): Promise<JupyterServer[]> {
  const starts = Array.from({ length: count }, async (_, place) => {
    const server = await startJupyter({ ...common, index: place + 1 })
    await server.ready
    return server
  })
  const settled = await Promise.allSettled(starts)
  const servers = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  if (servers.length === count) return servers
  await Promise.all(servers.map((server) => server.stop()))
  throw settled.find((start) => start.status === 'rejected')?.reason
}

function superviseServer(first: JupyterServer, options: JupyterOptions, { progress }: Context): Supervisor {
  const again = () => startJupyter({ ...options, port: first.port })
  return new Supervisor({ name: `Jupyter server ${options.index}`, log: first.logFile, first, again, progress })
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

async function rejectionOf(signal: AbortSignal): Promise<never> {
  await untilAborted(signal)
  throw signal.reason
}
