import type { Test } from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { firstPage, openBrowser, skipWithoutChromium } from '../whole/support/browser.ts'
import { LabPage } from '../whole/support/lab-page.ts'
import { startRun } from '../whole/support/run.ts'
import type { Start } from './support/servers.ts'

/** The examples as people meet them. */
export function testExamplesInLab(t: Test, start: Start, examples: readonly string[]): void {
  t.test(
    'an example is opened from the launcher, runs, and is nobody’s to save',
    { skip: skipWithoutChromium() },
    async (t) => {
      t.setTimeout(minutes(5))
      const server = await start(t)
      const run = await startRun(t)
      const page = await firstPage(await openBrowser(run, { name: 'examples' }))
      const lab = await LabPage.in(page, server)
      await lab.open()
      await page.locator('.jp-DirListing-item', { hasText: /^Examples/ }).waitFor()
      const section = page.locator('.jp-Launcher-section', { hasText: 'Examples' })
      await section.locator('.jp-LauncherCard').first().waitFor()
      const cards = await section.locator('.jp-LauncherCard').allInnerTexts()
      t.same(cards, examples, 'those whose language is in the image')

      await section.locator('.jp-LauncherCard', { hasText: /^Python$/ }).click()
      await lab.notebookIsReady()
      await lab.run(2)
      await lab.outputIs(2, 'hello world')
      t.same(lab.trouble.dialogs, [])
      t.same(lab.trouble.errors, [])
      t.same(lab.trouble.refusals, [])
      t.same(lab.trouble.strangers, [])
    },
  )
}
