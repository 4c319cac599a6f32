import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { firstPage, openBrowser, skipWithoutChromium } from './support/browser.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { readability } from './support/contrast.ts'
import { sizes } from './support/rest.ts'
import { until } from './support/until.ts'

// The operators' page as an operator uses it. One story: each test goes on where the one before has ended.

const ADMIN_TOKEN = 'the-token-of-all-operators'
const HOSTILE = `<img src=x onerror="document.title='had'">.ipynb`
const GUESSES = 4

const why = skipWithoutChromium()
if (why) t.plan(0, why)
else {
  const flags = ['--slow-start=0s', `--login-attempts=${GUESSES}/10m`]
  await story(await startCluster(t, { tls: 'self-signed', adminToken: ADMIN_TOKEN, flags }))
}

async function story(cluster: Cluster): Promise<void> {
  const { rest, behind, gateway, servers } = cluster
  t.bail = true
  const page = await firstPage(await openBrowser(cluster.run, { name: 'operator' }))
  const asked = listenTo(page)
  const [first = '', second = ''] = servers.map(({ port }) => `127.0.0.1:${port}`)
  const rowOf = (text: string, of = 'servers') => page.locator(`table.${of} tbody tr`, { hasText: text })
  const stateOf = (address: string) => rowOf(address).locator('.badge')
  const link = page.locator('#link')
  const scrollsSideways = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth)

  t.test('the token behind the # logs in, and is in the address bar no more', async (t) => {
    await page.goto(`${gateway.adminUrl}/#token=${ADMIN_TOKEN}`)
    await link.filter({ hasText: 'Live' }).waitFor()
    t.equal(page.url(), `${gateway.adminUrl}/`)
    t.equal(await page.evaluate(() => document.cookie), '', 'no script reads the session')
    await page.reload()
    await link.filter({ hasText: 'Live' }).waitFor()
    t.notOk(
      asked.addresses.some((address) => address.includes(ADMIN_TOKEN)),
      'nor was it in one that was asked for',
    )
  })

  t.test('one glance tells how things are', async (t) => {
    t.match(await page.locator('#verdict').textContent(), 'Ready. 2 of 2 servers take newcomers.')
    await stateOf(first).filter({ hasText: 'ready' }).waitFor()
    await stateOf(second).filter({ hasText: 'ready' }).waitFor()
    const facts = await page.locator('#facts').innerText()
    t.match(facts, new RegExp(`Workers\\s+${process.env.PYLI_TEST_WORKERS ?? 1}\\s`))
    t.match(facts, /Certificate\s.*\s*self-signed, renews itself/)
    t.match(await page.locator('#figures').innerText(), /Certificate\s+\d+ d\s/)
  })

  t.test('a kernel appears with its notebook, whose name is text whatever it says', async (t) => {
    await rest.newSession('lists/first.ipynb')
    const row = rowOf('lists/first.ipynb', 'kernels')
    await row.waitFor()
    t.match(await row.innerText(), /python3[\s\S]*127\.0\.0\.1:\d+/)
    await rest.newSession(HOSTILE)
    const hostile = rowOf(HOSTILE, 'kernels')
    await hostile.waitFor()
    t.equal(await hostile.locator('.path').textContent(), HOSTILE)
    t.equal(await page.locator('table img').count(), 0)
    t.not(await page.title(), 'had')
    await page.locator('#find').fill('FIRST')
    await until('one is found', async () => (await page.locator('.kernels tbody tr').count()) === 1)
    await page.locator('#find').fill('')
    t.strictSame(await sizes(behind, (server) => server.sessions()), [1, 1])
  })

  /** Nothing but the keyboard. */
  async function press(button: Locator, ...keys: string[]): Promise<void> {
    for (let steps = 0; !(await isFocused(button)); steps++) {
      if (steps > 40) throw new Error('Tab does not get there')
      await page.keyboard.press('Tab')
    }
    for (const key of keys) await page.keyboard.press(key)
  }

  t.test('a server is drained by keyboard, and newcomers go elsewhere', async (t) => {
    const button = rowOf(first).getByRole('button', { name: `Drain ${first}` })
    await press(button, 'Enter')
    const dialog = page.getByRole('dialog', { name: `Drain ${first}?` })
    t.match(await dialog.innerText(), /1 kernel, .*Whatever is started from now on starts elsewhere/)
    t.ok(await isFocused(dialog.getByRole('button', { name: 'Cancel' })), 'what does no harm is the first choice')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    t.ok(await isFocused(button), 'the focus returns to where it was')
    t.match(await outlineOf(page), /solid/, 'and it is to be seen')
    await stateOf(first).filter({ hasText: 'ready' }).waitFor()

    await page.keyboard.press('Enter')
    await press(dialog.getByRole('button', { name: 'Drain it' }), 'Enter')
    await stateOf(first).filter({ hasText: 'draining' }).waitFor()
    await page.locator('#said', { hasText: `${first} drains now.` }).waitFor()
    await page.locator('#verdict', { hasText: '1 of 2 servers takes newcomers' }).waitFor()
    await Promise.all([rest.newKernel(), rest.newKernel()])
    t.strictSame(await sizes(behind, (server) => server.kernels()), [1, 3])
  })

  t.test('and restored', async () => {
    await press(rowOf(first).getByRole('button', { name: `Restore ${first}` }), 'Space')
    await press(page.getByRole('dialog').getByRole('button', { name: 'Restore it' }), 'Space')
    await stateOf(first).filter({ hasText: 'ready' }).waitFor()
    await page.locator('#verdict', { hasText: '2 of 2 servers take newcomers' }).waitFor()
  })

  t.test('what failed is told with its reason', async () => {
    await rest.ask('GET', 'api/kernels/%00')
    const { kernel } = await rest.newSession('a.ipynb')
    await rest.ask('GET', `api/kernels/${kernel.id}/..%2f`)
    await page.locator('table.failures tbody tr').first().waitFor()
  })

  for (const colorScheme of ['dark', 'light'] as const) {
    t.test(`every text can be read in the ${colorScheme}, on a phone and on a desk`, async (t) => {
      await page.emulateMedia({ colorScheme })
      await page.locator('table.failures tbody tr').first().waitFor()
      for (const [width, height] of [
        [390, 844],
        [1280, 800],
      ] as const) {
        await page.setViewportSize({ width, height })
        const { texts, unreadable } = await readability(page)
        t.ok(texts > 60, `${texts} texts`)
        t.strictSame(unreadable, [])
      }
      await rowOf(first).getByRole('button').click()
      t.strictSame((await readability(page)).unreadable, [], 'with the question before it')
      await page.keyboard.press('Escape')
    })
  }

  t.test('nothing has to be pushed sideways, on the smallest phone either', async (t) => {
    for (const width of [320, 390, 768, 1024, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      t.equal(await scrollsSideways(), false, `${width} wide`)
    }
  })

  t.test('a table is one for screen readers, also where it does not look like one', async (t) => {
    await page.setViewportSize({ width: 390, height: 844 })
    const table = page.getByRole('table', { name: 'Servers' })
    t.equal(await table.getByRole('row').count(), 3)
    t.equal(await table.getByRole('rowheader', { name: first }).count(), 1)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  t.test('the page says that the gateway is gone, and goes on by itself when it is back', async (t) => {
    await gateway.kill()
    await link.filter({ hasText: 'Connection lost' }).waitFor()
    await gateway.start()
    await link.filter({ hasText: 'Live' }).waitFor()
    await rowOf('lists/first.ipynb', 'kernels').waitFor()
    t.ok(await page.locator('#door').isHidden(), 'and nobody had to log in again')
  })

  t.test('a server that dies is told first, with why, and how its kernels were', async (t) => {
    await servers[1]?.kill()
    await stateOf(second).filter({ hasText: 'failing' }).waitFor()
    await page.locator('#concerns li', { hasText: `${second} has been failing since ` }).waitFor()
    await rowOf(second, 'kernels').first().locator('.badge', { hasText: /^was / }).waitFor()
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      t.strictSame((await readability(page)).unreadable, [])
    }
  })

  t.test('nothing was asked of anybody else, and nothing went wrong', async (t) => {
    t.strictSame(asked.strangers, [])
    t.strictSame(asked.errors, [])
  })

  t.test('who logs out sees nothing more, in any tab', async (t) => {
    const other = await page.context().newPage()
    await other.goto(gateway.adminUrl)
    await other.locator('#link', { hasText: 'Live' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.locator('#login').waitFor()
    await other.reload()
    await other.locator('#login').waitFor()
    t.equal((await other.request.get(`${gateway.adminUrl}/backends`)).status(), 401)
    await other.close()
  })

  t.test('a wrong token is refused, and after a few every one for a while', async (t) => {
    const trouble = page.locator('#login-trouble')
    const offer = async (token: string, answer: string | RegExp) => {
      await page.getByLabel('Admin token').fill(token)
      await page.keyboard.press('Enter')
      await trouble.filter({ hasText: answer }).waitFor()
    }
    t.strictSame((await readability(page)).unreadable, [])
    for (let guess = 0; guess < GUESSES; guess++) await offer(`wrong ${guess}`, 'That is not the admin token.')
    t.strictSame((await readability(page)).unreadable, [])
    await offer(ADMIN_TOKEN, /Too many wrong tokens: come again in \d+ s\./)
  })

  t.test('no token is in the log', async (t) => {
    t.match(gateway.log, 'an operator has logged in')
    t.match(gateway.log, 'a wrong admin token')
    t.notMatch(gateway.log, ADMIN_TOKEN)
  })
}

function listenTo(page: Page) {
  const asked = { addresses: [] as string[], strangers: [] as string[], errors: [] as string[] }
  const see = (url: string) => {
    asked.addresses.push(url)
    if (new URL(url).hostname !== '127.0.0.1') asked.strangers.push(url)
  }
  page.on('request', (request) => see(request.url()))
  page.on('websocket', (socket) => see(socket.url()))
  page.on('pageerror', (error) => void asked.errors.push(String(error)))
  page.on('console', (message) => {
    // While the gateway was away.
    const isLoss = /WebSocket connection to|^Failed to load resource: net::ERR_CONNECTION_\w+$/.test(message.text())
    if (message.type() === 'error' && !isLoss) asked.errors.push(message.text())
  })
  return asked
}

const isFocused = (element: Locator): Promise<boolean> => element.evaluate((node) => node === document.activeElement)

const outlineOf = (page: Page): Promise<string> =>
  page.evaluate(() => (document.activeElement ? getComputedStyle(document.activeElement).outline : ''))
