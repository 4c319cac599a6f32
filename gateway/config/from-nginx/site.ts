import type { Directive } from './tree.ts'

/** A directive with the blocks around it, from the outermost inwards; files that are included are no blocks. */
export interface Placed {
  readonly directive: Directive
  readonly around: readonly Directive[]
}

/** What of a configuration is about Jupyter. */
export interface Site {
  readonly server: Directive
  /** The location whose path is the base URL. */
  readonly main: Directive
  /** All locations of the server that lead to the same servers, the main one among them. */
  readonly locations: readonly Directive[]
  /** Where proxy_pass leads, variables put in. */
  readonly target: Target
  /** The block that the target names, if it names one. */
  readonly upstream: Directive | undefined
  /** Servers that do nothing but send browsers from HTTP to HTTPS. */
  readonly redirects: readonly Directive[]
  readonly isTls: boolean
  /** Whether the servers are found by looking a name up again and again. */
  readonly looksUp: boolean
  /** What each zone of limit_conn counts by. */
  readonly zones: ReadonlyMap<string, string>
  /** Folder from which relative paths are meant. */
  readonly prefix: string
}

export interface Target {
  readonly scheme: string
  /** Host with port, or the name of an upstream. */
  readonly authority: string
  /** The path that nginx puts in the location's place, or empty. */
  readonly path: string
  /** Whether nginx looks the name up again and again. */
  readonly isVariable: boolean
}

/** Every directive once, in the order of the text. */
export function placed(tree: readonly Directive[], around: readonly Directive[] = []): readonly Placed[] {
  return tree.flatMap((directive) => {
    const inner = directive.name === 'include' ? around : [...around, directive]
    return [{ directive, around }, ...placed(directive.block ?? [], inner)]
  })
}

/** Those that stand directly in a block; what is included into it stands in it. */
export function within(block: readonly Directive[] | undefined, name?: string): readonly Directive[] {
  return (block ?? [])
    .flatMap((each) => (each.name === 'include' ? within(each.block) : [each]))
    .filter((each) => name === undefined || each.name === name)
}

/** Those that stand anywhere in it. */
function everywhereIn({ block }: Directive, name: string): readonly Directive[] {
  return placed(block ?? []).flatMap(({ directive }) => (directive.name === name ? [directive] : []))
}

/** The one server and location that lead to Jupyter; none where nothing is proxied. */
export function findSite(tree: readonly Directive[], prefix: string): Site | undefined {
  const all = placed(tree)
  const servers = all.filter(({ directive, around }) => directive.name === 'server' && isHttp(around))
  const upstreams = all.flatMap(({ directive }) => (directive.name === 'upstream' ? [directive] : []))
  const candidates = servers.flatMap(({ directive: server }) =>
    everywhereIn(server, 'location').flatMap((location) => {
      const target = targetOf(location, server)
      if (target === undefined) return []
      const upstream = upstreams.find(({ args }) => args[0] === target.authority)
      return [{ server, location, target, upstream, likeness: likeness(server, location, upstream) }]
    }),
  )
  const best = candidates.toSorted((a, b) => b.likeness - a.likeness)[0]
  if (best === undefined) return undefined

  const sameSite = ({ server, target }: typeof best) =>
    server === best.server && target.authority === best.target.authority
  const ours = candidates.filter(sameSite)
  const [main] = ours.toSorted((a, b) => rank(a.location) - rank(b.location))
  const { server, upstream } = best
  return {
    server,
    main: (main ?? best).location,
    locations: ours.map(({ location }) => location),
    target: (main ?? best).target,
    upstream,
    redirects: servers.flatMap(({ directive }) => (redirectsTo(directive, server) ? [directive] : [])),
    isTls: speaksTls(server),
    looksUp: looksUp((main ?? best).target, upstream),
    zones: zonesOf(all),
    prefix,
  }
}

/** A site's file stands for what nginx.conf includes inside http. */
const isHttp = (around: readonly Directive[]): boolean => around.every(({ name }) => name === 'http')

