import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { LabPage } from './support/lab-page.ts'
import { calmSettings, writeNotebook } from './support/notebooks.ts'
import { idsOf } from './support/rest.ts'
import { until } from './support/until.ts'

/** Silent while the gateway is killed: what is on its way inside a killed process is lost, whoever it is. */
const COUNTING = `
import time
from pathlib import Path
for i in range(10):
    print('number', i, flush=True)
    while i == 2 and not Path('gone').exists():
        time.sleep(0.1)
    if i == 6:
        Path('unheard').touch()
    time.sleep(0.5)
`

const why = skipWithoutChromium()
if (why) t.plan(0, why)
else await story(await startCluster(t, { tls: 'self-signed' }))

async function story(cluster: Cluster): Promise<void> {
  const { rest, gateway } = cluster
  await calmSettings(cluster)
  await writeNotebook(cluster, 'counting.ipynb', [COUNTING, 'print(6 * 7)'])
  const file = (name: string) => join(cluster.notebooks, name)

  t.test('the gateway is killed while a cell prints and started again: the page hears its end', async (t) => {
    t.setTimeout(minutes(4))
    const lab = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'reader' })), cluster)
    await lab.open()
    await lab.openNotebook('counting.ipynb')
    const [session] = await rest.sessions()
    await lab.run(0)
    await lab.outputIs(0, 'number 2')
    await gateway.kill()
    await writeFile(file('gone'), '')
    await until('some numbers that nobody hears', () => existsSync(file('unheard')))
    await gateway.start()

    // JupyterLab may say that it cannot reach its server, which is true; a person would press Dismiss.
    const dialog = lab.dialog('Server Connection Error')
    const shownEnd = async () => (await lab.output(0).innerText()).includes('number 9')
    await until(
      'the last number',
      async () => {
        if (await dialog.isVisible()) await dialog.locator('.jp-mod-accept, .jp-mod-reject').first().click()
        return shownEnd()
      },
      minutes(2),
    )
    const printed = (await lab.output(0).innerText()).match(/number \d/g)
    t.strictSame(
      printed,
      Array.from({ length: 10 }, (_, at) => `number ${at}`),
      'and all that was printed meanwhile, each line once',
    )
    await lab.notebookIsReady()
    await lab.run(1)
    await lab.outputIs(1, '42')
    t.strictSame(idsOf(await rest.sessions()), [session?.id], 'in the same session')
    t.strictSame(
      lab.trouble.dialogs.filter((title) => title !== 'Server Connection Error'),
      [],
    )
  })
}
