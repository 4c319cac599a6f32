import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { decode, encode, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet'
import type { Test } from 'tap'
import type { Address } from '../../gateway/config/config.ts'

export interface Asked {
  readonly name: string
  readonly type: string
  readonly via: 'udp' | 'tcp'
}

export interface Records {
  readonly A?: readonly string[]
  readonly AAAA?: readonly string[]
}

/** What a query is answered with: as many messages as it likes, none at all included. */
export type Script = (query: Packet, asked: Asked) => readonly Buffer[]

/** Bytes that a server sends over UDP to whoever does not say how much he takes (RFC 1035 4.2.1). */
const plainLimit = 512
const codes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

/** A real DNS server on loopback, over UDP and TCP under one port, that says what a test wants it to. */
export class DnsServer {
  readonly asked: Asked[] = []
  script: Script
  readonly #udp: UdpSocket
  readonly #tcp: Server
  readonly #connections = new Set<Socket>()
  #closed = false

  private constructor(udp: UdpSocket, tcp: Server, script: Script) {
    this.#udp = udp
    this.#tcp = tcp
    this.script = script
    udp.on('message', (message, peer) => {
      for (const answer of this.#answer(message, 'udp')) udp.send(answer, peer.port, peer.address)
    })
    tcp.on('connection', (socket) => this.#serve(socket))
  }

  static async start(t: Test, script: Script = answers({})): Promise<DnsServer> {
    for (;;) {
      const tcp = createServer()
      await once(tcp.listen(0, '127.0.0.1'), 'listening')
      const { port } = tcp.address() as AddressInfo
      const udp = createSocket('udp4')
      const bound = once(udp, 'listening').then(
        () => true,
        () => false, // the port is another program's over UDP
      )
      udp.bind(port, '127.0.0.1')
      if (!(await bound)) {
        tcp.close()
        continue
      }
      const server = new DnsServer(udp, tcp, script)
      t.teardown(() => server.close())
      return server
    }
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.#tcp.address() as AddressInfo).port }
  }

  /** No answer and no refusal: its socket stays, as a server's that hangs. */
  fallSilent(): void {
    this.script = () => []
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#udp.close()
    this.#tcp.close()
    for (const socket of this.#connections) socket.destroy()
  }

  #answer(message: Buffer, via: 'udp' | 'tcp'): readonly Buffer[] {
    const query = decode(message)
    const [question] = query.questions ?? []
    const asked = { name: question?.name ?? '', type: question?.type ?? '', via }
    this.asked.push(asked)
    return this.script(query, asked)
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket)
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('error', () => {})
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const end = 2 + bytes.readUInt16BE(0)
        for (const answer of this.#answer(bytes.subarray(2, end), 'tcp')) {
          const length = Buffer.alloc(2)
          length.writeUInt16BE(answer.length)
          socket.write(Buffer.concat([length, answer]))
        }
        bytes = bytes.subarray(end)
      }
    })
  }
}

/**
 * As Docker's embedded server: in another order each time, with a time to live of ten minutes, cut to 512 bytes for
 * whoever does not speak EDNS. A type of which there is none is answered with nothing.
 */
export function answers(records: Records): Script {
  return (query, { type, via }) => {
    const addresses = shuffled(records[type as keyof Records] ?? [])
    const whole = reply(query, addresses)
    const extended = query.additionals?.some(({ type }) => type === 'OPT') === true
    if (via === 'tcp' || extended || whole.length <= plainLimit) return [whole]
    return [reply(query, addresses.slice(0, 28), { truncated: true })]
  }
}

/** Cuts every answer over UDP, EDNS or not, so that the whole one is to be had over TCP alone. */
export function truncates(records: Records): Script {
  return (query, { type, via }) => {
    const addresses = records[type as keyof Records] ?? []
    return [via === 'tcp' ? reply(query, addresses) : reply(query, addresses.slice(0, 1), { truncated: true })]
  }
}

export function refuses(code: keyof typeof codes): Script {
  return (query) => [reply(query, [], { code })]
}

interface Changes {
  readonly code?: keyof typeof codes
  readonly truncated?: boolean
  readonly id?: number
  /** Of the question that is repeated, and of the records. */
  readonly name?: string
}

export function reply(query: Packet, addresses: readonly string[], changes: Changes = {}): Buffer {
  const { code = 'NOERROR', truncated = false, id = query.id ?? 0 } = changes
  const [question] = query.questions ?? []
  if (!question) return Buffer.from('no question')
  const { type } = question
  const name = changes.name ?? question.name
  return encode({
    type: 'response',
    id,
    flags: codes[code] | RECURSION_DESIRED | (truncated ? TRUNCATED_RESPONSE : 0),
    questions: [{ ...question, name }],
    answers: addresses.map((data) => ({ type: type as 'A' | 'AAAA', name, ttl: 600, data }) as const),
  })
}

function shuffled(list: readonly string[]): string[] {
  return list
    .map((entry) => [Math.random(), entry] as const)
    .sort(([a], [b]) => a - b)
    .map(([, entry]) => entry)
}
