import { groups, type Option, optionNames, options, required } from './options.ts'

const lineWidth = 100
const indent = '      '

/** The text of --help, read from the table of options. */
export function helpText(): string {
  const sections = groups.map((group) => {
    const members = optionNames.map((name) => options[name] as Option<unknown>).filter((each) => each.group === group)
    return `${group}\n${members.map(entry).join('')}`
  })
  return [usage, ...sections, closing].join('\n')
}

/** What stands for an option's default in help and README; empty where nothing does. */
export function fallbackText({ fallback }: Option<unknown>): string {
  return fallback === required ? 'required' : (fallback ?? '')
}

/** With the Node that is installed with the packages: an older one does not run TypeScript. */
export const program = 'node_modules/.bin/node gateway/main.ts'

const usage = `Usage: ${program} ${options.backends.flag} ${options.backends.metavar} [options]

Makes many Jupyter servers answer as one behind one HTTPS address.
`

const closing = `Other
  --check
      say what is wrong with the options, or print the configuration that they make, and stop
  --check --from-nginx FILE
      print the options for an nginx configuration and what becomes of each directive, and stop
  --help, -h
      print this text and stop

A flag goes before its environment variable; an empty variable counts as not set.
`

function entry(option: Option<unknown>): string {
  const fallback = fallbackText(option)
  const notes = [option.env, fallback === '' || fallback === 'required' ? fallback : `default ${fallback}`]
  const text = `${option.about} (${notes.filter(Boolean).join(', ')})`
  return `  ${option.flag} ${option.metavar}\n${wrapped(text)}`
}

function wrapped(text: string): string {
  let lines = ''
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length > lineWidth) {
      lines += `${line.trimEnd()}\n`
      line = indent
    }
    line += `${word} `
  }
  return `${lines}${line.trimEnd()}\n`
}
