import { formatAddress } from '../forms/address.ts'
import { isTlsListen, type Site, within } from './site.ts'
import type { Directive } from './tree.ts'
import { carried, lost, type Setting, type Verdict } from './verdict.ts'

interface Listen {
  readonly directive: Directive
  /** Absent for a socket of the file system. */
  readonly host: string | undefined
  readonly port: number
}

/** The `listen` directives of the site and of the servers that redirect to it, with what each of them becomes. */
export function listenVerdicts(site: Site): ReadonlyMap<Directive, Verdict> {
  const own = within(site.server.block, 'listen').map(readListen)
  const isPlain = ({ directive }: Listen) => site.isTls && !isTlsListen(directive, site.server)
  const main = own.filter((each) => !isPlain(each))
  const redirecting = site.isTls ? site.redirects.flatMap(({ block }) => within(block, 'listen').map(readListen)) : []
  const aside = [...own.filter(isPlain), ...redirecting]
  const isBeside = new Set(own.filter(isPlain).map(({ directive }) => directive))

  const verdicts = new Map<Directive, Verdict>()
  const address = oneAddress(main)
  for (const each of main)
    verdicts.set(each.directive, verdict(each, address, '--listen', 'the address of the gateway'))
  const redirect = oneAddress(aside)
  for (const each of aside) {
    const say = isBeside.has(each.directive)
      ? 'answered without TLS by nginx, and redirected to HTTPS by the gateway'
      : 'the address that is redirected to HTTPS'
    verdicts.set(each.directive, verdict(each, redirect, '--redirect', say))
  }
  return verdicts
}

/** One listener has one address: the first one's, and with both of IPv4 and IPv6 the one that takes in both. */
function oneAddress(listens: readonly Listen[]): Listen | undefined {
  const first = listens.find(({ host }) => host !== undefined)
  return listens.find(({ host, port }) => port === first?.port && host === '::') ?? first
}

function verdict(each: Listen, chosen: Listen | undefined, flag: Setting['flag'], say: string): Verdict {
  if (each.host === undefined || chosen?.host === undefined) return lost('a listener has a TCP port here')
  const isTakenIn = each.host === chosen.host || chosen.host === '::'
  const setting = { flag, value: formatAddress({ host: chosen.host, port: chosen.port }) }
  if (each.port !== chosen.port || !isTakenIn) {
    return lost(`there is one ${flag}, which is ${setting.value}; another gateway can take this address`)
  }
  return carried([say, ...notesOf(each.directive)].join('; '), setting, ...proxyProtocol(each.directive))
}

function notesOf({ args }: Directive): string[] {
  return [
    ...(args.includes('http2') || args.includes('spdy') ? ['http2 falls away: browsers take HTTP/1.1'] : []),
    ...(args.includes('quic') ? ['quic falls away: HTTP/3 is not spoken'] : []),
  ]
}

function proxyProtocol({ args }: Directive): Setting[] {
  return args.includes('proxy_protocol') ? [{ flag: '--proxy-protocol', value: 'on' }] : []
}

/** `80`, `*:80`, `127.0.0.1`, `host:80`, `[::]:443` or `unix:path`, each with parameters behind it. */
function readListen(directive: Directive): Listen {
  const [written = ''] = directive.args
  if (written.startsWith('unix:')) return { directive, host: undefined, port: 0 }
  if (/^\d+$/.test(written)) return { directive, host: '0.0.0.0', port: Number(written) }
  const [, bracketed, bare, digits = '80'] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(written) ?? []
  const host = bracketed ?? bare
  return { directive, host: host === '*' ? '0.0.0.0' : host, port: Number(digits) }
}
