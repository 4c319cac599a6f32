// Makes the picture of the operator's page anew: node test/whole/operator-picture.ts docs/operator.png
// With a second name, the same on a phone: node test/whole/operator-picture.ts docs/operator.png phone.png

import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { firstPage, openBrowser } from './support/browser.ts'
import { startCluster } from './support/cluster.ts'
import { execute, LabClient } from './support/lab-client.ts'

const [desk = 'operator.png', phone] = process.argv.slice(2)
const ADMIN_TOKEN = 'the-token-of-all-operators'
const NOTEBOOKS = [
  'climate/rainfall-1961-2020.ipynb',
  'climate/wind.ipynb',
  'class/exercise-04.ipynb',
  'class/exercise-04-solution.ipynb',
  'survey/wave-3/cleaning.ipynb',
  'planets.ipynb',
]

const cluster = await startCluster(t, {
  servers: 4,
  tls: 'self-signed',
  adminToken: ADMIN_TOKEN,
  flags: ['--slow-start=0s', '--workers=2', '--login-attempts=3/10m', '--body-limit=64KiB'],
})

t.test(`the picture is in ${desk}`, async () => {
  const { run, gateway, servers, rest } = cluster
  const lab = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  const sessions = []
  for (const path of NOTEBOOKS) sessions.push(await lab.openNotebook(path))
  for (const { kernel } of sessions) await execute(kernel, '6 * 7')
  const [busy, alsoBusy] = sessions
  for (const session of [busy, alsoBusy])
    void execute(session?.kernel, 'import time\nwhile True: time.sleep(0.1)').catch(() => {})
  await execute(await lab.kernels.startNew({ name: 'python3' }), '1')
  // A guesser, somebody with too much, and one who leaves before the answer has come.
  for (let guess = 0; guess < 9; guess++) {
    await fetch(`${gateway.url}api/kernels`, { headers: { Authorization: `token guess-${guess}` } })
  }
  await rest.ask('PUT', 'api/contents/much.txt', { type: 'file', format: 'text', content: 'much '.repeat(20_000) })
  await rest.ask('GET', 'api/contents/..%2f..%2fetc')
  const leaving = new AbortController()
  const asked = fetch(`${gateway.url}api/contents/?content=1&leave`, {
    headers: { Authorization: `token ${cluster.token}` },
    signal: leaving.signal,
  })
  leaving.abort()
  await asked.catch(() => {})

  const page = await firstPage(await openBrowser(run, { name: 'picture' }))
  await page.goto(`${gateway.adminUrl}/#token=${ADMIN_TOKEN}`)
  await page.locator('.kernels tbody tr').nth(NOTEBOOKS.length).waitFor()
  await page.getByRole('button', { name: `Drain 127.0.0.1:${servers[2]?.port}` }).click()
  await page.getByRole('button', { name: 'Drain it' }).click()
  await page.locator('.servers .badge', { hasText: 'draining' }).waitFor()
  await page.locator('.kernels .badge', { hasText: 'busy' }).nth(1).waitFor()
  await servers[3]?.kill()
  await page.locator('.servers .badge', { hasText: 'failing' }).waitFor()
  await page.locator('.failures .reason', { hasText: 'ECONNREFUSED' }).first().waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.setViewportSize({ width: 1280, height: 800 })
  await sleep(1_500)
  await page.screenshot({ path: resolve(desk), fullPage: true })
  if (phone === undefined) return
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: resolve(phone), fullPage: true })
})
