import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fallbackText } from './help.ts'
import { type Option, optionNames, options } from './options.ts'

const begin = '<!-- options:begin -->'
const end = '<!-- options:end -->'

/** The table of options in Markdown. */
export function optionsTable(): string {
  const rows = optionNames.map((name) => {
    const option = options[name] as Option<unknown>
    const fallback = fallbackText(option)
    return [
      code(`${option.flag} ${option.metavar}`),
      code(option.env),
      fallback === '' || fallback === 'required' ? fallback : code(fallback),
      escaped(option.about),
    ]
  })
  const head = ['Flag', 'Variable', 'Default', 'What it says']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** The document with what stands between its markers made anew. */
export function withOptionsTable(document: string): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`The document has no ${begin} with ${end} after it`)
  return `${document.slice(0, from)}${begin}\n${optionsTable()}${document.slice(to)}`
}

/** A bar ends a cell of the table even inside backticks. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}

function code(text: string): string {
  return `\`${escaped(text)}\``
}

/** `node gateway/config/readme.ts` prints the table; `--write README.md` renews it there. */
if (import.meta.main) {
  const { write } = parseArgs({ options: { write: { type: 'string' } } }).values
  if (write === undefined) console.log(optionsTable())
  else writeFileSync(write, withOptionsTable(readFileSync(write, 'utf8')))
}
