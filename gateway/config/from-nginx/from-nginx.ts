import { resolve } from 'node:path'
import { parseConfig } from '../parse.ts'
import { convert } from './convert.ts'
import { type Files, prefixOf, readWithIncludes } from './includes.ts'
import { report } from './report.ts'
import { Unreadable } from './words.ts'

export type FromNginx =
  /** Sound is a command line that our own parser takes as it is. */
  | { readonly ok: true; readonly text: string; readonly isSound: boolean }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** `--check --from-nginx FILE`: our options for an nginx configuration, and what becomes of each of its directives. */
export function fromNginx(file: string, files: Files): FromNginx {
  const path = resolve(file)
  try {
    const conversion = convert(readWithIncludes(path, files), prefixOf(path, files))
    if (conversion === undefined)
      return { ok: false, mistakes: [`${path}: no location in it has proxy_pass, so nothing leads to Jupyter`] }
    const parsed = parseConfig(conversion.argv, {}, () => '')
    const mistakes = parsed.ok === false ? parsed.mistakes : []
    return { ok: true, text: report(path, conversion, mistakes), isSound: mistakes.length === 0 }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, mistakes: [error.message] }
    throw error
  }
}
