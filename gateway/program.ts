import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import { formatAddress } from './config/forms/address.ts'
import { disk } from './config/from-nginx/disk.ts'
import { fromNginx } from './config/from-nginx/from-nginx.ts'
import { helpText } from './config/help.ts'
import { listenFault } from './config/listen-fault.ts'
import { misspeltVariables } from './config/misspelt-variables.ts'
import { type OptionName, options } from './config/options.ts'
import { type Parsed, parseConfig } from './config/parse.ts'
import { changesBetween, misfits, renewed } from './config/reread.ts'
import { showConfig } from './config/show.ts'
import type { Keeper } from './control/certificates/keeper.ts'
import { checkCertificate, openCertificate } from './control/certificates.ts'
import { startGateway } from './gateway.ts'
import { createLog, flushLog, type Log } from './observe/log.ts'
import { createRedirect } from './redirect.ts'
import { startFleet, type WorkerEvents, type WorkerProcess } from './workers/fleet.ts'
import { closeWhatWasHandedOver } from './workers/handed-over.ts'
import type { FromWorker, Renewal, ToWorker } from './workers/messages.ts'
import { runWorker } from './workers/worker.ts'
import { workersOf } from './workers/workers-of.ts'

/**
 * The gateway as a program. Beside main.ts the only file that touches the process: arguments, environment, signals,
 * exit.
 */
export async function start(): Promise<void> {
  if (cluster.isWorker) return beWorker()
  const parsed = readConfig()
  switch (parsed.ok) {
    case 'help':
      return print(helpText())
    case 'check':
      return check(parsed.config)
    case 'from-nginx':
      return convert(parsed.file)
    case false:
      return fail(2, parsed.mistakes)
    case true:
      return run(parsed.config)
  }
}

/** What this process holds, and what its cgroup lets it. */
const processMemory = () => ({ resident: process.memoryUsage.rss(), constrained: process.constrainedMemory() })

/** The last lines are written as the process ends, however it does. */
function openLog({ log: kind }: Config): Log {
  const log = createLog(kind)
  process.on('exit', () => flushLog(log))
  return log
}

/** What has been started: one process, or the primary of several. */
interface Running {
  readonly address: AddressInfo
  readonly adminAddress: AddressInfo | undefined
  renew(changed: Renewal): void
  drain(deadline: number): Promise<void>
  destroy(): void
}

/** The configuration, if what the start would say of the files that it names is nothing worse than a warning. */
async function check(config: Config): Promise<void> {
  try {
    const warnings = [...misspeltVariables(process.env), ...(await checkCertificate(config))]
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
  } catch (error) {
    return fail(1, [messageOf(error)])
  }
  print(showConfig(config))
}

function convert(file: string): void {
  const outcome = fromNginx(file, disk)
  if (!outcome.ok) return fail(2, outcome.mistakes)
  print(outcome.text)
  if (!outcome.isSound) process.exitCode = 2
}

async function run(config: Config): Promise<void> {
  const log = openLog(config)
  const reread = rereadOnSignal(config, log)
  let keeper: Keeper | undefined
  try {
    keeper = await openCertificate(config, log)
  } catch (error) {
    return fail(1, [messageOf(error)])
  }
  const shared = { log, tls: keeper?.tls, ...(keeper && { certificate: () => keeper.state() }) }
  const workers = workersOf(config)
  try {
    const running: Running =
      workers === 1
        ? await startGateway(config, { ...shared, processMemory })
        : await startFleet({ ...shared, config, workers, fork, now: () => performance.now() })
    log.info(
      { listen: shown(running.address), admin: running.adminAddress && shown(running.adminAddress), workers },
      'listening',
    )
    const signal = stopOnSignals(running, config, log)
    if (config.redirect !== 'off') {
      const redirect = createRedirect({ publicPort: running.address.port, hosts: config.allowHosts, log })
      signal.addEventListener('abort', () => redirect.close())
      await redirect.listen(config.redirect)
    }
    keeper?.keep((tls) => running.renew({ tls }), { signal, random: Math.random })
    reread.from(running)
  } catch (error) {
    fail(1, [listenFault(error as Error, config)])
  }
}

/** The first signal lets exchanges finish, the second does not. Gives what is aborted by the first. */
function stopOnSignals(running: Running, { drainFor }: Config, log: Log): AbortSignal {
  const stopping = new AbortController()
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) {
      running.destroy()
      process.exit(1)
    }
    stopping.abort()
    log.info({ signal }, 'ending: exchanges under way may finish')
    await running.drain(drainFor)
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return stopping.signal
}

/**
 * Files may change while a process runs, arguments and environment cannot. A signal during the start is heeded after
 * it.
 */
function rereadOnSignal(config: Config, log: Log): { from(running: Running): void } {
  let current = config
  let running: Running | undefined
  let wasTold = false
  const reread = () => {
    wasTold = true
    if (!running) return
    const parsed = readConfig()
    const refuse = (mistakes: readonly string[]) => log.error({ mistakes }, 'read again, and nothing taken over')
    if (parsed.ok !== true) return refuse(parsed.ok === false ? parsed.mistakes : [])
    const next = renewed(current, parsed.config)
    const mistakes = misfits(next)
    if (mistakes.length > 0) return refuse(mistakes)
    const changes = changesBetween(current, parsed.config)
    current = next
    running.renew({ config: current })
    const flags = (names: readonly OptionName[]) => names.map((name) => options[name].flag)
    const { now, afterRestart } = changes
    log.info({ changed: flags(now), afterRestart: flags(afterRestart) }, 'the files of the options were read again')
  }
  process.on('SIGHUP', reread)
  return {
    from: (started) => {
      running = started
      if (wasTold) reread()
    },
  }
}

function readConfig(): Parsed {
  return parseConfig(process.argv.slice(2), process.env, (path) => readFileSync(path, 'utf8'))
}

function fork({ onMessage, onExit }: WorkerEvents): WorkerProcess {
  // Structured clones, as ticket keys are bytes.
  const exec = join(import.meta.dirname, 'main.ts')
  cluster.setupPrimary({ exec, args: [], serialization: 'advanced' })
  const worker = cluster.fork()
  closeWhatWasHandedOver(worker)
  worker.on('message', (message) => onMessage(message as FromWorker))
  worker.on('exit', (code, signal) => onExit(signal ?? `exit code ${code}`))
  worker.on('error', (error) => {
    // Of one that could not be spawned 'exit' says nothing. Else it is a message to one that is dying, and 'exit' follows.
    if (worker.process.pid === undefined) onExit(error.message)
  })
  return {
    send: (message) => {
      if (worker.isConnected()) worker.send(message)
    },
    kill: () => worker.process.kill('SIGKILL'),
  }
}

/** A process that the primary has forked. */
function beWorker(): void {
  // A terminal's Ctrl-C reaches all processes; when workers end is the primary's to say.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  // Without its primary it would hold connections that nobody watches.
  process.on('disconnect', () => process.exit(1))
  runWorker({
    channel: {
      send: (message: FromWorker) => {
        // To a primary that has just died: 'disconnect' follows.
        if (process.connected) process.send?.(message, undefined, {}, () => {})
      },
      onMessage: (listener) => process.on('message', (message) => listener(message as ToWorker)),
    },
    start: (config, tls, peers) => startGateway(config, { log: openLog(config), tls, processMemory, peers }),
    exit: (code) => process.exit(code),
    explain: (error, config) => listenFault(error as Error, config),
  })
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

function shown({ address: host, port }: AddressInfo): string {
  return formatAddress({ host, port })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
