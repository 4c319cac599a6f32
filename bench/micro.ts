import { RequestReader } from '../gateway/front/request-reader.ts'
import { mergeLists } from '../gateway/jupyter/lists.ts'
import type { Model } from '../gateway/jupyter/models.ts'
import { classify } from '../gateway/jupyter/routes.ts'
import { Backend } from '../gateway/pool/backend.ts'
import { chooseLeastLoaded } from '../gateway/pool/choose.ts'
import { ResponseReader } from '../gateway/upstream/response-reader.ts'
import { countsOrEnd } from './counts.ts'
import { machine } from './machine.ts'
import { spreadOf } from './report/statistics.ts'
import { short } from './report/table.ts'

countsOrEnd({ script: 'bench:micro', about: 'CPU time of the pure parts, each alone in a loop', counts: {} })

/**
 * npm run bench:micro: CPU time of the pure parts, each alone in a loop, median and spread of some rounds. To see which of
 * two forms of one part is the cheaper; what a request costs in all is told by npm run bench.
 */
const ROUNDS = 9
/** CPU microseconds of a round, at the least: the clock of the operating system is no finer than some. */
const ROUND = 100_000

interface Part {
  readonly name: string
  /** Does it once. What it returns is kept, or the compiler would leave out what nobody reads. */
  readonly act: () => unknown
}

const head = Buffer.from(
  'GET /api/kernels/5b1e7a30-2f5c-4f0e-9a10-cf0d62f5a8d1?1732700000000 HTTP/1.1\r\nHost: jupyter.example.org\r\n' +
    'Accept: application/json, text/javascript, */*; q=0.01\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n' +
    'Accept-Language: en-GB,en;q=0.9\r\nAuthorization: token 0123456789abcdef0123456789abcdef\r\n' +
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n' +
    'Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nX-XSRFToken: 2|a1b2c3d4|0123456789abcdef|1732700000\r\n\r\n',
)
const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: TornadoServer/6.5\r\nContent-Type: application/json\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\n' +
    "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: frame-ancestors 'self'; report-uri /api/security/csp-report\r\n" +
    'Etag: "0123456789abcdef0123456789abcdef01234567"\r\nContent-Length: 2\r\n\r\n[]',
)

const nobody = () => {}

function readRequests(): Part {
  const reader = new RequestReader(
    { headBytes: 32_768, fields: 100, targetBytes: 8_192 },
    { onHead: nobody, onBody: () => true, onEnd: nobody },
  )
  return {
    name: `the head of a browser's request, ${head.length} bytes`,
    act: () => {
      const read = reader.read(head)
      reader.next()
      return read
    },
  }
}

function readResponses(): Part {
  const listener = { onInformation: nobody, onHead: nobody, onBody: () => true, onEnd: nobody, onSwitch: nobody }
  return {
    name: `a small answer of Jupyter's, ${answer.length} bytes`,
    act: () => new ResponseReader('GET', false, listener).read(answer),
  }
}

function classifyPath(path: string): Part {
  const request = { method: 'GET', path, query: '', upgrade: false }
  return { name: `the route of ${path}`, act: () => classify(request) }
}

function choose(count: number): Part {
  const candidates = backends(count)
  for (const [index, candidate] of candidates.entries()) candidate.inFlight = index % 3
  const choice = { now: 60_000, slowStart: 10_000, random: Math.random }
  return { name: `the least loaded of ${count} servers`, act: () => chooseLeastLoaded(candidates, choice) }
}

function merge(count: number, kernels: number): Part {
  const lists = backends(count).map((backend, server) => ({
    backend,
    stale: false,
    entries: Array.from({ length: kernels / count }, (_, kernel) => kernelModel(server, kernel)),
  }))
  return { name: `one list of ${kernels} kernels on ${count} servers`, act: () => mergeLists('kernels', lists, nobody) }
}

function kernelModel(server: number, kernel: number): Model {
  const id = `${server}-${kernel}`
  return { id, name: 'python3', last_activity: '2026-11-27T12:00:00Z', execution_state: 'idle', connections: 1 }
}

function backends(count: number): Backend[] {
  return Array.from({ length: count }, (_, index) => {
    const backend = new Backend({ host: '10.0.0.1', port: 8_001 + index }, 0)
    backend.judge('pass', 0, { cold: false })
    return backend
  })
}

/** CPU microseconds of so many times. */
function timed({ act }: Part, times: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) kept = act()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Microseconds for each time. */
function measure(part: Part): string[] {
  let times = 1
  while (timed(part, times) < ROUND) times *= 2 // this also warms it up
  const { median, min, max } = spreadOf(Array.from({ length: ROUNDS }, () => timed(part, times) / times))
  return [part.name.padEnd(62), `${short(median)} µs (${short(min)}–${short(max)})`]
}

let kept: unknown

const parts: readonly Part[] = [
  readRequests(),
  readResponses(),
  classifyPath('api/contents/folder/notebook.ipynb'),
  classifyPath('api/kernels/5b1e7a30-2f5c-4f0e-9a10-cf0d62f5a8d1'),
  classifyPath('static/lab/main.0123456789abcdef.js'),
  choose(4),
  choose(200),
  merge(50, 2_000),
]

console.log(`${machine()}; CPU time, median of ${ROUNDS} rounds`)
for (const part of parts) console.log(measure(part).join('  '))
if (kept === undefined) throw new Error('nothing was done')
