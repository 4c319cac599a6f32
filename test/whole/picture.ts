// Makes the picture of the README anew: node test/whole/picture.ts docs/jupyterlab.png

import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import t from 'tap'
import { firstPage, openBrowser } from './support/browser.ts'
import { startCluster } from './support/cluster.ts'
import { LabPage } from './support/lab-page.ts'
import { calmSettings, writeNotebook } from './support/notebooks.ts'
import { sizes } from './support/rest.ts'
import { until } from './support/until.ts'

const file = resolve(process.argv[2] ?? 'jupyterlab.png')

const SERVER = "import os\nprint('Jupyter server', os.getppid())"

const PLANETS = `from IPython.display import HTML

planets = [
    ('Mercury', 0.39, 0.24), ('Venus', 0.72, 0.62),
    ('Earth', 1.00, 1.00), ('Mars', 1.52, 1.88),
    ('Jupiter', 5.20, 11.9), ('Saturn', 9.58, 29.5)]

line = '<tr><td>{}<td>{:.2f}<td>{:.2f}<td>{:.2f}'
head = '<tr><th>planet<th>axis<th>year<th>a³/T²'
HTML('<table>' + head + ''.join(
    line.format(name, a, T, a**3 / T**2)
    for name, a, T in planets))`

const COLLATZ = `def steps(n):
    count = 0
    while n > 1:
        n = 3*n + 1 if n % 2 else n//2
        count += 1
    return count

for n in range(18, 32):
    bar = '█' * (steps(n) // 4)
    print(f'{n:3} {steps(n):4} {bar}')`

const cluster = await startCluster(t, { tls: 'self-signed', flags: ['--slow-start=0s'] })

t.test(`the picture is in ${file}`, async (t) => {
  const { rest, behind } = cluster
  await calmSettings(cluster)
  await writeNotebook(cluster, 'planets.ipynb', [SERVER, PLANETS])
  await writeNotebook(cluster, 'collatz.ipynb', [SERVER, COLLATZ])
  const sessions = [await rest.newSession('planets.ipynb'), await rest.newSession('collatz.ipynb')]
  t.strictSame(await sizes(behind, (server) => server.sessions()), [1, 1])
  for (const path of ['climate/rain.ipynb', 'climate/wind.ipynb']) sessions.push(await rest.newSession(path))
  await rest.newTerminal()

  const lab = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'picture' })), cluster)
  const { page } = lab
  await lab.open()
  for (const name of ['planets.ipynb', 'collatz.ipynb']) {
    await lab.openNotebook(name)
    await lab.run(0)
    await lab.outputIs(0, /Jupyter server \d/)
    await lab.run(1)
  }
  await lab.outputIs(1, '███')
  await page.getByRole('tab', { name: 'Launcher' }).locator('.lm-TabBar-tabCloseIcon').click()
  await beside(lab, 'collatz.ipynb')

  await lab.runningPanel()
  for (const title of ['Terminals', 'Open Tabs', 'Language servers', 'Recently Closed', 'Workspaces', 'Terminals']) {
    await page.locator('#jp-running-sessions .lm-AccordionPanel-title', { hasText: title }).click()
  }
  await page.locator('.jp-NotebookPanel .jp-InputPrompt').first().click()
  await page.mouse.move(640, 790)
  await until('a quiet page', async () => {
    const before = await page.screenshot()
    return before.equals(await page.screenshot())
  })
  await mkdir(dirname(file), { recursive: true })
  await page.screenshot({ path: file })
  t.equal(sessions.length, (await rest.kernels()).length)
})

/** Drags a notebook to the right half. */
async function beside({ page }: LabPage, title: string): Promise<void> {
  const dock = await page.locator('#jp-main-dock-panel').boundingBox()
  const tab = await page.locator('#jp-main-dock-panel .lm-TabBar-tab', { hasText: title }).boundingBox()
  if (dock === null || tab === null) throw new Error('nothing to drag')
  await page.mouse.move(tab.x + 40, tab.y + 12)
  await page.mouse.down()
  await page.mouse.move(tab.x + 200, tab.y + 200, { steps: 10 })
  await page.mouse.move(dock.x + dock.width - 30, dock.y + dock.height / 2, { steps: 10 })
  await page.mouse.up()
  const handle = page.locator('#jp-main-dock-panel .lm-DockPanel-handle[data-orientation="horizontal"]:visible')
  const between = await handle.first().boundingBox()
  if (between === null) throw new Error('nothing to move')
  await page.mouse.move(between.x + between.width / 2, between.y + 300)
  await page.mouse.down()
  await page.mouse.move(dock.x + dock.width * 0.56, between.y + 300, { steps: 10 })
  await page.mouse.up()
}
