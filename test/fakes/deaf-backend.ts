import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'

const script = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
`

/**
 * A backend to which connecting takes for ever: its thread sleeps and accepts nobody, and the queue of those who wait
 * is full. Linux lets one more into it than `backlog` says, and does not answer the next one.
 */
export async function deafBackend(t: Test): Promise<{ host: string; port: number }> {
  const host = '127.0.0.1'
  const worker = new Worker(script, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const waiting = [connect(port, host), connect(port, host)]
  await Promise.all(waiting.map((socket) => once(socket, 'connect')))
  t.teardown(() => {
    for (const socket of waiting) socket.destroy()
    return worker.terminate()
  })
  return { host, port }
}
