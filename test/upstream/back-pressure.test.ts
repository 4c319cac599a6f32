import t, { type Test } from 'tap'
import { createBackendClient } from '../../gateway/upstream/backend-client.ts'
import type { BackendClient, Dispatch } from '../../gateway/upstream/client.ts'
import { answering, type RawConnection, rawBackend } from '../fakes/raw-backend.ts'
import { exchange, get, Recorder } from '../fakes/recorder.ts'

const MiB = 1024 * 1024

async function setUp(t: Test, script: (connection: RawConnection) => unknown): Promise<BackendClient> {
  const backend = await rawBackend(t, script)
  const client = createBackendClient({ ...backend, connectTimeout: 60_000 })
  t.teardown(() => client.close())
  return client
}

/** Wants one part at a time, each time asking for more in a later turn. */
class Sipper extends Recorder {
  dispatch: Dispatch | undefined
  full = false
  count = 0
  largest = 0

  override onBody(part: Buffer): boolean {
    if (this.full) this.told.push('told more while full')
    this.full = true
    this.count += part.length
    this.largest = Math.max(this.largest, part.length)
    this.onFull()
    return false
  }

  onFull(): void {
    setImmediate(() => {
      this.full = false
      this.dispatch?.resume()
    })
  }
}

function sip(client: BackendClient, sipper = new Sipper()): Sipper {
  sipper.dispatch = client.dispatch(get, sipper)
  return sipper
}

t.test('a handler that is full stops the backend, whatever the size of the body', async (t) => {
  const total = 256 * MiB
  const part = Buffer.alloc(64 * 1024)
  let written = 0
  let mostUnderWay = 0
  const sipper = new Sipper()
  const client = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
    const more = () => {
      while (written < total) {
        written += part.length
        mostUnderWay = Math.max(mostUnderWay, written - sipper.count)
        if (!connection.socket.write(part)) return
      }
    }
    connection.socket.on('drain', more)
    more()
  })
  await sip(client, sipper).over
  t.same(sipper.told, ['onHead', 'onEnd'])
  t.equal(sipper.count, total)
  t.ok(sipper.largest <= 64 * 1024)
  // What the two kernels' socket buffers hold is in it too: some MiB, whatever the body's size.
  t.ok(mostUnderWay < 32 * MiB, `${mostUnderWay} bytes were under way at once`)
})

t.test("body parts are the handler's to keep", async (t) => {
  const body = Buffer.from(Array.from({ length: 2 * MiB }, (_, i) => (i * 7) >> 8))
  const client = await setUp(t, async (connection) => {
    await connection.head()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    connection.write(body)
  })
  const { parts } = await exchange(client)
  t.ok(parts.length > 1)
  t.ok(Buffer.concat(parts).equals(body), 'what is read later does not change them')
})

t.test('of many chunks in one packet a full handler gets one at a time, and all of them', async (t) => {
  const client = await setUp(t, async (connection) => {
    await connection.head()
    const chunks = '1\r\nx\r\n'.repeat(1000)
    connection.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\nT: v\r\n\r\n`)
  })
  const sipper = await sip(client).over
  t.same(sipper.told, ['onHead', 'onEnd'])
  t.equal(sipper.count, 1000)
  t.same(sipper.trailers, ['T', 'v'])
})

t.test('a resume inside onBody counts', async (t) => {
  const client = await setUp(
    t,
    answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n'),
  )
  const sipper = new Sipper()
  sipper.onFull = () => {
    sipper.full = false
    sipper.dispatch?.resume()
  }
  await sip(client, sipper).over
  t.equal(sipper.count, 2)
})

t.test('a connection that rested while its handler was full still notices its end', async (t) => {
  let connections = 0
  const client = await setUp(t, async (connection) => {
    connections++
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n')
    await connection.head()
    connection.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb')
    await connection.takeThrough('never')
  })
  await sip(client).over
  t.equal((await sip(client).over).count, 1)
  t.equal(connections, 1)
})

t.test('the end of a connection is noticed after a full handler has taken all', async (t) => {
  const client = await setUp(t, async (connection) => {
    await connection.head()
    connection.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(MiB)}`)
  })
  const sipper = await sip(client).over
  t.equal(sipper.count, MiB)
  t.equal(sipper.told.at(-1), 'onEnd')
})

t.test('an abort while full ends the connection', async (t) => {
  let closed: Promise<unknown> | undefined
  const client = await setUp(t, async (connection) => {
    closed = connection.closed
    await connection.head()
    connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MiB}\r\n\r\n${'x'.repeat(1000)}`)
  })
  const sipper = new Sipper()
  await new Promise<void>((resolve) => {
    sipper.onFull = resolve
    sip(client, sipper)
  })
  sipper.dispatch?.abort()
  sipper.dispatch?.resume()
  await closed
  t.same(sipper.told, ['onHead'])
})

t.test('resume after the end is harmless', async (t) => {
  const client = await setUp(t, answering('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'))
  const sipper = sip(client)
  await sipper.over
  const next = exchange(client)
  sipper.dispatch?.resume()
  sipper.dispatch?.abort()
  t.equal((await next).body, 'a', 'above all it does not touch the next exchange of the connection')
})
