import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { execute, LabClient } from './support/lab-client.ts'
import { LabPage } from './support/lab-page.ts'
import { calmSettings, writeNotebook } from './support/notebooks.ts'
import { idsOf, type Rest, type SessionModel } from './support/rest.ts'
import { until } from './support/until.ts'

// One story: each test goes on where the one before has ended. Three people work at once; the first and the second in
// browsers of their own, the third with a program.

const why = skipWithoutChromium()
if (why) t.plan(0, why)
else await story(await startCluster(t, { tls: 'self-signed', flags: ['--slow-start=0s'] }))

const ASKED_FOR = [/^Restart Kernel\?$/, /^Rename File$/, /^Select Kernel$/]
// Before one server that nobody stands before, the same story has the same two faults:
/** JupyterLab 4.6 lays out again what was open while the page was loaded. */
const USUAL_ERRORS = [/reading 'observe'/]
/** The list of recent files has those that have another name by now. */
const USUAL_REFUSALS = [/^404 GET .*\/api\/contents\/(anna|bela).ipynb\?content=0/]

async function story(cluster: Cluster): Promise<void> {
  const { rest, behind, notebooks } = cluster
  t.bail = true
  await calmSettings(cluster)
  await writeNotebook(cluster, 'anna.ipynb', ["name = 'anna'; print(6 * 7)", 'print(name)', ''])
  await writeNotebook(cluster, 'bela.ipynb', ["name = 'bela'; print(7 * 7)", 'print(name)', ''])

  const anna = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'anna' })), cluster)
  const bela = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'bela' })), cluster)
  const program = await new LabClient(cluster).ready()
  t.teardown(() => program.dispose())

  /** JupyterLab gives it its path first and its name then. */
  const sessionOf = async (path: string): Promise<SessionModel> =>
    until(`a session for ${path}`, async () =>
      (await rest.sessions()).find(({ path: at, name }) => at === path && name === path),
    )
  const serverOf = async (kernel: string): Promise<number> => {
    const lists = await Promise.all(behind.map((server) => server.kernels()))
    return lists.findIndex((list) => idsOf(list).includes(kernel))
  }
  /** Makes one server look so busy that the next notebook goes to the other, whatever else is under way. */
  async function crowd(server: Rest | undefined, meanwhile: () => Promise<void>): Promise<void> {
    if (server === undefined) throw new Error('no server has it')
    const guests = await Promise.all(Array.from({ length: 6 }, () => server.newKernel()))
    await until('the gateway knows', async () => (await rest.kernels()).length > guests.length)
    await meanwhile()
    await Promise.all(guests.map(({ id }) => rest.get('DELETE', `api/kernels/${id}`)))
  }
  let turn = 0
  /** The kernel knows this name; asked anew each time, so that nothing old on the page can be taken for the answer. */
  async function says(lab: LabPage, name: string): Promise<void> {
    turn++
    await lab.runInstead(2, `print(name, ${turn})`)
    await lab.outputIs(2, `${name} ${turn}`)
  }
  const written = (file: string) =>
    until(`the file ${file}`, async () => (await readFile(join(notebooks, file), 'utf8')).trim() || undefined)

  t.test('two browsers and a program run cells at once, on both servers', async (t) => {
    await Promise.all([anna.open(), bela.open()])
    await anna.openNotebook('anna.ipynb')
    await crowd(behind[await serverOf((await sessionOf('anna.ipynb')).kernel.id)], () =>
      bela.openNotebook('bela.ipynb'),
    )
    const third = await program.openNotebook('program.ipynb')
    const [, , printed] = await Promise.all([anna.run(0), bela.run(0), execute(third.kernel, 'print(8 * 7)')])
    await anna.outputIs(0, '42')
    await bela.outputIs(0, '49')
    t.equal(printed, '56')
    const owners = [(await sessionOf('anna.ipynb')).kernel.id, (await sessionOf('bela.ipynb')).kernel.id].map(serverOf)
    t.strictSame((await Promise.all(owners)).sort(), [0, 1], 'the two browsers have kernels on different servers')
  })

  t.test('each browser sees the kernels of all', async () => {
    for (const lab of [anna, bela]) {
      await lab.runningPanel()
      for (const name of ['anna.ipynb', 'bela.ipynb', 'program.ipynb']) {
        await lab.section('Kernels').getByText(name).first().waitFor()
      }
    }
  })

  t.test('a second browser that opens the same notebook has the same kernel', async (t) => {
    const before = await rest.kernels()
    await bela.openNotebook('anna.ipynb')
    await bela.run(1)
    await bela.outputIs(1, 'anna')
    t.strictSame(idsOf(await rest.kernels()), idsOf(before), 'no kernel was started')
    await bela.runInstead(2, 'both = 1')
    await anna.runInstead(2, 'both + 1')
    await anna.outputIs(2, '2')
    await bela.show('bela.ipynb')
  })

  t.test('a terminal is opened in one browser and found in the other', async (t) => {
    await anna.newTerminal()
    await anna.typeInTerminal('mine=$$; echo $mine > anna-terminal.txt')
    const shell = await written('anna-terminal.txt')
    t.match(shell, /^\d+$/)

    await bela.runningPanel()
    const found = bela.section('Terminals').getByText(/terminals\//)
    await bela.terminalSpeaks(() => found.first().click())
    await bela.terminal.waitFor()
    await bela.typeInTerminal('echo $mine > bela-terminal.txt')
    t.equal(await written('bela-terminal.txt'), shell, 'it is the same shell')

    await bela.newTerminal()
    await bela.typeInTerminal('echo $$ > bela-own-terminal.txt')
    t.not(await written('bela-own-terminal.txt'), shell, 'a new one is another')
    await anna.show('anna.ipynb')
    await bela.show('bela.ipynb')
  })

  t.test('an endless cell is interrupted on each server', async () => {
    for (const lab of [anna, bela]) {
      await lab.runInstead(2, "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)")
      await lab.outputIs(2, 'begun')
      await lab.toolbar('notebook:interrupt-kernel')
      await lab.outputIs(2, 'KeyboardInterrupt')
    }
  })

  t.test('a kernel is restarted on each server, and forgets', async (t) => {
    for (const [lab, path] of [
      [anna, 'anna.ipynb'],
      [bela, 'bela.ipynb'],
    ] as const) {
      const before = await sessionOf(path)
      await lab.restart()
      await lab.runInstead(2, 'name')
      await lab.outputIs(2, 'NameError')
      await lab.run(0)
      await says(lab, path.replace('.ipynb', ''))
      t.equal((await sessionOf(path)).kernel.id, before.kernel.id)
    }
  })

  t.test('a notebook is renamed on each server and keeps its session and kernel', async (t) => {
    for (const [lab, path] of [
      [anna, 'anna.ipynb'],
      [bela, 'bela.ipynb'],
    ] as const) {
      const before = await sessionOf(path)
      await lab.rename(`new-${path}`)
      const after = await sessionOf(`new-${path}`)
      t.equal(after.id, before.id)
      t.equal(after.kernel.id, before.kernel.id)
      await says(lab, path.replace('.ipynb', ''))
    }
    t.notOk((await rest.sessions()).some(({ path }) => path === 'anna.ipynb' || path === 'bela.ipynb'))
  })

  t.test("a notebook takes another notebook's kernel, which runs on the other server", async (t) => {
    const before = await sessionOf('new-anna.ipynb')
    const wanted = (await sessionOf('new-bela.ipynb')).kernel.id
    t.not(await serverOf(before.kernel.id), await serverOf(wanted), 'they are on different servers')
    await anna.useKernel(wanted)
    await anna.notebookIsReady()
    await says(anna, 'bela')
    const after = await sessionOf('new-anna.ipynb')
    t.equal(after.id, before.id, 'the session keeps its id')
    t.equal(after.kernel.id, wanted)
    await until('the kernel that it left ends', async () => !idsOf(await rest.kernels()).includes(before.kernel.id))

    await anna.runInstead(2, "name = 'both'")
    await says(bela, 'both')
  })

  t.test('what was opened is there again after the page is loaded anew', async (t) => {
    const before = await rest.sessions()
    await anna.page.reload()
    await anna.shown()
    await anna.notebookIsReady()
    await says(anna, 'both')
    t.strictSame(idsOf(await rest.sessions()), idsOf(before))
  })

  t.test('nobody has seen a dialog that he did not ask for, an error, or an answer that failed', async (t) => {
    for (const { trouble } of [anna, bela]) {
      t.strictSame(trouble.dialogs.filter(not(ASKED_FOR)), [])
      t.strictSame(trouble.errors.filter(not(USUAL_ERRORS)), [])
      t.strictSame(trouble.refusals.filter(not(USUAL_REFUSALS)), [])
      t.strictSame(trouble.strangers, [], 'and nothing was asked of the internet')
    }
  })
}

const not =
  (expected: readonly RegExp[]) =>
  (text: string): boolean =>
    !expected.some((one) => one.test(text))
