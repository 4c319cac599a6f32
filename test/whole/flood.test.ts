import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { mebibytes, minutes, ms, seconds } from '../../gateway/config/units.ts'
import { trust } from './support/cluster.ts'
import { drink, pour, startFloodServer } from './support/flood.ts'
import { prepareGateway } from './support/gateway.ts'
import { startRun } from './support/run.ts'
import { until, within } from './support/until.ts'

const MUCH = 2 * 1024 ** 3
/** Enough that its code is compiled and its buffers have their size. */
const WARM = mebibytes(128)
const GROWTH = mebibytes(100)
const TOKEN = 'flood'

const run = await startRun(t)
const server = await startFloodServer(run)
const gateway = await prepareGateway(run, {
  tls: 'self-signed',
  baseUrl: '/',
  token: TOKEN,
  backends: [server.port],
  flags: ['--body-limit=4GiB'],
})
await gateway.start()
trust(gateway.caFile)

function ask(path: string, options: RequestOptions = {}): ClientRequest {
  const headers = { Authorization: `token ${TOKEN}`, ...options.headers }
  return request(new URL(path, gateway.url), { ...options, headers })
}

async function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

async function download(bytes: number): Promise<number> {
  return drink(await answerTo(ask(`files/flood?bytes=${bytes}`).end()))
}

async function upload(bytes: number): Promise<number> {
  const asked = ask('api/contents/flood', { method: 'PUT', headers: { 'Content-Length': bytes } })
  const answered = answerTo(asked)
  // Who refuses answers at once, and reads no further.
  await Promise.race([pour(bytes, asked), answered])
  asked.end()
  const { size } = (await json(await answered)) as { size: number }
  return size
}

/** How much more memory the gateway has at its worst than before. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = gateway.residentBytes()
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, gateway.residentBytes())
  }, 100)
  try {
    await work()
  } finally {
    clearInterval(sampling)
  }
  return most - before
}

const inMiB = (bytes: number) => `${Math.round(bytes / mebibytes(1))} MiB`

for (const [name, carry] of Object.entries({ download, upload })) {
  t.test(`${name} of 2 GiB: every byte arrives, and the memory stays as it is`, { timeout: minutes(5) }, async (t) => {
    await carry(WARM)
    let arrived = 0
    const growth = await growthDuring(async () => {
      arrived = await within(name, carry(MUCH), minutes(4))
    })
    t.equal(arrived, MUCH)
    t.ok(growth < GROWTH, `grew by ${inMiB(growth)}`)
  })
}

t.test('a client that stops reading stops the server, and costs no memory', async (t) => {
  const growth = await growthDuring(async () => {
    const answer = await answerTo(ask(`files/flood?bytes=${MUCH}`).end())
    let before = -1
    const stands = async () => {
      const sent = server.sent()
      const stopped = sent > 0 && sent === before
      before = sent
      return stopped
    }
    await until('the server stops', stands, seconds(60), ms(1_000))
    t.ok(server.sent() < mebibytes(64), `sent ${inMiB(server.sent())}`)
    answer.destroy()
  })
  t.ok(growth < GROWTH, `grew by ${inMiB(growth)}`)
})
