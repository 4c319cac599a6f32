import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { countsOrEnd } from './counts.ts'
import { Load } from './load.ts'
import { machine } from './machine.ts'
import { childrenOf, end, endAll, type Heard, startAndHear } from './processes.ts'
import { folder, makeCertificate, startGateway } from './subjects.ts'

/**
 * Mixed load for minutes, while backends are killed and come back, workers are killed and the certificate is replaced.
 * Counted is every request that failed although a client which simply asks again would have been served, every message
 * that a living socket lost, and afterwards what is left: sockets, memory.
 */
const { minutes, workers, clients } = countsOrEnd({
  script: 'bench:soak',
  about: 'mixed load while servers, workers and the certificate come and go: what failed, and what is left',
  counts: {
    minutes: { usually: 10, about: 'how long' },
    workers: { usually: 3, about: 'processes of the gateway' },
    clients: { usually: 30, about: 'clients that ask all the time' },
  },
})

const jupyter = new URL('jupyter.ts', import.meta.url).pathname
const duration = minutes * 60_000
const every = { backend: 20_000, worker: 30_000, certificate: 60_000 }
/** How long a killed backend stays away. */
const away = 4_000

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
const socketsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

try {
  await makeCertificate()
  const backends: Heard[] = []
  for (let count = 0; count < 3; count++) backends.push(await startAndHear(process.execPath, [jupyter]))
  const flags = [`--workers=${workers}`, '--gone-after=10s', '--slow-start=1s', '--probe-every=500ms']
  const gateway = await startGateway({ ports: backends.flatMap(({ ports }) => ports), tls: true, flags })
  const all = () => [gateway.pid, ...childrenOf(gateway.pid)]
  const load = new Load({ url: gateway.url, clients })

  const stopping = new AbortController()
  const { signal } = stopping
  const repeat = async (period: number, act: () => Promise<void>) => {
    for (;;) {
      await sleep(period, undefined, { signal })
      await act()
    }
  }
  const troubles = [
    repeat(every.backend, async () => {
      const index = Math.floor(Math.random() * backends.length)
      const { child, ports } = backends[index] as Heard
      await end(child, 'SIGKILL')
      await sleep(away)
      backends[index] = await startAndHear(process.execPath, [jupyter, `--port=${ports[0]}`])
    }),
    repeat(every.worker, async () => {
      const workers = childrenOf(gateway.pid)
      const victim = workers[Math.floor(Math.random() * workers.length)]
      if (victim !== undefined) process.kill(victim, 'SIGKILL')
    }),
    repeat(every.certificate, makeCertificate),
  ].map((trouble) => trouble.catch((error: Error) => error.name === 'AbortError' || Promise.reject(error)))

  await load.start()
  await sleep(Math.min(20_000, duration / 4))
  const before = { memory: all().map(residentMiB), sockets: all().map(socketsOf) }
  await sleep(duration)
  stopping.abort()
  await Promise.all(troubles)
  const results = await load.stop()
  await sleep(80_000) // what is kept for a next request has grown old
  const after = { memory: all().map(residentMiB), sockets: all().map(socketsOf) }

  const show = (list: readonly number[]) => list.map((each) => each.toFixed(0)).join(' ')
  const lines = [
    machine(),
    `${minutes} minutes, ${workers} workers, ${clients} clients; logs in ${folder}`,
    ...results.lines,
    `memory of each process, MiB: ${show(before.memory)} → ${show(after.memory)}`,
    `open files of each process: ${show(before.sockets)} → ${show(after.sockets)}`,
    '',
  ]
  process.stdout.write(lines.join('\n'))
  process.exitCode = results.failed === 0 ? 0 : 1
} finally {
  await endAll()
}
process.exit()
