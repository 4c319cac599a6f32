import { EventEmitter, once } from 'node:events'
import type { Test } from 'tap'
import { acceptOf } from '../../../gateway/upstream/websocket-accept.ts'
import { FakeJupyter } from '../../fakes/fake-jupyter.ts'
import { type RawConnection, rawBackend } from '../../fakes/raw-backend.ts'

/** A request as a backend's socket heard it. */
export interface Asked {
  readonly method: string
  readonly target: string
  readonly head: string
  readonly body: string
  readonly connection: RawConnection
  /** Requests that this connection had carried before. */
  readonly earlier: number
}

/** Answers one request of a client, with whatever bytes. Ends when the next one may be read. */
export type Script = (asked: Asked, jupyter: FakeJupyter) => unknown

export interface JupyterBackend {
  readonly host: string
  readonly port: number
  readonly jupyter: FakeJupyter
  /** In the order they came, without the gateway's own questions. */
  readonly asked: readonly Asked[]
  /** What it does with a client's next request. */
  script: Script
  /** From now on it accepts connections and reads, and says nothing any more. */
  silent: boolean
  /** When so many requests of clients have come. */
  heard(count: number): Promise<void>
}

/** A Jupyter server on a bare socket: the gateway's own questions are answered as they should be, clients' by a script. */
export async function jupyterBackend(t: Test, name = 'a', script: Script = asJupyter): Promise<JupyterBackend> {
  const jupyter = new FakeJupyter(name)
  const asked: Asked[] = []
  const arrival = new EventEmitter().setMaxListeners(0)
  const { host, port } = await rawBackend(t, async (connection) => {
    for (let earlier = 0; ; earlier++) {
      const request = await readRequest(connection, earlier)
      if (backend.silent) continue
      if (isGateways(request)) {
        asJupyter(request, jupyter)
        continue
      }
      asked.push(request)
      arrival.emit('request')
      await backend.script(request, jupyter)
    }
  })
  const heard = async (count: number) => {
    while (asked.length < count) await once(arrival, 'request')
  }
  const backend: JupyterBackend = { host, port, jupyter, asked, script, silent: false, heard }
  return backend
}

/** What the fake server answers. */
export function asJupyter({ method, target, head, body, connection }: Asked, jupyter: FakeJupyter): void {
  const headers = head
    .split('\r\n')
    .slice(1, -2)
    .flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
  const answer = jupyter.answer({ method, target, headers, ...(body && { body: Buffer.from(body, 'latin1') }) })
  const fields = answer.headers.map((part, i) => (i % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
  connection.write(`HTTP/1.1 ${answer.status} \r\n${fields}\r\n${answer.body.toString('latin1')}`)
}

/** A script that answers every request with the same bytes. */
export const saying = (bytes: string): Script => {
  return ({ connection }) => connection.write(bytes)
}

/** The head of a right 101. */
export function switching({ head }: Asked): string {
  const [, key = ''] = /^sec-websocket-key: (.+)\r$/im.exec(head) ?? []
  const accept = `Sec-WebSocket-Accept: ${acceptOf(key)}`
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`
}

/** Opens the WebSocket that is asked for; the bytes of it are the test's. */
export const opening: Script = async (asked) => {
  asked.connection.write(switching(asked))
  await asked.connection.closed
}

async function readRequest(connection: RawConnection, earlier: number): Promise<Asked> {
  const head = await connection.head()
  const [method = '', target = ''] = head.split(' ', 2)
  // A body that waits for a 100 is the script's to ask for.
  const waits = /^expect: 100-continue/im.test(head)
  const length = waits ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
  const body = (await connection.takeBytes(length)).toString('latin1')
  return { method, target, head, body, connection, earlier }
}

/** Its probes and its survey. */
function isGateways({ target }: Asked): boolean {
  return target === '/api' || target.includes('no_track_activity=1')
}
