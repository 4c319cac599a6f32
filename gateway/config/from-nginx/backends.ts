import { formatAddress } from '../forms/address.ts'
import { type Site, within } from './site.ts'
import type { Directive } from './tree.ts'
import { carried, lost, needless, type Setting, type Verdict } from './verdict.ts'

/** The directives that name the Jupyter servers, with what each of them becomes. */
export function backendVerdicts(site: Site): ReadonlyMap<Directive, Verdict> {
  const servers = within(site.upstream?.block, 'server')
  const named = servers.map((directive) => ({ directive, ...readServer(directive) }))
  const addresses = [...new Set(named.flatMap(({ address, off }) => (address && !off ? [address] : [])))]
  const setting = settingFor(addresses, site)
  const verdicts = new Map<Directive, Verdict>(
    named.map(({ directive, address, off, notes }) => {
      if (address === undefined) return [directive, lost('Jupyter is reached over TCP, as host:port')]
      if (off) return [directive, needless('it is marked down, and a server that is down is found out by probes')]
      return [directive, carried([`a backend, ${address}`, ...notes].join('; '), setting)]
    }),
  )
  for (const location of site.locations) {
    for (const pass of within(location.block, 'proxy_pass')) verdicts.set(pass, passVerdict(site, location))
  }
  return verdicts
}

function settingFor(addresses: readonly string[], { looksUp }: Site): Setting {
  return { flag: '--backends', value: `${looksUp ? 'dns' : 'static'}:${addresses.join(',')}` }
}

function passVerdict(site: Site, location: Directive): Verdict {
  const verdict =
    site.upstream === undefined ? direct(site) : carried(`the servers of upstream ${site.target.authority}`)
  const todo = todoOf(site, location)
  return todo === undefined ? verdict : { ...verdict, todo }
}

function direct(site: Site): Verdict {
  const { target } = site
  const address = addressOf(target.authority, target.scheme === 'https' ? 443 : 80)
  if (address === undefined) return lost(`"${target.authority}" is no host:port, over which Jupyter is reached`)
  return carried(`the one backend, ${address}`, settingFor([address], site))
}

function todoOf({ target, main }: Site, location: Directive): string | undefined {
  if (target.scheme === 'https') return 'let Jupyter speak plain HTTP: backends are not reached by TLS'
  const prefix = main.args.at(-1) ?? '/'
  if (location !== main || target.path === '' || target.path === prefix) return undefined
  return `nginx put "${target.path}" in the place of "${prefix}"; the gateway passes paths on as they are, so set ServerApp.base_url = '${prefix}' on the servers`
}

interface Server {
  /** Absent for a socket of the file system. */
  readonly address: string | undefined
  readonly off: boolean
  readonly notes: readonly string[]
}

const remarks: Readonly<Record<string, string>> = {
  weight: 'weight falls away: the load of each is counted',
  backup: 'backup falls away: it takes its share like the others',
  max_fails: 'max_fails falls away: --fall says after how many failed probes a server is left out',
  fail_timeout: 'fail_timeout falls away: a server comes back when it answers --rise probes',
  max_conns: 'max_conns is --exchanges-per-backend, for all alike',
  slow_start: 'slow_start is --slow-start, for all alike',
}

function readServer({ args: [written = '', ...parameters] }: Directive): Server {
  const names = parameters.map((each) => each.split('=')[0] as string)
  return {
    address: addressOf(written, 80),
    off: names.includes('down'),
    notes: names.flatMap((name) => remarks[name] ?? []),
  }
}

/** `host`, `host:port` or `[IPv6]:port`, with nginx's default port put in. */
function addressOf(written: string, port: number): string | undefined {
  if (written.startsWith('unix:') || written.includes('$')) return undefined
  const [, bracketed, bare, digits] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(written) ?? []
  const host = bracketed ?? bare
  return host === undefined ? undefined : formatAddress({ host, port: Number(digits ?? port) })
}
