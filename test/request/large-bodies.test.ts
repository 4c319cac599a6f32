import { createCipheriv, createHash } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { request as requestByTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { FileCache } from '../../gateway/cache/file-cache.ts'
import { createFront } from '../../gateway/front/front.ts'
import { Account } from '../../gateway/request/account.ts'
import { serve } from '../../gateway/request/serve.ts'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import { issue } from '../fakes/certificates.ts'
import { fakeGate } from '../fakes/fake-gate.ts'
import { seededRandom } from '../fakes/seeded-random.ts'

// Room for large reads is used again, or freed when they are written (http1/recycled.ts): nobody may ever see in it what
// was another's.

const mebibyte = 1024 * 1024

/** Other bytes for each name, the same for each time. */
function content(name: string, size: number): Buffer {
  const key = createHash('md5').update(name).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** `/api/contents/NAME?size=BYTES&form=sized|chunked|cut`, files for the cache, and the hash of what is put. */
async function backend(t: Test): Promise<number> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'PUT') return void (await answerHash(request, response))
    const { pathname, searchParams } = new URL(request.url as string, 'http://a')
    const size = Number(searchParams.get('size') ?? fileSize)
    const body = content(pathname, size)
    const form = searchParams.get('form') ?? 'sized'
    const isFile = pathname.startsWith('/static/')
    if (form !== 'chunked') response.setHeader('Content-Length', size)
    if (isFile)
      response.setHeaders(
        new Map([
          ['Cache-Control', 'max-age=31536000'],
          ['Content-Type', 'text/javascript'],
        ]),
      )
    response.flushHeaders()
    await sleep(5) // so that a read has nothing but body, and is passed on as it is
    if (form === 'cut') return void response.write(body.subarray(0, size / 2), () => response.destroy())
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

async function answerHash(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  try {
    for await (const part of request) hash.update(part)
    response.end(hash.digest('hex'))
  } catch {
    // Its client has left.
  }
}

const fileSize = 40_000

/** A gateway's way from front to client, both real, with one server at its end. Answers with its address. */
async function gateway(t: Test, isEncrypted: boolean): Promise<string> {
  const client = createBackendClient({ host: '127.0.0.1', port: await backend(t), connectTimeout: 5_000 })
  const { gate: fake } = fakeGate()
  const gate = { ...fake, clientOf: () => client, files: new FileCache(64 * mebibyte) }
  const front = createFront({
    tls: isEncrypted ? await issue({ name: 'localhost', from: '2020-01-01' }) : undefined,
    times: { head: 20_000, body: 60_000, idle: 75_000, send: 60_000 },
    newAccount: () => new Account('x', 0),
    onExchange: (exchange) => void serve(gate, exchange, () => {}),
    onMalformed: (_, code) => t.fail(code),
  })
  const { port } = await front.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => {
    front.destroy()
    client.close()
  })
  return `${isEncrypted ? 'https' : 'http'}://127.0.0.1:${port}`
}

type Reader = 'fast' | 'slow' | 'leaves'

function open(url: string, method: string): ClientRequest {
  const ask = url.startsWith('https') ? requestByTls : request
  const opened = ask(url, { method, rejectUnauthorized: false, agent: false })
  opened.on('error', () => {}) // whoever leaves early meets it
  return opened
}

/** Sends a body in pieces; the server's hash of it, or undefined where the client leaves before its end. */
async function upload(url: string, body: Buffer, form: string): Promise<string | undefined> {
  const request = open(url, 'PUT')
  if (form === 'sized') request.setHeader('Content-Length', body.length)
  const piece = 100_000
  for (let at = 0; at < body.length; at += piece) {
    if (form === 'cut' && at > body.length / 2) return void request.destroy()
    if (!request.write(body.subarray(at, at + piece))) await once(request, 'drain')
  }
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return text(response)
}

/** What a client gets, or undefined if it left or was cut off. */
async function download(url: string, reader: Reader): Promise<Buffer | undefined> {
  const request = open(url, 'GET').end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const parts: Buffer[] = []
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part)
      if (reader === 'slow') await sleep(parts.length % 7 === 0 ? 5 : 0)
      if (reader === 'leaves' && parts.length === 5) return void request.destroy()
    }
  } catch {
    return undefined
  }
  return Buffer.concat(parts)
}

for (const isEncrypted of [false, true]) {
  t.test(
    `many downloads and uploads at once never get each other's bytes${isEncrypted ? ', with TLS' : ''}`,
    async (t) => {
      const random = seededRandom(7)
      const base = await gateway(t, isEncrypted)
      const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
      const file = '/static/lab/0123456789abcdef.js'
      let whole = 0
      const lane = async (_: unknown, index: number) => {
        for (let turn = 0; turn < 6; turn++) {
          const path = `/api/contents/${index}-${turn}`
          const size = Math.floor(random() ** 3 * 3 * mebibyte) + 1
          const form = pick(['sized', 'sized', 'chunked', 'cut'])
          const reader = pick<Reader>(['fast', 'slow', 'leaves'])
          const got = await download(`${base}${path}?size=${size}&form=${form}`, reader)
          if (got && form !== 'cut') {
            whole++
            if (hashOf(got) !== hashOf(content(path, size))) t.fail(`${path} has other bytes`)
          }
          const hash = await upload(base + path, content(path, size), form)
          if (hash && hash !== hashOf(content(path, size))) t.fail(`${path} came with other bytes`)
          const kept = await download(base + file, reader === 'leaves' ? 'fast' : reader)
          if (!kept?.equals(content(file, fileSize))) t.fail('a file that is kept has other bytes')
        }
      }
      await Promise.all(Array.from({ length: 16 }, lane))
      t.ok(whole > 30, `${whole} were read to their end`)
    },
  )
}
