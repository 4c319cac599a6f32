import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../processes.ts'
import { Asker, askAll, measuring, newHistogram } from './asker.ts'
import { jupyterBackends } from './backends.ts'
import { open, openMany } from './connect.ts'
import { frame } from './reply.ts'
import type { Form, Options, Subject, Work } from './work.ts'

const tunnels: readonly Form[] = [
  { tls: false, connections: 32 },
  { tls: true, connections: 32 },
  { tls: false, connections: 1_000 },
  { tls: true, connections: 1_000 },
]

/** Messages of so many bytes there and back, which the server echoes. */
function roundTrips(name: 'ws-256' | 'ws-16k', payload: number): Work {
  const question = clientFrame(Buffer.alloc(payload, 'm'))
  return {
    name,
    unit: 'round trip',
    forms: tunnels,
    quickForms: tunnels.slice(0, 2),
    startBackends: jupyterBackends,
    perform: async (subject, { connections }, options) => {
      const kernels = await kernelsOf(options)
      const sockets = await openMany(connections, (index) => upgrade(subject, kernels, index))
      const askers = sockets.map((socket) => new Asker(socket, question, frame(payload)))
      return askAll(subject, askers, options.seconds)
    },
  }
}

export const small = roundTrips('ws-256', 256)
export const large = roundTrips('ws-16k', 16 * 1024)

export const upgrades: Work = {
  name: 'upgrade',
  unit: 'upgrade',
  forms: tunnels.slice(0, 1),
  quickForms: tunnels.slice(0, 1),
  startBackends: jupyterBackends,
  perform: async (subject, { connections }, options) => {
    const kernels = await kernelsOf(options)
    const latencies = newHistogram()
    let units = 0
    const measured = measuring(subject)
    const end = performance.now() + options.seconds * 1_000
    const lane = async () => {
      while (performance.now() < end) {
        const begun = performance.now()
        const socket = await upgrade(subject, kernels, units++)
        latencies.recordValue((performance.now() - begun) * 1_000)
        socket.resume().end()
        await once(socket, 'close')
      }
    }
    await Promise.all(Array.from({ length: connections }, lane))
    const { cpu, seconds } = measured()
    return { units, seconds, cost: cpu / units, latencies }
  },
}

const many = { tls: false, connections: 5_000 }
const fewer = { tls: false, connections: 1_000 }
/** What is made once, and is no tunnel's own, is there after these. */
const first = 200

export const tunnelMemory: Work = {
  name: 'tunnel-memory',
  isOnce: true,
  unit: 'tunnel',
  forms: [many, { ...many, tls: true }],
  quickForms: [fewer],
  startBackends: jupyterBackends,
  perform: async (subject, { connections }, options) => {
    const kernels = await kernelsOf(options)
    const begun = performance.now()
    const early = await openMany(first, (index) => upgrade(subject, kernels, index))
    await sleep(2_000)
    const before = memoryOf(subject.pid).resident
    const sockets = await openMany(connections, (index) => upgrade(subject, kernels, first + index))
    await sleep(3_000)
    const cost = (memoryOf(subject.pid).resident - before) / 1_024 / connections
    for (const socket of [...early, ...sockets]) socket.destroy()
    return { units: connections, seconds: (performance.now() - begun) / 1_000, cost }
  },
}

/** Those that the backends say they have. Of one server alone, where a proxy knows no more than one. */
export async function kernelsOf({ backends }: Pick<Options, 'backends'>): Promise<string[]> {
  const lists = backends.ports.map(async (port) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/kernels`)
    return (await answer.json()) as { id: string }[]
  })
  return (await Promise.all(lists)).flat().map(({ id }) => id)
}

/** A kernel's WebSocket, open. */
export async function upgrade(subject: Subject, kernels: readonly string[], index: number): Promise<Socket> {
  const socket = await open(subject)
  const target = `/api/kernels/${kernels[index % kernels.length]}/channels?session_id=${process.pid}-${index}`
  const key = randomBytes(16).toString('base64')
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13']
  socket.write(`${[`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${subject.port}`, ...fields].join('\r\n')}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101 '))
    throw new Error(`no WebSocket: ${answer.subarray(0, 200)}`)
  socket.removeAllListeners('data')
  socket.on('error', () => {}) // 'close' follows
  return socket
}

/** A binary message, masked with zeros: as a server must take it, and at no cost to us. */
export function clientFrame(content: Buffer): Buffer {
  const { length } = content
  const head = length < 126 ? Buffer.from([0x82, 0x80 | length]) : Buffer.from([0x82, 0xfe, length >> 8, length & 255])
  return Buffer.concat([head, Buffer.alloc(4), content])
}
