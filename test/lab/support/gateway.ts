import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Rest } from '../../whole/support/rest.ts'
import { until } from '../../whole/support/until.ts'
import { containerOf, running } from './services.ts'
import { lab, on } from './the-lab.ts'

/** A Jupyter server as the gateway sees it. */
export interface Backend {
  readonly address: string
  readonly state: string
  readonly kernels: number
}

/** In the gateway's container, as its health check asks. The token is read there, and is in nobody's arguments. */
const ASK = `const token = require('node:fs').readFileSync('/run/secrets/admin-token', 'utf8').trim()
const backends = async () => (await (await fetch('http://127.0.0.1:9090/backends', { headers: { authorization: 'Bearer ' + token } })).json()).backends`

export async function gatewayContainer() {
  const [task] = await until('a gateway that runs', async () => {
    const tasks = await running('gateway')
    return tasks.length > 0 && tasks
  })
  if (task === undefined) throw new Error('no gateway runs')
  return containerOf(task)
}

export async function backends(): Promise<readonly Backend[]> {
  const { node, container } = await gatewayContainer()
  const script = `${ASK}; backends().then((all) => console.log(JSON.stringify(all)))`
  return JSON.parse(await on(node, ['docker', 'exec', container, 'node', '-e', script])) as Backend[]
}

/** Nothing runs, and the gateway knows it: where the next kernel goes depends on what the last part left. */
export async function quiet(rest: Rest): Promise<void> {
  await rest.clear()
  await until('servers without kernels', async () => (await backends()).every(({ kernels }) => kernels === 0))
}

/** When an address was first in DNS, and when the gateway first took its server for ready. Milliseconds. */
export interface FirstSeen {
  readonly inDns: ReadonlyMap<string, number>
  readonly ready: ReadonlyMap<string, number>
  stop(): void
}

/** Looks ten times a second, as the gateway would see it: from within its container. */
export async function watchDiscovery(): Promise<FirstSeen> {
  const { node, container } = await gatewayContainer()
  const script = `${ASK}
const { resolve4 } = require('node:dns').promises
const look = async () => {
  const [dns, all] = await Promise.all([resolve4('tasks.jupyter').catch(() => []), backends().catch(() => [])])
  const ready = all.filter(({ state }) => state === 'ready').map(({ address }) => address.split(':')[0])
  console.log(JSON.stringify({ at: Date.now(), dns, ready }))
  setTimeout(look, 100)
}
look()
setTimeout(() => process.exit(), 600_000) // it is not told that nobody listens any more`
  const child = spawn('docker', ['exec', lab.container(node), 'docker', 'exec', container, 'node', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const inDns = new Map<string, number>()
  const ready = new Map<string, number>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const seen = JSON.parse(line) as { at: number; dns: string[]; ready: string[] }
    for (const address of seen.dns) if (!inDns.has(address)) inDns.set(address, seen.at)
    for (const address of seen.ready) if (!ready.has(address)) ready.set(address, seen.at)
  })
  await until('the first look at DNS', () => ready.size > 0)
  return { inDns, ready, stop: () => void child.kill() }
}

/** When the gateway let each server answer somebody for the first time, by the server's address, as its log says. */
export async function firstAnswers(since: Date): Promise<ReadonlyMap<string, number>> {
  const { node, container } = await gatewayContainer()
  const log = await on(node, ['docker', 'logs', '--since', since.toISOString(), container])
  const first = new Map<string, number>()
  for (const line of log.split('\n')) {
    const [, time = '', address = ''] = /"time":"([^"]+)".*"backend":"([\d.]+):\d+","status":200/.exec(line) ?? []
    if (address !== '' && !first.has(address)) first.set(address, Date.parse(time))
  }
  return first
}
