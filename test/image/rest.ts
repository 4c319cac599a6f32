import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { ownMemory } from './support/engine.ts'
import type { Start } from './support/servers.ts'

/** In MB. */
const MOST = 150

/** What a server holds that has just started and that nobody uses, in bytes. */
export async function testRest(t: Test, start: Start): Promise<number> {
  let bytes = Number.NaN
  await t.test('a server at rest is small', async (t) => {
    const { container } = await start(t)
    await sleep(3000) // it still reads while it already answers
    bytes = await ownMemory(container)
    t.ok(bytes / 1e6 < MOST, `${Math.round(bytes / 1e6)} of ${MOST} MB`)
  })
  return bytes
}
