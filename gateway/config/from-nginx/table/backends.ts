import { carried, lost, lostRow, needless, needlessRow, type Row, row } from '../verdict.ts'

const health = 'every backend is probed (--probe-every, --fall, --rise)'
const sticky =
  'a request goes to the server that has its kernel, so no browser is tied to one; a cookie is set for unknown extensions alone'

// What `server` and `proxy_pass` become is said by backends.ts, which sees them all; here stands what is left.
export const backends: readonly Row[] = [
  row('upstream>server', 'carried', ['--backends'], 'one backend each, with `static:`; with `resolve`, `dns:`', () =>
    lost('it is not the way to Jupyter'),
  ),
  row(
    'proxy_pass',
    'carried',
    ['--backends'],
    'the upstream, or the one server, that it names; with a variable, `dns:`',
    () => lost('it does not lead to Jupyter'),
  ),
  needlessRow('upstream>least_conn', 'newcomers always go to the least loaded backend'),
  needlessRow(
    'upstream>ip_hash, upstream>hash, upstream>sticky, upstream>sticky_cookie_insert, upstream>session_sticky',
    sticky,
  ),
  needlessRow('upstream>random, upstream>least_time, upstream>fair', 'newcomers always go to the least loaded backend'),
  needlessRow('upstream>zone', 'processes tell each other what they start; there is no memory to share'),
  needlessRow('upstream>state', '--state keeps the addresses last known'),
  needlessRow(
    'upstream>keepalive, upstream>keepalive_timeout, upstream>keepalive_requests, upstream>keepalive_time',
    'connections to backends are kept alive by themselves',
  ),
  row(
    'resolver, upstream>resolver',
    'carried',
    ['--dns-server'],
    'whom to ask for the backends of `dns:`',
    ({ directive }, site) => {
      const { looksUp } = site
      if (!looksUp) return needless('no name is looked up again and again')
      const servers = directive.args.filter((arg) => !arg.includes('='))
      const settings = servers.map((value) => ({ flag: '--dns-server', value, isList: true }) as const)
      return carried('asked anew every 1.5 s, whatever the TTL', ...settings)
    },
  ),
  needlessRow('resolver_timeout, upstream>resolver_timeout', 'a name server that is silent is asked again soon'),
  needlessRow('health_check, upstream>check, match', health),
  lostRow('upstream>queue, upstream>ntlm', 'there is no such thing'),
  needlessRow(
    'proxy_next_upstream, proxy_next_upstream_tries, proxy_next_upstream_timeout',
    'what no backend has seen yet goes to another one, and of the rest GET and HEAD alone',
  ),
]
