import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { minutes, ms } from '../../gateway/config/units.ts'
import { Rest } from '../whole/support/rest.ts'
import { ownMemory } from './support/engine.ts'
import { type CellResult, KernelClient } from './support/kernel-client.ts'
import { type LanguageTest, type Shown, WIDE } from './support/languages.ts'
import { coloursOf } from './support/picture.ts'
import type { TestServer } from './support/servers.ts'
import type { Measured } from './support/table.ts'

/** Some abort what comes within a moment after an error: for cells that were queued behind it they should. */
const QUEUED = ms(500)

interface Notebook {
  readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[] }[]
}

/** Runs an example as its user would, and then all that a kernel must stand. */
export async function testLanguage(t: Test, server: TestServer, test: LanguageTest): Promise<Measured> {
  t.setTimeout(minutes(10))
  const before = await ownMemory(server.container)
  const began = Date.now()
  const kernel = await KernelClient.start(server, test.kernel)
  const ready = Date.now() - began
  t.teardown(() => kernel.end())

  await t.test('every cell of the example shows what it should', async (t) => {
    const cells = await codeOf(server, test.example)
    t.equal(cells.length, test.shows.length, 'as many as are known')
    for (const [at, code] of cells.entries()) compare(t, await kernel.run(code), test.shows[at] ?? '', code)
  })
  const memory = (await ownMemory(server.container)) - before

  await t.test('an error is one to the client, tells its place, and leaves the kernel alive', async (t) => {
    t.match(await kernel.run(test.remember), { status: 'ok' })
    const { status, text, error } = await kernel.run(test.mistake.code)
    t.equal(status, 'error')
    for (const words of test.mistake.told) t.match(`${error}\n${text}`, words)
    await recalls(t, kernel, test)
  })

  for (const what of ['loop', 'sleep'] as const) {
    await t.test(`an interrupt ends a ${what}, and the state stays`, async (t) => {
      await kernel.run(test.remember)
      const { end } = await kernel.begin(test[what])
      t.equal(await kernel.interruptUntil(end), 1, 'the first one')
      t.not((await end).status, 'ok')
      await recalls(t, kernel, test)
    })
  }

  const { question } = test
  if (question) {
    await t.test('a cell that asks, where nobody can be asked, ends, and the state stays', async (t) => {
      await kernel.run(test.remember)
      t.match(await kernel.run(question), { status: 'error' })
      await recalls(t, kernel, test)
    })
  }

  await t.test('what is begun is completed', async (t) => {
    const [begun, whole] = test.completion
    const matches = await kernel.complete(begun)
    t.ok(
      matches.find((match) => match.includes(whole)),
      `${matches.slice(0, 5)}`,
    )
  })

  await t.test('wide characters pass', async (t) => {
    t.match(await kernel.run(test.wide), { status: 'ok', text: new RegExp(`^${WIDE}\\r?\\n$`, 'u') })
  })

  await t.test('a restart forgets', async (t) => {
    await kernel.run(test.remember)
    await kernel.restart()
    t.notMatch((await kernel.run(test.recall)).text, /^42\b/)
    await sleep(QUEUED)
    t.match(await kernel.run(test.wide), { status: 'ok' }, 'and works')
  })
  return { language: test.language, ready, memory }
}

async function recalls(t: Test, kernel: KernelClient, { recall }: LanguageTest): Promise<void> {
  await sleep(QUEUED)
  t.match(await kernel.run(recall), { status: 'ok', text: /^42\r?\n$/ }, 'it remembers')
}

async function codeOf({ url, token }: TestServer, example: string): Promise<string[]> {
  const path = `api/contents/Examples/${encodeURIComponent(example)}.ipynb`
  const { content } = await new Rest(url, token).get<{ content: Notebook }>('GET', path)
  return content.cells
    .filter(({ cell_type }) => cell_type === 'code')
    .map(({ source }) => (typeof source === 'string' ? source : source.join('')))
}

function compare(t: Test, { status, text, pictures, error }: CellResult, shown: Shown, code: string): void {
  t.equal(status, 'ok', error || code)
  if (shown === 'picture') {
    t.equal(pictures.length, 1, `one picture of ${code}`)
    for (const picture of pictures) t.ok(coloursOf(picture) > 1, 'which is not empty')
    return
  }
  t.equal(pictures.length, 0)
  if (typeof shown === 'string') t.equal(text.replaceAll('\r\n', '\n'), shown, code)
  else t.match(text.replaceAll('\r\n', '\n'), shown, code)
}
