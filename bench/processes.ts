import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What was started and must be ended, last first. */
const started: ChildProcess[] = []

export interface Started {
  readonly child: ChildProcess
  readonly pid: number
}

/** Starts a program whose output goes to a file. */
export function start(command: string, args: readonly string[], output: string, env = process.env): Started {
  const file = openSync(output, 'a')
  const child = spawn(command, args, { stdio: ['ignore', file, file], env })
  closeSync(file)
  started.push(child)
  return { child, pid: child.pid as number }
}

export interface Heard extends Started {
  readonly ports: readonly number[]
}

/** Starts a program that says in its first line on which ports it is. */
export async function startAndHear(command: string, args: readonly string[]): Promise<Heard> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  const [line] = await once(child.stdout, 'data')
  return { child, pid: child.pid as number, ports: String(line).trim().split(' ').map(Number) }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

export async function endAll(): Promise<void> {
  for (const child of started.splice(0).reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(15_000).then(() => child.kill('SIGKILL'))])
  }
}

export async function run(command: string, args: readonly string[]): Promise<string> {
  return (await execute(command, args)).stdout
}

/** What a program says, on whichever of its outputs. */
export async function said(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execute(command, args)
  return stdout + stderr
}

export async function isInstalled(command: string): Promise<boolean> {
  return run('which', [command]).then(
    () => true,
    () => false,
  )
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

export async function untilListening(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const socket = connect(port, '127.0.0.1')
    const there = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (there) return
    await sleep(50)
  }
  throw new Error(`nobody listens on port ${port}`)
}

/**
 * CPU time of a process, its threads and its children, in microseconds. From the scheduler's own count
 * (/proc/PID/task/TID/schedstat: nanoseconds): utime and stime of /proc/PID/stat move in steps of 10 ms.
 */
export function cpuTime(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => {
    const [run] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)
    return Number(run) / 1_000
  })
  return [...tasks, ...childrenOf(pid).map(cpuTime)].reduce((sum, time) => sum + time, 0)
}

/** Memory of a process and its children that is in use, and the most that ever was. Bytes. */
export function memoryOf(pid: number): { resident: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
  return childrenOf(pid)
    .map(memoryOf)
    .reduce((sum, { resident, peak }) => ({ resident: sum.resident + resident, peak: sum.peak + peak }), {
      resident: kilobytes('VmRSS') * 1024,
      peak: kilobytes('VmHWM') * 1024,
    })
}

/** The most that a process and its children had is counted anew from now on (proc_pid_clear_refs(5)). */
export function forgetPeak(pid: number): void {
  for (const each of [pid, ...childrenOf(pid)]) writeFileSync(`/proc/${each}/clear_refs`, '5')
}

/** The core of what is measured; all else shares another one, where there is one. */
const itsCore = availableParallelism() > 1 ? '1' : '0'
const ourCore = '0'

/** A proxy has a core for itself, as far as others leave it. */
export function pinned(command: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['-c', itsCore, command, ...args]]
}

/** This process, and what it starts from now on. */
export async function stayAway(): Promise<void> {
  await run('taskset', ['-apc', ourCore, `${process.pid}`])
}

export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [] : children.split(' ').map(Number)
}
