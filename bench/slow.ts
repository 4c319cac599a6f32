import { connect, type Socket } from 'node:net'
import { countsOrEnd } from './counts.ts'
import { machine } from './machine.ts'
import { cpuTime, endAll, run, startAndHear } from './processes.ts'
import { noBoundOfConnections, startGateway } from './subjects.ts'

/**
 * What senders that are too slow cost the others: CPU time of the gateway for a small GET, without them and beside many
 * connections that each send one byte every few seconds.
 */
const {
  connections: wanted,
  rounds,
  seconds,
} = countsOrEnd({
  script: 'bench:slow',
  about: 'what many slow senders cost the GETs of others beside them; needs wrk',
  counts: {
    connections: { usually: 10_000, about: 'connections that send a byte every five seconds' },
    rounds: { usually: 3, about: 'rounds of GETs without them, and beside them' },
    seconds: { usually: 4, about: 'how long each round takes' },
  },
})

const pause = 5_000

try {
  const { ports } = await startAndHear(process.execPath, [new URL('jupyter.ts', import.meta.url).pathname, '--many=2'])
  const flags = ['--log=off', ...noBoundOfConnections, '--head-timeout=10m']
  const { pid, url, port } = await startGateway({ ports, flags })

  async function costOfGet(): Promise<number> {
    const before = cpuTime(pid)
    const report = await run('wrk', ['-t1', '-c32', `-d${seconds}s`, `${url}api/me`])
    return (cpuTime(pid) - before) / Number(/(\d+) requests in/.exec(report)?.[1])
  }
  const costs = async () => {
    const list: number[] = []
    for (let round = 0; round < rounds; round++) list.push(await costOfGet())
    return list.sort((a, b) => a - b)
  }
  const middle = (list: readonly number[]) => list[Math.floor(list.length / 2)] ?? 0

  await costOfGet()
  const without = await costs()

  const bytes = Buffer.from(`GET /api/me HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(10_000)}`)
  const sockets: { socket: Socket; at: number }[] = []
  let closed = 0
  for (let count = 0; count < wanted; count++) {
    // The whole of 127.0.0.0/8 is this machine: one address alone has not the ports.
    const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.${1 + (count % 8)}.1` })
    socket.on('error', () => {})
    socket.on('close', () => closed++)
    sockets.push({ socket, at: 0 })
    if (count % 200 === 199) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  // Each in its turn, so that there is always one that sends.
  let next = 0
  const sending = setInterval(() => {
    for (let count = 0; count < wanted / (pause / 50); count++) {
      const slow = sockets[next++ % sockets.length]
      if (slow && !slow.socket.destroyed) slow.socket.write(bytes.subarray(slow.at, ++slow.at))
    }
  }, 50)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const beside = await costs()
  clearInterval(sending)

  const more = (middle(beside) / middle(without) - 1) * 100
  process.stdout.write(
    [
      machine(),
      `CPU microseconds of the gateway for each GET, ${rounds} rounds`,
      `alone                                     ${middle(without).toFixed(1)}`,
      `beside ${wanted - closed} of ${wanted} slow connections   ${middle(beside).toFixed(1)}   ${more >= 0 ? '+' : ''}${more.toFixed(1)} %`,
      '',
    ].join('\n'),
  )
} finally {
  await endAll()
}
process.exit()
