import { fallbackText } from '../help.ts'
import { type Option, type OptionName, optionNames, options } from '../options.ts'
import { backendVerdicts } from './backends.ts'
import { listenVerdicts } from './listens.ts'
import { overrule } from './overrule.ts'
import { scopeOf, shown } from './scope.ts'
import { findSite, type Placed, placed, type Site, within } from './site.ts'
import { rowOf } from './table.ts'
import type { Directive } from './tree.ts'
import { lost, type Setting, type Verdict } from './verdict.ts'

export interface Finding extends Placed {
  readonly verdict: Verdict
}

export interface Conversion {
  /** Our options, as arguments. */
  readonly argv: readonly string[]
  /** One for each directive, in the order of the text. */
  readonly findings: readonly Finding[]
  readonly todos: readonly string[]
}

/** From an nginx configuration to our options, with what becomes of each directive; nothing where nothing is proxied. */
export function convert(tree: readonly Directive[], prefix: string): Conversion | undefined {
  const site = findSite(tree, prefix)
  if (site === undefined) return undefined
  const planned = new Map([...listenVerdicts(site), ...backendVerdicts(site)])
  const findings = overrule(
    placed(tree).map((each) => ({ ...each, verdict: checked(verdictOf(each, site, planned)) })),
    site,
  )
  const settings = findings.flatMap(({ verdict }) => (verdict.as === 'carried' ? verdict.settings : []))
  const all = site.isTls ? settings : [...settings, { flag: '--tls', value: 'off' } as const]
  return { argv: argvOf(all), findings, todos: todosOf(site, settings) }
}

function verdictOf(each: Placed, site: Site, planned: ReadonlyMap<Directive, Verdict>): Verdict {
  const { directive, around } = each
  const scope = scopeOf(each, site)
  if (scope.kind === 'foreign') return lost(scope.why)
  const row = rowOf(directive, around.at(-1))
  const verdict = planned.get(directive) ?? row?.read(each, site) ?? unknown
  if (scope.kind === 'redirect' && verdict.as === 'carried' && !isRedirecting(verdict)) {
    return lost('it is about the server that redirects, which does nothing else here')
  }
  return verdict
}

const unknown: Verdict = { as: 'unknown', say: 'not known' }

const isRedirecting = ({ settings }: Verdict & { as: 'carried' }): boolean =>
  settings.every(({ flag }) => flag === '--redirect')

/** What an option would refuse is not carried to it. */
function checked(verdict: Verdict): Verdict {
  if (verdict.as !== 'carried') return verdict
  for (const { flag, value } of verdict.settings) {
    const option = optionOf(flag)
    const reading = option?.form.read(value)
    if (reading && 'must' in reading) {
      return {
        ...lost(`${flag} must ${reading.must}`),
        todo: `${flag} cannot be ${value}; without it, it is ${option && fallbackText(option)}`,
      }
    }
  }
  return verdict
}

function optionOf(flag: string): Option<unknown> | undefined {
  const name = optionNames.find((each) => options[each].flag === flag)
  return name && (options[name] as Option<unknown>)
}

/** In the order of the help text, each flag once. */
function argvOf(settings: readonly Setting[]): string[] {
  const values = new Map<string, Set<string>>()
  for (const { flag, value } of settings) values.set(flag, (values.get(flag) ?? new Set()).add(value))
  const order: readonly string[] = optionNames.map((name: OptionName) => options[name].flag)
  const flags = [...values.keys()].toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
  return flags.flatMap((flag) => [flag, [...(values.get(flag) as Set<string>)].join(',')])
}

function isHub({ server, target }: Site): boolean {
  const names = within(server.block, 'server_name').flatMap(({ args }) => args)
  return [target.authority, ...names].some((name) => /(?:^|jupyter|[.-])hub/i.test(name))
}

function todosOf(site: Site, settings: readonly Setting[]): string[] {
  const has = (flag: string) => settings.some((each) => each.flag === flag)
  return [
    'give the Jupyter token, which the gateway needs for its own questions: PYLI_TOKEN=… or --token-file FILE',
    'give all servers one IdentityProvider.token, one ServerApp.cookie_secret and ServerApp.trust_xheaders = True (README)',
    ...(isHub(site)
      ? ['if this is JupyterHub, leave nginx there: the gateway stands before Jupyter servers, not before a hub']
      : []),
    ...(has('--backends') ? [] : [`name the Jupyter servers with --backends: ${shown(site.main)} does not`]),
    ...(site.isTls && !has('--tls-cert')
      ? ['name the certificate with --tls files --tls-cert FILE --tls-key FILE: none was found']
      : []),
  ]
}
