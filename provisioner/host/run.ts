import { spawn } from 'node:child_process'
import type { Ms } from '../../gateway/config/units.ts'
import { Trouble } from '../local/trouble.ts'

/** A program and its arguments, never a line for a shell. Secrets go through `input`, as everybody reads arguments. */
export type Argv = readonly [program: string, ...args: string[]]

export interface RunOptions {
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: string
  /** After which it is killed and counts as failed. Not waited for: what hangs in a dead volume outlives SIGKILL. */
  readonly limit?: Ms
  readonly signal?: AbortSignal
  /** Beside this process's own environment. Nothing secret: everybody of the same user reads it. */
  readonly variables?: Readonly<Record<string, string>>
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Rejects with Trouble where it cannot be started or took too long; a code other than 0 is an answer. */
export type Run = (argv: Argv, options?: RunOptions) => Promise<Ran>

/** This machine's own. Tests have one that answers from a table. */
export const run: Run = async ([program, ...args], { input = '', limit, signal, variables } = {}) => {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...variables, LC_ALL: 'C.UTF-8' }, // what is read must not depend on who reads
    ...(signal === undefined ? {} : { signal }),
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  }
  child.stdin.on('error', () => {}) // it may end without reading
  child.stdin.end(input)
  return await new Promise((resolve, reject) => {
    const timer = limit === undefined ? undefined : setTimeout(leave, limit)
    function leave(): void {
      child.kill('SIGKILL')
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      child.unref()
      reject(new Trouble(`${program} did not end within ${(limit ?? 0) / 1000} s.`))
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(error.code === 'ENOENT' ? new Trouble(`${program} is not installed.`) : error)
    })
    child.once('close', (code, killedBy) => {
      clearTimeout(timer)
      if (code === null) reject(new Trouble(`${program} was ended by ${killedBy}.`))
      else resolve({ code, ...said })
    })
  })
}

/** The same where only success is expected: what it printed, or Trouble with its last words. */
export async function succeed(run: Run, argv: Argv, options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options)
  if (code === 0) return stdout
  const words = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' ')
  throw new Trouble(`${argv.slice(0, 3).join(' ')} failed (${code}): ${words || 'it said nothing'}`)
}
