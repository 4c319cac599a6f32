#!/usr/bin/env node
import { down } from './cluster/down.ts'
import { manager } from './cluster/manager.ts'
import { worker } from './cluster/worker.ts'
import type { Command } from './context.ts'
import { doctor } from './doctor/doctor.ts'
import { image } from './image/image.ts'
import { local } from './local/local.ts'
import { progressOn } from './local/progress.ts'
import { sentenceOf } from './local/sentence.ts'
import { Interrupted } from './local/trouble.ts'
import { node } from './stack/node-command.ts'
import { secret } from './stack/secret-command.ts'
import { stack } from './stack/stack-command.ts'
import { status } from './status/status.ts'

// The only file of the provisioner that touches the process: arguments, signals, exit code.

const commands: Readonly<Record<string, Command>> = {
  local,
  manager,
  worker,
  status,
  doctor,
  node,
  stack,
  secret,
  image,
  down,
}

const overview = (): string => {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`)
  return `Usage: pyli <command> [options]\n\n${lines.join('\n')}\n\npyli <command> --help tells the options of a command.`
}

const FAILED = 1
const MISUSED = 2
/** As a shell reports a program that Ctrl-C has killed. */
const INTERRUPTED = 130

const polite = new AbortController()
function onStopRequest(): void {
  if (polite.signal.aborted) process.exit(INTERRUPTED) // asked twice: now. What onExit() was given ends the rest.
  polite.abort()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onStopRequest)
process.once('disconnect', onStopRequest) // bootstrap.mjs, which passes the signals on, was killed
process.channel?.unref()
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // the terminal may go before we do

const [name, ...args] = process.argv.slice(2)
const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined

if (command === undefined) {
  const isHelp = name === undefined || name === '--help' || name === '-h'
  console.log(isHelp ? overview() : `pyli has no command ${name}.\n\n${overview()}`)
  process.exit(isHelp ? 0 : MISUSED)
}
if (args.includes('--help') || args.includes('-h')) {
  console.log(command.help())
  process.exit(0)
}

try {
  await command.run(args, {
    environment: process.env,
    progress: progressOn(process.stdout),
    get input() {
      return process.stdin // opened only where somebody reads it
    },
    isWatched: process.stdout.isTTY === true,
    stop: polite.signal,
    onExit: (action) => process.on('exit', action),
  })
} catch (error) {
  if (error instanceof Interrupted) {
    console.error(error.message)
    process.exitCode = INTERRUPTED
  } else if (!polite.signal.aborted) {
    console.error(sentenceOf(error) ?? error)
    process.exitCode = FAILED
  }
}
process.exit()
