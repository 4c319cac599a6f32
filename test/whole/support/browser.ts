import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Run } from './run.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** What Chromium would do besides what it is asked for: ask its maker for news, mostly. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The browser of this machine, or undefined. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** For `t.test(…, { skip })`: why there can be no browser tests here, or false. */
export const skipWithoutChromium = (): string | false =>
  findChromium() === undefined && 'there is no Chromium on this machine'

export interface BrowserPlan {
  /** Of its folder: two browsers of one run share nothing. */
  readonly name: string
  /** False: it believes a certificate only if the system does. */
  readonly ignoreHTTPSErrors?: boolean
}

/** A browser of its own, with a profile and processes of its own. */
export async function openBrowser(run: Run, { name, ignoreHTTPSErrors = true }: BrowserPlan): Promise<BrowserContext> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium')
  const context = await chromium.launchPersistentContext(join(run.folder, `browser-${name}`), {
    executablePath,
    ignoreHTTPSErrors,
    args: FLAGS,
    env: run.environment(`browser-${name}`) as Record<string, string>,
    viewport: { width: 1280, height: 800 },
  })
  context.setDefaultTimeout(60_000)
  run.onEnd(() => context.close())
  return context
}

/** The page that the browser opens with. */
export async function firstPage(context: BrowserContext): Promise<Page> {
  return context.pages()[0] ?? context.newPage()
}
