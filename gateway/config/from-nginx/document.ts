import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { table } from './table.ts'
import type { Row } from './verdict.ts'

const begin = '<!-- directives:begin -->'
const end = '<!-- directives:end -->'

/** What becomes of nginx's directives, in Markdown, from the table that the program goes by. */
export function directivesTable(): string {
  const parts = Object.entries(table).map(([heading, rows]) => {
    const head = ['nginx', 'Here', 'Why, or how']
    const lines = [head, head.map(() => '---'), ...rows.map(cells)].map((each) => `| ${each.join(' | ')} |\n`)
    return `### ${heading}\n\n${lines.join('')}`
  })
  return `\n${parts.join('\n')}\n`
}

/** The document with what stands between its markers made anew. */
export function withDirectives(document: string): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`The document has no ${begin} with ${end} after it`)
  return `${document.slice(0, from)}${begin}\n${directivesTable()}${document.slice(to)}`
}

const words = { carried: 'carried over', read: 'read', needless: 'no longer needed', lost: 'not carried over' } as const

function cells({ names, flags, as, about }: Row): string[] {
  const here = flags.length === 0 ? words[as] : flags.map((flag) => `\`${flag}\``).join(', ')
  return [names.map(nameInWords).join(', '), here, about.replaceAll('|', '\\|')]
}

function nameInWords(name: string): string {
  const [block, inner] = name.split('>')
  return inner === undefined ? `\`${name}\`` : `\`${inner}\` in ${block}`
}

/** `node gateway/config/from-nginx/document.ts` prints the table; `--write docs/from-nginx.md` renews it there. */
if (import.meta.main) {
  const { write } = parseArgs({ options: { write: { type: 'string' } } }).values
  if (write === undefined) console.log(directivesTable())
  else writeFileSync(write, withDirectives(readFileSync(write, 'utf8')))
}
