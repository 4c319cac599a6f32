import { rmSync } from 'node:fs'
import { countsOrEnd } from './counts.ts'
import { machine } from './machine.ts'
import { endAll, startAndHear, stayAway } from './processes.ts'
import { short } from './report/table.ts'
import { folder, noBoundOfConnections, startGateway } from './subjects.ts'
import { getSmall } from './works/http.ts'
import { small as webSocket } from './works/websockets.ts'
import type { Work } from './works/work.ts'

countsOrEnd({
  script: 'bench:growth',
  about: 'how the cost of a unit of work grows with servers, kernels and tunnels',
  counts: {},
})

/**
 * npm run bench:growth: how what a unit of work costs us grows with servers, with kernels and with tunnels. CPU
 * microseconds of the gateway, over plain HTTP; the probes and surveys of all servers are in them.
 */
interface Growth {
  readonly what: string
  readonly of: string
  readonly steps: readonly number[]
  readonly work: Work
  readonly at: (step: number) => { readonly servers: number; readonly kernels: number; readonly connections: number }
}

const growths: readonly Growth[] = [
  {
    what: 'a small GET',
    of: 'servers',
    steps: [2, 20, 200],
    work: getSmall,
    at: (servers) => ({ servers, kernels: 0, connections: 32 }),
  },
  {
    what: 'a small GET',
    of: 'live kernels on 4 servers',
    steps: [10, 100, 1_000, 10_000],
    work: getSmall,
    at: (kernels) => ({ servers: 4, kernels, connections: 32 }),
  },
  {
    what: 'a message of 256 bytes there and back',
    of: 'busy tunnels',
    steps: [1, 10, 100, 1_000, 5_000],
    work: webSocket,
    at: (connections) => ({ servers: 2, kernels: 100, connections }),
  },
]

const SECONDS = 5
const program = new URL('jupyter.ts', import.meta.url).pathname

async function costAt({ work, at }: Growth, step: number): Promise<number> {
  const { servers, kernels, connections } = at(step)
  try {
    const { ports } = await startAndHear(process.execPath, [program, `--many=${servers}`, `--kernels=${kernels}`])
    const gateway = await startGateway({ ports, flags: noBoundOfConnections, isPinned: true })
    const subject = { name: 'pyli', tls: false, ...gateway }
    const options = { seconds: SECONDS, browser: false, backends: { ports } }
    await work.perform(subject, { tls: false, connections }, { ...options, seconds: 2 }) // warms it up
    return (await work.perform(subject, { tls: false, connections }, options)).cost
  } finally {
    await endAll()
  }
}

try {
  await stayAway()
  console.log(`${machine()}; CPU µs of the gateway, each over ${SECONDS} s`)
  for (const growth of growths) {
    for (const step of growth.steps) {
      const place = `${growth.what}, ${step.toLocaleString('en')} ${growth.of}`
      console.log(`${place.padEnd(66)}${short(await costAt(growth, step)).padStart(6)}`)
    }
  }
} finally {
  await endAll()
  rmSync(folder, { recursive: true, force: true })
}
