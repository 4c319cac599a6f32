import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AdminAnswer } from './answer.ts'

const folder = join(import.meta.dirname, 'page')

/** The operators' page: what is asked for by which path. None of it holds anything that a stranger may not know. */
const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/main.js': ['main.js', 'text/javascript; charset=utf-8'],
  '/feed.js': ['feed.js', 'text/javascript; charset=utf-8'],
  '/view.js': ['view.js', 'text/javascript; charset=utf-8'],
  '/tables.js': ['tables.js', 'text/javascript; charset=utf-8'],
  '/dom.js': ['dom.js', 'text/javascript; charset=utf-8'],
  '/words.js': ['words.js', 'text/javascript; charset=utf-8'],
}

/** The page asks nobody but us, runs no script but its own, stands in no frame, and makes no markup of texts. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** For every answer of the admin listener. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': policy,
}

/** A file of the page, or undefined for another path. Rejects with the system's error. */
export async function pageFile(path: string): Promise<AdminAnswer | undefined> {
  const entry = Object.hasOwn(files, path) ? files[path] : undefined
  if (!entry) return undefined
  const [file, type] = entry
  return { status: 200, body: await readFile(join(folder, file)), headers: { 'Content-Type': type } }
}
