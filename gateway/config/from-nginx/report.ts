import { dirname, relative } from 'node:path'
import { program } from '../help.ts'
import { optionNames, options } from '../options.ts'
import type { Conversion, Finding } from './convert.ts'
import type { Directive } from './tree.ts'
import type { Verdict } from './verdict.ts'

/** What was found, as a shell script: a command line, and the rest as comments. Mistakes are those of our own parser. */
export function report(path: string, { argv, findings, todos }: Conversion, mistakes: readonly string[]): string {
  const folder = dirname(path)
  const of = (as: Verdict['as']) => findings.filter(({ verdict }) => verdict.as === as)
  const byHand = findings.flatMap(({ directive, verdict: { todo } }) =>
    todo === undefined ? [] : [`${place(directive, folder)}  ${told(directive)}: ${todo}`],
  )
  return [
    `# The gateway in the place of nginx, as ${path} has it. It runs on Node 26, from Pyli's folder.\n${commandLine(argv)}\n`,
    section('The same for provisioner/systemd/gateway.env', environment(argv)),
    section('Mistakes in these options', mistakes),
    section('To do by hand', [...todos, ...byHand]),
    ...parts.map(({ as, title }) =>
      section(
        title,
        of(as).map((each) => entry(each, folder)),
      ),
    ),
    `# ${findings.length} directives: ${parts.map(({ as, count }) => `${of(as).length} ${count}`).join(', ')}.\n`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** What an operator must look at comes first. */
const parts: readonly { as: Verdict['as']; title: string; count: string }[] = [
  { as: 'lost', title: 'Not carried over', count: 'not carried over' },
  { as: 'unknown', title: 'Not known, and so not carried over', count: 'not known' },
  { as: 'needless', title: 'No longer needed', count: 'no longer needed' },
  { as: 'carried', title: 'Carried over', count: 'carried over' },
  { as: 'read', title: 'Read for what stands in them', count: 'read for what stands in them' },
]

function commandLine(argv: readonly string[]): string {
  return [program, ...pairsOf(argv).map((pair) => `  ${pair.map(quoted).join(' ')}`)].join(' \\\n')
}

/** Certificate and key are handed to the unit by systemd, because its user could not read them where they are. */
const credentials: Readonly<Record<string, string>> = { '--tls-cert': 'cert.pem', '--tls-key': 'key.pem' }

/** One line for each option; in double quotes where systemd would else end a value or put something into it. */
function environment(argv: readonly string[]): string[] {
  return pairsOf(argv).flatMap(([flag = '', value = '']) => {
    const name = optionNames.find((each) => options[each].flag === flag)
    if (name === undefined) return []
    const credential = credentials[flag]
    if (credential !== undefined) return [`(in the unit itself: LoadCredential=${credential}:${value})`]
    const written = /^[\w@%+=:,./[\]*-]+$/.test(value) ? value : `"${value.replaceAll(/["\\$`]/g, '\\$&')}"`
    const line = `${options[name].env}=${written}`
    return flag === '--tls' && value === 'off' ? [line, 'PYLI_TLS_CERT=', 'PYLI_TLS_KEY='] : [line]
  })
}

const pairsOf = (argv: readonly string[]): (readonly string[])[] =>
  Array.from({ length: argv.length / 2 }, (_, index) => argv.slice(2 * index, 2 * index + 2))

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A line break that a quoted argument brought along would end the comment. */
function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return [title, ...lines.map((line) => `  ${line}`)].map((line) => `# ${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('')
}

function entry({ directive, verdict }: Finding, folder: string): string {
  const settings = verdict.as === 'carried' ? verdict.settings.map(({ flag, value }) => `${flag} ${value}`) : []
  const became = settings.length === 0 ? '' : ` (${settings.join(' ')})`
  return `${place(directive, folder)}  ${told(directive)}: ${verdict.say}${became}`
}

const place = ({ file, line }: Directive, folder: string): string => `${relative(folder, file)}:${line}`

/** Directives that are told with their first argument, which says which one is meant. Others may hold a secret there. */
const spoken = new Set(
  `listen server server_name location upstream include map set proxy_set_header proxy_hide_header proxy_pass_header
  proxy_pass add_header set_real_ip_from real_ip_header limit_conn limit_req error_page sticky`.split(/\s+/),
)

function told({ name, args }: Directive): string {
  return [name, ...(spoken.has(name) ? args.slice(0, name === 'location' ? 2 : 1) : [])].join(' ')
}
