import type { Address, Config, DiscoverySpec } from './config.ts'
import { formatAddress } from './forms/address.ts'
import { type OptionName, options } from './options.ts'
import type { Ms } from './units.ts'

/** What must hold between options. A rule is asked only when each option that it is about is sound by itself. */
export interface Rule {
  readonly about: readonly OptionName[]
  readonly mistake: (config: Config) => string | undefined
}

/** Ties the options that a rule reads to those that it says it reads. */
function rule<const K extends OptionName>(
  about: readonly K[],
  mistake: (c: Pick<Config, K>) => string | undefined,
): Rule {
  return { about, mistake }
}

export const rules: readonly Rule[] = [
  rule(['tls', 'tlsCert'], ({ tls, tlsCert }) => onlyWithFiles('tlsCert', tls, tlsCert)),
  rule(['tls', 'tlsKey'], ({ tls, tlsKey }) => onlyWithFiles('tlsKey', tls, tlsKey)),
  rule(['tls', 'tlsNames'], ({ tls, tlsNames }) => {
    if (tls === 'self-signed' || tlsNames.length === 0) return undefined
    return `--tls-name is of use with --tls self-signed only, for example --tls self-signed --tls-name ${tlsNames}; got --tls ${tls}`
  }),

  rule(['tls', 'hsts'], ({ tls, hsts }) => {
    if (tls === 'files' || hsts === 'off') return undefined
    // A browser that has been told lets nobody click away its warning of an unknown CA any more.
    const why = tls === 'off' ? 'browsers heed it over TLS alone' : 'browsers without the local CA would be locked out'
    return `--hsts is of use with --tls files only, as ${why}; got --tls ${tls}`
  }),
  rule(['tls', 'redirect'], ({ tls, redirect }) => {
    if (tls !== 'off' || redirect === 'off') return undefined
    return `--redirect must be off where there is no HTTPS to lead to; got ${formatAddress(redirect)} beside --tls off`
  }),
  rule(['listen', 'redirect'], ({ listen, redirect }) => collides(redirect, 'listen', listen)),
  rule(['admin', 'redirect'], ({ admin, redirect }) =>
    admin === 'off' ? undefined : collides(redirect, 'admin', admin),
  ),

  rule(['trust', 'proxyProtocol'], ({ trust, proxyProtocol }) => {
    // From whom else it came it would be a client's own word of where it comes from.
    if (proxyProtocol === 'off' || trust.length > 0) return undefined
    return `--proxy-protocol on needs --trust CIDR, the peers that it is taken from, for example --trust ${options.trust.example}`
  }),

  rule(['listen', 'admin'], ({ listen, admin }) => {
    if (admin === 'off' || !overlap(listen, admin)) return undefined
    return `--admin must not be the address of --listen, for example --admin off; got ${formatAddress(admin)} beside ${formatAddress(listen)}`
  }),
  rule(['admin', 'adminSocket', 'adminToken'], ({ admin, adminSocket, adminToken }) => {
    if (admin !== 'off' || adminSocket !== undefined || adminToken === undefined) return undefined
    return `--admin-token-file is of use with an admin listener only, for example --admin ${options.admin.example}; got --admin off`
  }),
  rule(['adminToken', 'portainer'], ({ adminToken, portainer }) => {
    if (portainer === undefined || adminToken !== undefined) return undefined
    return '--portainer needs --admin-token-file, as it is root on all machines and must not stand open'
  }),
  rule(['backends', 'dnsServers'], ({ backends, dnsServers }) => {
    if (backends.kind === 'dns' || dnsServers.length === 0) return undefined
    return `--dns-server is of use with --backends dns: only, for example --backends dns:tasks.jupyter:8888; got --backends ${backends.kind}:…`
  }),
  rule(['listen', 'backends'], ({ listen, backends }) => namesItself('listen', listen, backends)),
  rule(['admin', 'backends'], ({ admin, backends }) =>
    admin === 'off' ? undefined : namesItself('admin', admin, backends),
  ),

  rule(['probeTimeout', 'goneAfter'], ({ probeTimeout, goneAfter }) =>
    // Else a backend is given up, and its kernels with it, while the question whether it is well is still open.
    probeTimeout < goneAfter ? undefined : tooShort(goneAfter, 'probeTimeout', probeTimeout),
  ),
  rule(['surveyEvery', 'goneAfter'], ({ surveyEvery, goneAfter }) =>
    // Else kernels would leave the lists between two surveys, and JupyterLab would give them up.
    surveyEvery < goneAfter ? undefined : tooShort(goneAfter, 'surveyEvery', surveyEvery),
  ),
]

function onlyWithFiles(name: 'tlsCert' | 'tlsKey', tls: Config['tls'], file: string | undefined): string | undefined {
  const { flag, example } = options[name]
  if (tls === 'files' && file === undefined) return `--tls files needs ${flag} FILE, for example ${flag} ${example}`
  if (tls === 'files' || file === undefined) return undefined
  return `${flag} is of use with --tls files only, for example --tls files ${flag} ${file}; got --tls ${tls}`
}

function collides(redirect: Config['redirect'], name: 'listen' | 'admin', other: Address): string | undefined {
  if (redirect === 'off' || !overlap(redirect, other)) return undefined
  const got = `${formatAddress(redirect)} beside ${formatAddress(other)}`
  return `--redirect must not be the address of ${options[name].flag}, for example --redirect ${options.redirect.example}; got ${got}`
}

function namesItself(name: 'listen' | 'admin', own: Address, backends: DiscoverySpec): string | undefined {
  const written = formatAddress(own)
  if (backends.kind !== 'static' || !backends.addresses.some((backend) => formatAddress(backend) === written))
    return undefined
  return `--backends must not name the gateway's own ${options[name].flag} address, ${written}: it would ask itself for ever`
}

function tooShort(goneAfter: Ms, other: 'probeTimeout' | 'surveyEvery', than: Ms): string {
  const { flag, example, form } = options.goneAfter
  const got = `${form.write(goneAfter)} beside ${form.write(than)}`
  return `${flag} must be longer than ${options[other].flag}, for example ${flag} ${example}; got ${got}`
}

const everywhere: readonly string[] = ['0.0.0.0', '::']

/** Whether the second of the two could not be listened on. Port 0 is another free port each time. */
function overlap(one: Address, other: Address): boolean {
  if (one.port !== other.port || one.port === 0) return false
  return one.host === other.host || everywhere.includes(one.host) || everywhere.includes(other.host)
}
