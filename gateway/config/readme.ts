import { fallbackText } from './help.ts'
import { type MadePart, printOrWrite } from './made-part.ts'
import { type Option, optionNames, options } from './options.ts'

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

export const optionsPart: MadePart = { name: 'options', make: optionsTable }

/** A bar ends a cell of the table even inside backticks. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}

function code(text: string): string {
  return `\`${escaped(text)}\``
}

/** `node gateway/config/readme.ts` prints the table; `--write README.md` renews it there. */
if (import.meta.main) printOrWrite(optionsPart)
