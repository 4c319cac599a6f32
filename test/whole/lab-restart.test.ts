import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { LabPage } from './support/lab-page.ts'
import { calmSettings, writeNotebook } from './support/notebooks.ts'
import { idsOf } from './support/rest.ts'
import { until } from './support/until.ts'

const why = skipWithoutChromium()
if (why) t.plan(0, why)
else await story(await startCluster(t, { tls: 'self-signed' }))

async function story(cluster: Cluster): Promise<void> {
  const { rest, gateway } = cluster
  await calmSettings(cluster)
  const counting = "import time\nfor i in range(10):\n  print('number', i, flush=True)\n  time.sleep(1)"
  await writeNotebook(cluster, 'counting.ipynb', [counting, 'print(6 * 7)'])

  t.test('the gateway is killed while a cell prints and started again: the page hears its end', async (t) => {
    t.setTimeout(minutes(4))
    const lab = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'reader' })), cluster)
    await lab.open()
    await lab.openNotebook('counting.ipynb')
    const [session] = await rest.sessions()
    await lab.run(0)
    await lab.outputIs(0, 'number 2')
    await gateway.kill()
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
