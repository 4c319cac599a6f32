import t from 'tap'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { prepareCluster, trust } from './support/cluster.ts'
import { LabPage } from './support/lab-page.ts'
import { until } from './support/until.ts'

const cluster = await prepareCluster(t, { tls: 'self-signed' })
const { rest, gateway, servers } = cluster
await gateway.start('healthz')
trust(gateway.caFile)

t.test('while no server is ready, an API client is told to come back', async (t) => {
  for (const [method, path] of [
    ['GET', 'api/kernels'],
    ['GET', 'api/contents'],
    ['POST', 'api/sessions'],
  ] as const) {
    const { status, headers, body } = await rest.ask<{ message: string }>(
      method,
      path,
      method === 'POST' ? {} : undefined,
    )
    t.equal(status, 503, path)
    t.match(headers.get('retry-after'), /^\d+$/)
    t.match(headers.get('content-type'), /^application\/json/)
    t.ok(body.message.length > 0)
  }
  t.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 503)
})

t.test(
  'a browser is shown a page that becomes JupyterLab when a server comes',
  { skip: skipWithoutChromium() },
  async (t) => {
    const page = await firstPage(await openBrowser(cluster.run, { name: 'early' }))
    const lab = await LabPage.in(page, cluster)
    const answer = await page.goto(`${cluster.url}lab?token=${cluster.token}`)
    t.equal(answer?.status(), 503)
    t.match(answer?.headers(), { 'content-type': /^text\/html/, 'cache-control': /no-store/ })
    t.ok((await page.locator('body').innerText()).trim().length > 20, 'it says what it waits for')

    // It looks again by itself; nobody presses anything.
    await page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() === 503)
    await servers[1]?.start()
    await lab.shown()
    t.equal(new URL(page.url()).pathname, '/lab')
  },
)

t.test('one server is enough for all to be answered', async (t) => {
  if (skipWithoutChromium()) await servers[1]?.start()
  await until('a kernel', () => rest.newKernel())
  t.equal((await rest.kernels()).length, 1)
  t.equal((await fetch(`${gateway.adminUrl}/readyz`)).status, 200)
})
