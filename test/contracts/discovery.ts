import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Address } from '../../gateway/config/config.ts'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import type { Discovery } from '../../gateway/control/discovery.ts'

/** Makes a discovery of these addresses. `forget`: from now on nothing can be told of them. */
export type SetUp = (
  t: Test,
  addresses: readonly Address[],
) => Promise<{ readonly discovery: Discovery; readonly forget?: () => void }>

const written = (addresses: readonly Address[]) => addresses.map(formatAddress)

export interface Particulars {
  /** The promises that a kind need not keep, each with its reason. */
  readonly skip?: { readonly [promise: string]: string }
  /** Before the last number of an address. */
  readonly network?: string
}

/** What every kind of discovery promises. */
export function discoveryContract(kind: string, setUp: SetUp, particulars: Particulars = {}): void {
  const { skip = {}, network = '10.0.1.' } = particulars
  const forty = Array.from({ length: 40 }, (_, i): Address => ({ host: `${network}${i + 1}`, port: 8888 }))
  const one = forty.slice(0, 1)
  const promise = (title: string, test: (t: Test) => Promise<void>) =>
    t.test(`${kind}: ${title}`, { skip: skip[title] ?? false }, test)
  const { signal } = new AbortController()

  promise('all addresses are told, each once', async (t) => {
    for (const addresses of [one, forty]) {
      const { discovery } = await setUp(t, addresses)
      t.same(written(await discovery.addresses(signal)).sort(), written(addresses).sort())
    }
  })

  promise('in the same order each time', async (t) => {
    const { discovery } = await setUp(t, forty)
    const first = written(await discovery.addresses(signal))
    for (let i = 0; i < 5; i++) t.same(written(await discovery.addresses(signal)), first)
  })

  promise('questions at one time do not disturb each other', async (t) => {
    const { discovery } = await setUp(t, forty)
    const answers = await Promise.all(Array.from({ length: 5 }, () => discovery.addresses(signal)))
    for (const answer of answers) t.equal(answer.length, forty.length)
  })

  promise('what cannot be told is rejected, and never "nobody"', async (t) => {
    const { discovery, forget } = await setUp(t, one)
    forget?.()
    await t.rejects(discovery.addresses(signal))
  })

  promise('an abort ends the question', async (t) => {
    const controller = new AbortController()
    const { discovery, forget } = await setUp(t, one)
    forget?.()
    const settled = discovery.addresses(controller.signal).then(
      () => true,
      () => true,
    )
    controller.abort()
    t.ok(await Promise.race([settled, delay(20_000, false, { ref: false })]))
  })
}
