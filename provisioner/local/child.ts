import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import { withLog } from './logs.ts'
import { endOwned, OWNER, ownerOf, signal } from './processes.ts'

export interface ChildOptions {
  /** With `part` the mark by which this child and all that it starts are found again. */
  readonly stateDir: string
  readonly part: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly environment: NodeJS.ProcessEnv
  /** A log file, or the terminal that we write to ourselves. */
  readonly output: { readonly file: string } | 'inherit'
}

export interface Child {
  readonly pid: number
  /** Never rejects; says how it ended, in words. */
  readonly exited: Promise<string>
  isRunning(): boolean
  /** Asks, waits for `patience`, then insists; resolves when neither it nor anything that it started is left. */
  stop(patience: Ms): Promise<void>
}

/** How long those may take that a child has left behind, when they are asked. */
const REST_PATIENCE = seconds(2)

/**
 * In a session of its own and without a terminal to read from: Ctrl-C must reach us alone, who know the order in which
 * things end.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { stateDir, part, command, args, cwd, output } = options
  const env = { ...options.environment, [OWNER]: ownerOf(stateDir, part) }
  const start = (to: number | 'inherit') =>
    spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', to, to] })
  const child = output === 'inherit' ? start('inherit') : withLog(output.file, start)

  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signalName) => resolve(signalName ?? `exit code ${code}`))
  })
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const { pid } = child
  if (pid === undefined) throw new Error('a child that was spawned has a pid')

  const isRunning = () => child.exitCode === null && child.signalCode === null
  let stopping: Promise<void> | undefined
  const end = async (patience: Ms) => {
    if (isRunning()) child.kill('SIGTERM')
    const waiting = new AbortController()
    await Promise.race([exited, sleep(patience, undefined, { signal: waiting.signal }).catch(() => {})])
    waiting.abort()
    await endOwned(stateDir, part, REST_PATIENCE)
    if (isRunning()) signal([-pid], 'SIGKILL') // only where the system does not tell what is ours
    await exited
  }

  return {
    pid,
    exited,
    isRunning,
    stop: (patience) => {
      stopping ??= end(patience)
      return stopping
    },
  }
}
