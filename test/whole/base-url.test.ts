import t from 'tap'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { startCluster } from './support/cluster.ts'
import { execute, LabClient } from './support/lab-client.ts'
import { LabPage } from './support/lab-page.ts'
import { calmSettings, writeNotebook } from './support/notebooks.ts'
import { idsOf, type KernelModel, sizes } from './support/rest.ts'
import { until } from './support/until.ts'

const BASE = '/hub/x/'

const cluster = await startCluster(t, { baseUrl: BASE, flags: ['--slow-start=0s'] })
const { rest, behind, url } = cluster
const at = (path: string) => fetch(new URL(path, url), { redirect: 'manual' })

t.test('all that clients do works below a base URL', async (t) => {
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const sessions = [await lab.openNotebook('one.ipynb'), await lab.openNotebook('two.ipynb')]
  t.strictSame(await sizes(behind, (server) => server.sessions()), [1, 1])
  const [first, second] = sessions
  if (first === undefined || second === undefined) throw new Error('no sessions')
  t.equal(await execute(first.kernel, 'x = 42; x'), '42')
  await second.changeKernel({ id: first.kernel?.id ?? '' })
  t.equal(await execute(second.kernel, 'x'), '42')
  t.strictSame(idsOf(await rest.sessions()), idsOf(sessions))
  const { name } = await rest.newTerminal()
  t.equal((await rest.ask('GET', `api/terminals/${name}`)).status, 200)
  await rest.clear()
})

t.test('where an answer leads lies below it, too', async (t) => {
  const { headers, body } = await rest.ask<KernelModel>('POST', 'api/kernels', { name: 'python3' })
  t.equal(headers.get('location'), `${BASE}api/kernels/${body.id}`)
  t.equal((await at('/')).headers.get('location'), BASE)
  t.match((await at(BASE)).headers.get('location'), new RegExp(`^${BASE}`))
  t.equal((await at('/api/kernels')).status, 404, 'outside of it there is nothing')
  await rest.clear()
})

t.test('JupyterLab works below a base URL', { skip: skipWithoutChromium() }, async (t) => {
  await calmSettings(cluster)
  await writeNotebook(cluster, 'page.ipynb', ['print(6 * 7)'])
  const lab = await LabPage.in(await firstPage(await openBrowser(cluster.run, { name: 'page' })), cluster)
  await lab.open()
  await lab.openNotebook('page.ipynb')
  await lab.run(0)
  await lab.outputIs(0, '42')
  await lab.newTerminal()
  await lab.typeInTerminal('echo $((6 * 7)) > typed.txt')
  await until('what was typed', async () => {
    return (await rest.get<{ content: string }>('GET', 'api/contents/typed.txt')).content === '42\n'
  })
  t.match(lab.page.url(), new RegExp(`${BASE}lab`))
  t.strictSame(lab.trouble, { dialogs: [], errors: [], refusals: [], strangers: [] })
})
