import { prefixOfLocation } from '../site.ts'
import { carried, lost, lostRow, needless, needlessRow, type Row, read, row, type Verdict } from '../verdict.ts'

const inside = 'read for what stands in it'

export const structure: readonly Row[] = [
  row('http, events', 'read', [], inside, () => read(inside)),
  row('include', 'read', [], 'its files are read; one that is missing is named', ({ directive }) =>
    directive.block ? read('its files are read') : lost(`no file is there: ${directive.args[0] ?? ''}`),
  ),
  row(
    'server',
    'read',
    [],
    'one of them leads to Jupyter and is read, with those that redirect to it',
    (each, site) => {
      if (each.directive === site.server || site.redirects.includes(each.directive)) return read(inside)
      return lost('it is another site, and the gateway serves Jupyter alone')
    },
  ),
  row(
    'upstream',
    'read',
    ['--backends'],
    'the one that leads to Jupyter is read: its servers are the backends',
    (each, site) => (each.directive === site.upstream ? read(inside) : lost('it is not the way to Jupyter')),
  ),
  row(
    'location',
    'carried',
    ['--base-url'],
    'the prefix that leads to Jupyter is the base URL; others are not served',
    (each, site) => {
      const { directive } = each
      if (each.around.some((block) => site.redirects.includes(block))) return read('all addresses are redirected')
      if (directive === site.main) return mainLocation(prefixOfLocation(directive))
      if (site.locations.includes(directive)) return needless('every address of Jupyter finds its way by itself')
      if (leadsToMain(directive.args, site.main.args.at(-1)))
        return needless('the gateway leads from / to the base URL')
      if (directive.args.some((arg) => arg.includes('.well-known')))
        return { ...lost('files are not served'), todo: acme }
      return lost('what does not lead to Jupyter is not served')
    },
  ),
  row('set', 'carried', ['--backends'], 'carried where proxy_pass is made of it', ({ directive }, site) => {
    const isUsed = site.target.isVariable && site.target.authority.includes(directive.args[1] ?? '$')
    return isUsed ? read('put into proxy_pass') : lost('there are no variables')
  }),
  row('map', 'needless', [], 'the usual one is for the Connection header, which is set by itself', ({ directive }) =>
    directive.args[0] === '$http_upgrade'
      ? needless('a WebSocket is known by its own headers')
      : lost('there are no variables'),
  ),
  row('if', 'lost', [], 'there are no conditions', ({ around }, site) =>
    around.some((block) => site.redirects.includes(block)) ? read(inside) : lost('there are no conditions'),
  ),
  needlessRow(
    'types, default_type, types_hash_max_size, types_hash_bucket_size',
    'Jupyter names the type of each answer',
  ),
  lostRow('limit_except', "which methods are allowed is Jupyter's to say"),
  lostRow('stream, mail', 'the gateway speaks HTTP alone'),
  lostRow('geo, split_clients, geoip_country, geoip_city', 'there are no variables'),
]

const acme =
  'if your ACME client proves itself over port 80, let it do so by DNS or by its own listener: files are not served'

function mainLocation(prefix: string | undefined): Verdict {
  if (prefix === '/') return read('all that it answers goes to Jupyter')
  if (prefix === undefined) {
    return { ...read('a pattern, of which no base URL can be made'), todo: 'give --base-url if Jupyter has one' }
  }
  return carried('the base URL; ServerApp.base_url of the servers must be the same', {
    flag: '--base-url',
    value: prefix,
  })
}

function leadsToMain([first, second]: readonly string[], main: string | undefined): boolean {
  return first === '=' && main !== '/' && (second === '/' || `${second}/` === main)
}
