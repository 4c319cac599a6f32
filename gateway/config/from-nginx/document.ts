import { type MadePart, printOrWrite } from '../made-part.ts'
import { table } from './table.ts'
import type { Row } from './verdict.ts'

/** What becomes of nginx's directives, in Markdown, from the table that the program goes by. */
export function directivesTable(): string {
  const parts = Object.entries(table).map(([heading, rows]) => {
    const head = ['nginx', 'Here', 'Why, or how']
    const lines = [head, head.map(() => '---'), ...rows.map(cells)].map((each) => `| ${each.join(' | ')} |\n`)
    return `### ${heading}\n\n${lines.join('')}`
  })
  return `\n${parts.join('\n')}\n`
}

export const directivesPart: MadePart = { name: 'directives', make: directivesTable }

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
if (import.meta.main) printOrWrite(directivesPart)
