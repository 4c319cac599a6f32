import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { machine } from './machine.ts'
import { cpuTime, endAll, startAndHear } from './processes.ts'
import { startGateway } from './subjects.ts'

/**
 * What kernels' WebSockets cost: memory of the gateway for each that is idle, and whether idle ones and busy ones all
 * live, every message answered, while the busy ones talk.
 */
const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '5000' },
    busy: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    /** Of the gateway. */
    workers: { type: 'string', default: '1' },
  },
})

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

try {
  const { ports } = await startAndHear(process.execPath, [
    new URL('jupyter.ts', import.meta.url).pathname,
    '--many=2',
    '--kernels=100',
  ])
  const { pid, url } = await startGateway({
    ports,
    flags: [`--workers=${values.workers}`, '--log=off', '--connections=100000', '--connections-per-client=100000'],
  })
  const kernels = (await (await fetch(`${url}api/kernels`)).json()) as { id: string }[]
  let lost = 0
  let opened = 0

  async function open(): Promise<WebSocket> {
    const kernel = kernels[opened % kernels.length]?.id
    const address = `${url.replace('http', 'ws')}api/kernels/${kernel}/channels?session_id=${opened++}`
    const socket = new WebSocket(address, { perMessageDeflate: false })
    socket.on('error', () => {})
    await once(socket, 'open')
    socket.on('close', () => lost++)
    return socket
  }
  async function openMany(count: number): Promise<WebSocket[]> {
    const sockets: WebSocket[] = []
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(50, count - sockets.length) }, open)
      sockets.push(...(await Promise.all(batch)))
    }
    return sockets
  }

  const settled = () => new Promise((resolve) => setTimeout(resolve, 3_000))
  await openMany(200) // what is made once, and is no socket's own, is there now
  await settled()
  const before = residentBytes(pid)
  const idle = await openMany(Number(values.idle))
  await settled()
  const each = (residentBytes(pid) - before) / idle.length

  const busy = await openMany(Number(values.busy))
  let sent = 0
  let answered = 0
  let wrong = 0
  const message = Buffer.alloc(256, 'm')
  const end = Date.now() + Number(values.seconds) * 1_000
  const begun = cpuTime(pid)
  await Promise.all(
    busy.map(async (socket) => {
      while (Date.now() < end && socket.readyState === WebSocket.OPEN) {
        const text = Buffer.concat([message, Buffer.from(String(sent++))])
        socket.send(text)
        const [answer] = (await once(socket, 'message')) as [Buffer]
        answered++
        if (!answer.equals(text)) wrong++
      }
    }),
  )
  const cost = (cpuTime(pid) - begun) / answered
  process.stdout.write(
    [
      machine(),
      `${idle.length} idle sockets: ${(each / 1024).toFixed(1)} KiB of the gateway's memory each`,
      `${busy.length} busy ones for ${values.seconds} s: ${sent} messages, ${answered} answered, ${wrong} wrong, ${cost.toFixed(1)} µs of CPU for each there and back`,
      `sockets lost: ${lost}`,
      '',
    ].join('\n'),
  )
  process.exitCode = lost + wrong > 0 || sent !== answered ? 1 : 0
} finally {
  await endAll()
}
process.exit()
