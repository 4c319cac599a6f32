import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import type { Run } from './run.ts'

/** Repeated for ever, a byte too much or too few anywhere shows in all that follows. */
const pattern = randomFillSync(Buffer.alloc(1024 * 1024 + 7))

/** Writes so many bytes of the pattern, as fast as they are taken, and does not end the stream. */
export async function pour(bytes: number, to: Writable): Promise<void> {
  for (let sent = 0; sent < bytes; ) {
    const chunk = pattern.subarray(0, bytes - sent)
    sent += chunk.length
    if (!to.write(chunk)) await once(to, 'drain')
  }
}

/** Counts the bytes that come; fails at the first that is not of the pattern. */
export async function drink(from: Readable): Promise<number> {
  let count = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let read = 0; read < chunk.length; ) {
      const at = (count + read) % pattern.length
      const piece = chunk.subarray(read, read + pattern.length - at)
      if (!piece.equals(pattern.subarray(at, at + piece.length))) throw new Error(`a wrong byte after ${count + read}`)
      read += piece.length
    }
    count += chunk.length
  }
  return count
}

export interface FloodServer {
  readonly port: number
  /** Bytes handed to the connection of the last download. */
  sent(): number
}

/** A server that has as many bytes as are wanted and takes as many as are given; for the rest an idle Jupyter. */
export async function startFloodServer(run: Run): Promise<FloodServer> {
  let download: { readonly response: ServerResponse; readonly before: number } | undefined
  const written = (response: ServerResponse) => response.socket?.bytesWritten ?? 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://server')
    if (pathname === '/files/flood') {
      download = { response, before: written(response) }
      const bytes = Number(searchParams.get('bytes'))
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes })
      await pour(bytes, response)
      return response.end()
    }
    if (pathname === '/api/contents/flood') return json(response, 201, { size: await drink(request) })
    if (pathname === '/api') return json(response, 200, { version: '2.21.1' })
    return json(response, 200, [])
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  run.onEnd(async () => {
    server.closeAllConnections()
    await server[Symbol.asyncDispose]()
  })
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => (download ? written(download.response) - download.before : 0),
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}