/** Whether a server answers by TLS on what it listens on there; `ssl on` is how it was said before nginx 1.15. */
export function isTlsListen({ args }: Directive, server: Directive): boolean {
  return args.includes('ssl') || within(server.block, 'ssl').some((each) => each.args[0] === 'on')
}

const speaksTls = (server: Directive): boolean =>
  within(server.block, 'listen').some((listen) => isTlsListen(listen, server))

/** How much a location looks like the way to Jupyter: where several sites are served, one must be chosen. */
function likeness(server: Directive, location: Directive, upstream: Directive | undefined): number {
  const upgrades = within(location.block, 'proxy_set_header').some(({ args }) => args[0]?.toLowerCase() === 'upgrade')
  const names = [server, location].flatMap((each) => [
    ...within(each.block, 'server_name').flatMap(({ args }) => args),
    ...within(each.block, 'proxy_pass').flatMap(({ args }) => args),
    ...(each.name === 'location' ? each.args : []),
  ])
  const isNamed = names.some((name) => /jupyter|notebook|\blab\b|\bhub\b|kernels/i.test(name))
  const isShared = within(upstream?.block, 'server').length > 1
  return (upgrades ? 4 : 0) + (isNamed ? 2 : 0) + (isShared ? 1 : 0)
}

/** Plain prefixes before patterns, shorter before longer. */
function rank(location: Directive): number {
  const prefix = prefixOfLocation(location)
  return prefix === undefined ? Number.MAX_SAFE_INTEGER : prefix.length
}

/** The path of a location that is a plain prefix. */
export function prefixOfLocation({ args }: Directive): string | undefined {
  const [first = '', second] = args
  if (first === '^~') return second
  return second === undefined && first.startsWith('/') ? first : undefined
}

function targetOf(location: Directive, server: Directive): Target | undefined {
  const pass = within(location.block, 'proxy_pass')[0]?.args[0]
  if (pass === undefined) return undefined
  const variables = new Map(
    [server, location].flatMap(({ block }) =>
      within(block, 'set').map(({ args: [name = '', value = ''] }) => [name, value]),
    ),
  )
  const written = pass.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => variables.get(`$${name}`) ?? whole)
  const [, scheme = 'http', authority = '', path = ''] = /^(?:(https?):\/\/)?([^/]*)(.*)$/.exec(written) ?? []
  return { scheme, authority, path: path.replace(/^\$(request_)?uri.*$/, ''), isVariable: written !== pass }
}

/** Whether a server only sends browsers from HTTP to HTTPS, and to this site. */
function redirectsTo(server: Directive, site: Directive): boolean {
  if (server === site || speaksTls(server) || everywhereIn(server, 'proxy_pass').length > 0) return false
  const isMeant = ['return', 'rewrite'].some((name) => everywhereIn(server, name).some(leadsToHttps))
  return isMeant && sharesName(server, site)
}

export function leadsToHttps({ args }: Directive): boolean {
  return args.some((arg) => arg.startsWith('https://'))
}

function sharesName(one: Directive, other: Directive): boolean {
  const [first, second] = [one, other].map((server) =>
    within(server.block, 'server_name').flatMap(({ args }) => args.filter((name) => /^[^_]/.test(name))),
  ) as [string[], string[]]
  return first.length === 0 || second.length === 0 || first.some((name) => second.includes(name))
}

/** nginx does so for a name in a variable, or with `resolve`; only one name can be found that way here. */
function looksUp(target: Target, upstream: Directive | undefined): boolean {
  const servers = within(upstream?.block, 'server').map(({ args }) => args)
  const [[name = '', ...parameters] = [], ...others] = upstream ? servers : [[target.authority]]
  const isName = !/^\[|^[\d.]+(?::|$)/.test(name)
  return isName && others.length === 0 && (target.isVariable || parameters.includes('resolve'))
}

function zonesOf(all: readonly Placed[]): ReadonlyMap<string, string> {
  return new Map(
    all.flatMap(({ directive: { name, args } }) => {
      const zone = /^zone=([^:]+)/.exec(args[1] ?? '')?.[1]
      return name === 'limit_conn_zone' && zone !== undefined ? [[zone, args[0] ?? ''] as const] : []
    }),
  )
}
