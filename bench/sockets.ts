import { rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { countsOrEnd } from './counts.ts'
import { machine } from './machine.ts'
import { cpuTime, endAll, memoryOf, startAndHear, stayAway } from './processes.ts'
import { folder, noBoundOfConnections, startGateway } from './subjects.ts'
import { openMany } from './works/connect.ts'
import { clientFrame, kernelsOf, upgrade } from './works/websockets.ts'

/**
 * npm run bench:sockets: kernels' sockets as a faculty has them. Most are idle; on some a message goes to a kernel and comes
 * back, again and again, each with a content of its own. What is lost, what comes back wrong, who is cut off.
 */
const counts = countsOrEnd({
  script: 'bench:sockets',
  about: "many idle kernels' sockets and some busy ones: whether all stay, and all messages come back right",
  counts: {
    idle: { usually: 5_000, about: 'sockets on which nothing passes' },
    busy: { usually: 200, about: 'sockets on which a message is always under way' },
    seconds: { usually: 60, about: 'how long' },
  },
})

const payload = 256
/** How long the last replies may take, in milliseconds. */
const patience = 5_000

class Talk {
  right = 0
  wrong = 0
  isCut = false
  isOver = false
  isWaiting = false
  readonly #socket: Socket
  readonly #name: string
  #expected: Buffer = Buffer.alloc(0)
  #come: Buffer = Buffer.alloc(0)

  constructor(socket: Socket, name: string) {
    this.#socket = socket
    this.#name = name
    socket.on('close', () => {
      this.isCut = true
    })
    socket.on('data', (bytes: Buffer) => this.#hear(bytes))
  }

  say(): void {
    const content = Buffer.alloc(payload, `${this.#name}: ${this.right + this.wrong}. `)
    this.#expected = serverFrame(content)
    this.isWaiting = true
    this.#socket.write(clientFrame(content))
  }

  #hear(bytes: Buffer): void {
    this.#come = Buffer.concat([this.#come, bytes])
    if (this.#come.length < this.#expected.length) return
    this.isWaiting = false
    if (this.#come.equals(this.#expected)) this.right++
    else this.wrong++
    this.#come = Buffer.alloc(0)
    if (!this.isOver) this.say()
  }
}

/** As a server echoes a binary message (RFC 6455 5.2). */
const serverFrame = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x82, 126, content.length >> 8, content.length & 255]), content])

try {
  await stayAway()
  const program = new URL('jupyter.ts', import.meta.url).pathname
  const { ports } = await startAndHear(process.execPath, [program, '--many=2', '--kernels=100'])
  const gateway = await startGateway({ ports, flags: noBoundOfConnections, isPinned: true })
  const subject = { name: 'pyli', tls: false, ...gateway }
  const kernels = await kernelsOf({ backends: { ports } })
  const openSome = (count: number, from: number) => openMany(count, (index) => upgrade(subject, kernels, from + index))

  const talks = (await openSome(counts.busy, 0)).map((socket, index) => new Talk(socket, `socket ${index}`))
  await sleep(2_000)
  const before = memoryOf(gateway.pid).resident
  let cut = 0
  for (const socket of await openSome(counts.idle, counts.busy)) socket.on('close', () => cut++).resume()
  await sleep(2_000)
  const each = (memoryOf(gateway.pid).resident - before) / 1_024 / counts.idle

  const cpu = cpuTime(gateway.pid)
  for (const talk of talks) talk.say()
  await sleep(counts.seconds * 1_000)
  for (const talk of talks) talk.isOver = true
  for (let left = patience; left > 0 && talks.some(({ isWaiting }) => isWaiting); left -= 100) await sleep(100)
  const spent = cpuTime(gateway.pid) - cpu

  const sum = (of: (talk: Talk) => number | boolean) => talks.reduce((all, talk) => all + Number(of(talk)), 0)
  const told = (number: number) => number.toLocaleString('en')
  const right = sum((talk) => talk.right)
  process.stdout.write(
    [
      machine(),
      `messages back as they were sent   ${told(right)}, each for ${(spent / right).toFixed(1)} µs of CPU`,
      `wrong ${sum((talk) => talk.wrong)}, lost ${sum((talk) => talk.isWaiting)}`,
      `sockets cut: ${cut} of ${told(counts.idle)} idle ones, ${sum((talk) => talk.isCut)} of ${told(counts.busy)} busy ones`,
      `an idle socket: ${each.toFixed(1)} KiB of the gateway's memory`,
      '',
    ].join('\n'),
  )
} finally {
  await endAll()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
