import { type Duplex, duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Config } from '../../gateway/config/config.ts'
import { parseConfig } from '../../gateway/config/parse.ts'
import { createLimits } from '../../gateway/limits/limits.ts'
import type { ProcessMemory } from '../../gateway/limits/memory-pressure.ts'
import { createLog } from '../../gateway/observe/log.ts'
import type { Gate } from '../../gateway/request/gate.ts'
import { Pins } from '../../gateway/request/pins.ts'
import { SessionSockets } from '../../gateway/request/session-sockets.ts'
import { Tunnels } from '../../gateway/request/tunnels.ts'
import { Waiting } from '../../gateway/request/waiting.ts'
import {
  type BackendClient,
  BackendFailure,
  type BackendRequest,
  type ResponseHandler,
} from '../../gateway/upstream/client.ts'
import {
  type FakeCluster,
  type FakeClusterOptions,
  fakeCluster,
  type Member,
  nextTurn,
  refusal,
} from './fake-cluster.ts'

export interface FakeGate extends FakeCluster {
  readonly gate: Gate
  /** What was sent to backends, in order. */
  readonly sent: (BackendRequest & { readonly to: string })[]
  /** The backends' ends of the WebSockets that were opened. */
  readonly opened: Duplex[]
  /** The log's lines. */
  readonly lines: Record<string, unknown>[]
}

/** Everything behind the front, with fake servers at the end. `options` are command-line options. */
export function fakeGate(
  options: readonly string[] = [],
  cluster: FakeClusterOptions = {},
  memory?: () => ProcessMemory,
): FakeGate {
  const fake = fakeCluster(cluster)
  const config = configOf(['--backends', 'static:10.0.0.1:8001', ...options])
  const sent: FakeGate['sent'] = []
  const opened: Duplex[] = []
  const lines: FakeGate['lines'] = []
  const clientOf = (member: Member): BackendClient => ({
    dispatch: (request, handler) => {
      sent.push({ ...request, to: member.server.name })
      const call = { aborted: false }
      void respond(member, request, guarded(handler, call), opened)
      const abort = () => {
        call.aborted = true
      }
      return { resume: () => {}, abort }
    },
    close: () => {},
  })
  const tunnels = new Tunnels()
  const nobodyElse = { haveSocketOf: async () => false, endSocketOf: async () => {} }
  const gate: Gate = {
    config,
    cluster: fake.cluster,
    limits: createLimits(config, { now: () => fake.clock.now, processes: 1, memory, tellLogin: () => {} }),
    pins: new Pins({ token: 'secret', baseUrl: config.baseUrl }),
    tunnels,
    sessionSockets: new SessionSockets(tunnels, nobodyElse),
    waiting: new Waiting(),
    log: createLog('json', { write: (line) => void lines.push(JSON.parse(line)) }),
    clientOf: (backend) => clientOf(fake.members.find((member) => member.backend === backend) as Member),
    onDuplicate: ({ id }) => void lines.push({ msg: `duplicate ${id}` }),
    onFailure: ({ key }) => void fake.failures.push(key),
    sleep: async (milliseconds) => {
      fake.clock.now += milliseconds
      await nextTurn()
    },
  }
  return { ...fake, gate, sent, opened, lines }
}

function configOf(argv: readonly string[]): Config {
  const parsed = parseConfig([...argv], {}, () => '')
  if (parsed.ok !== true) throw new Error(JSON.stringify(parsed))
  return parsed.config
}

/** After an abort no callback comes, as the interface promises. */
function guarded(handler: ResponseHandler, call: { aborted: boolean }): ResponseHandler {
  return {
    onInformation: (head) => call.aborted || handler.onInformation(head),
    onHead: (head) => call.aborted || handler.onHead(head),
    onBody: (chunk) => call.aborted || handler.onBody(chunk),
    onEnd: (trailers) => call.aborted || handler.onEnd(trailers),
    onUpgrade: (head, socket, rest) => call.aborted || handler.onUpgrade(head, socket, rest),
    onFailure: (failure) => call.aborted || handler.onFailure(failure),
  }
}

async function respond(
  { server, trouble }: Member,
  { method, target, headers, body, upgrade }: BackendRequest,
  handler: ResponseHandler,
  opened: Duplex[],
): Promise<void> {
  await nextTurn()
  if (trouble === 'refused') return handler.onFailure(refusal())
  if (trouble === 'silent') return handler.onFailure(new BackendFailure('backend-reset', 'it hung up', false))
  if (upgrade) {
    const [near, far] = duplexPair()
    opened.push(far)
    const switching = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', 'x']
    return handler.onUpgrade({ status: 101, reason: '', headers: switching, length: 0 }, near, Buffer.alloc(0))
  }
  const bytes = body.kind === 'stream' ? await buffer(body.source) : body.kind === 'bytes' ? body.bytes : undefined
  const answer = server.answer({ method, target, headers, ...(bytes && { body: bytes }) })
  handler.onHead({ ...answer, length: answer.body.length })
  if (answer.body.length > 0 && method !== 'HEAD') handler.onBody(answer.body)
  handler.onEnd([])
}
