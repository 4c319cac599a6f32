import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
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
  for (const child of started.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(15_000).then(() => child.kill('SIGKILL'))])
  }
}

export async function run(command: string, args: readonly string[]): Promise<string> {
  return (await execute(command, args)).stdout
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

/** CPU time of a process, its threads and its children, in microseconds (proc(5): utime, stime, in ticks of 10 ms). */
export function cpuTime(pid: number): number {
  // Behind the command's name, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  return childrenOf(pid).reduce((sum, child) => sum + cpuTime(child), ticks * 10_000)
}

export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return children === '' ? [] : children.split(' ').map(Number)
}
