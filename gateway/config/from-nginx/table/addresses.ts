import { leadsToHttps } from '../site.ts'
import { carried, lost, lostRow, needless, needlessRow, type Row, row, type Verdict } from '../verdict.ts'

// What `listen` becomes is said by listens.ts, which sees them all.
export const addresses: readonly Row[] = [
  row(
    'listen',
    'carried',
    ['--listen', '--redirect', '--proxy-protocol'],
    'the address of the gateway, or of its redirecting listener',
    () => lost('without TLS there is nothing to redirect to'),
  ),
  row(
    'server_name',
    'carried',
    ['--allow-host'],
    'the names that a Host header may have',
    ({ directive, around }, site) =>
      around.some((block) => site.redirects.includes(block))
        ? needless('browsers are redirected to the name that they asked for')
        : allowedHosts(directive.args),
  ),
  row(
    'return, rewrite',
    'carried',
    ['--redirect'],
    'to https:// in a server of its own: the redirecting listener; else nothing',
    ({ directive, around }, site) => {
      const redirects = around.some((block) => site.redirects.includes(block))
      if (!redirects) return lost('there are no rules for single addresses')
      if (!leadsToHttps(directive)) return needless('there is nothing that is not redirected')
      return site.isTls ? carried('done by --redirect') : lost('without TLS there is nothing to redirect to')
    },
  ),
  row(
    'set_real_ip_from',
    'carried',
    ['--trust'],
    'the proxies before the gateway whose forwarded headers count',
    ({ directive }) => {
      const [from = ''] = directive.args
      if (!/^[\d.:a-f]+(?:\/\d+)?$/i.test(from)) return lost('--trust takes addresses and CIDR ranges')
      return carried('a proxy that is believed', { flag: '--trust', value: from, isList: true })
    },
  ),
  row(
    'real_ip_header',
    'carried',
    ['--proxy-protocol'],
    'X-Forwarded-For is what is read; `proxy_protocol` is --proxy-protocol on',
    ({ directive }) => realIp(directive.args[0]?.toLowerCase()),
  ),
  needlessRow('real_ip_recursive', 'the last address that is not trusted is the client'),
  needlessRow('server_names_hash_max_size, server_names_hash_bucket_size', 'there are no such tables'),
  needlessRow(
    'absolute_redirect, port_in_redirect, server_name_in_redirect',
    'redirects keep the name that was asked for',
  ),
  needlessRow('merge_slashes', 'paths are passed on as they are; what could be read in two ways is refused'),
  lostRow(
    'http2, http3, http2_max_concurrent_streams, http2_recv_buffer_size, spdy',
    'HTTP/2 and HTTP/3 are not spoken; browsers take HTTP/1.1',
  ),
]

function allowedHosts(names: readonly string[]): Verdict {
  const real = names.filter((name) => name !== '' && !/^_+$/.test(name))
  if (real.length === 0) return needless('every name is answered unless --allow-host says which')
  const settings = real
    .filter((name) => !isPattern(name))
    .flatMap((name) => (name.startsWith('.') ? [name.slice(1), `*${name}`] : [name]))
    .map((value) => ({ flag: '--allow-host', value, isList: true }) as const)
  const patterns = real.filter(isPattern)
  if (settings.length === 0) return lost(`--allow-host takes names and *.names, not ${patterns.join(' ')}`)
  const verdict = carried('no other Host is answered, nor a bare address', ...settings)
  return patterns.length === 0
    ? verdict
    : { ...verdict, todo: `--allow-host takes names and *.names, not ${patterns.join(' ')}` }
}

const isPattern = (name: string): boolean => name.startsWith('~') || /^.+\*/.test(name)

function realIp(header: string | undefined): Verdict {
  if (header === 'x-forwarded-for') return needless('it is what --trust reads')
  if (header === 'proxy_protocol') {
    return carried("the client's address, as the proxy says it", { flag: '--proxy-protocol', value: 'on' })
  }
  return {
    ...lost(`of a proxy that is trusted, X-Forwarded-For is read`),
    todo: 'let the proxy before the gateway send X-Forwarded-For',
  }
}
