import type { Bytes, Ms } from './units.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** How backends are found: named one by one, or as the addresses of one name in DNS. */
export type DiscoverySpec =
  | { readonly kind: 'static'; readonly addresses: readonly Address[] }
  | { readonly kind: 'dns'; readonly name: string; readonly port: number }

/** So many in so much time. */
export interface Rate {
  readonly count: number
  readonly time: Ms
}

/** What a gateway is told, after parsing and validation. options.ts is the table that makes it. */
export interface Config {
  /** More options, in a file that is read again while the gateway runs. */
  readonly optionsFile: string | undefined
  readonly listen: Address
  readonly admin: Address | 'off'
  /** A Unix socket with the same behind it. */
  readonly adminSocket: string | undefined
  /** What operators prove themselves with. */
  readonly adminToken: string | undefined
  /** Where Portainer listens, for operators to reach it through us. */
  readonly portainer: Address | undefined
  /** Processes that serve together; auto is one for each processor. */
  readonly workers: number | 'auto'
  readonly backends: DiscoverySpec
  /** Who is asked for the addresses of a DNS name; empty for those that the system names. */
  readonly dnsServers: readonly Address[]
  /** Always begins and ends with a slash. */
  readonly baseUrl: string
  /** File that keeps the addresses last known. */
  readonly state: string | undefined
  /** The Jupyter token, for the gateway's own probes and surveys; empty where the backends ask for none. */
  readonly token: string
  /** The token before that one, which backends may still have that drain; empty if there is none. */
  readonly formerToken: string

  readonly tls: 'self-signed' | 'files' | 'off'
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  /** Folder that keeps the local CA and the self-signed certificate. */
  readonly tlsDir: string
  /** Names and addresses beside localhost and this host's own that the self-signed certificate covers. */
  readonly tlsNames: readonly string[]

  /** Where plain HTTP is answered with the address of HTTPS. */
  readonly redirect: Address | 'off'
  /** How long browsers shall remember to come by HTTPS alone. */
  readonly hsts: Ms | 'off'

  /** Below the base URL, or from the root if it begins with a slash. */
  readonly probePath: string
  readonly probeEvery: Ms
  readonly probeTimeout: Ms
  readonly rise: number
  readonly fall: number
  readonly surveyEvery: Ms
  /** How old a list may be when it is answered. */
  readonly listMaxAge: Ms
  /** How long an unreachable backend's kernels are still listed. */
  readonly goneAfter: Ms
  /** How long a backend that left discovery and is idle is kept. */
  readonly forgetAfter: Ms
  readonly slowStart: Ms

  /** From the first byte of a request's head to its last. */
  readonly headTimeout: Ms
  /** Between two parts of a request's body. */
  readonly bodyTimeout: Ms
  /** How long a client's connection may wait for a next request. */
  readonly idleTimeout: Ms
  /** How long a client may take nothing of its answer. */
  readonly sendTimeout: Ms

  readonly connectTimeout: Ms
  /** From the request's last byte to the response head. */
  readonly answerTimeout: Ms
  /** As answerTimeout, for WebSocket upgrades: Jupyter waits up to 60 s for a kernel before it answers. */
  readonly upgradeTimeout: Ms
  /** How long a request for an unreachable owner is held and tried again before it is answered 503. */
  readonly holdFor: Ms
  /** Bound of the small JSON bodies that must be read (POST and PATCH of sessions, kernels, terminals). */
  readonly modelLimit: Bytes

  /** Networks of peers whose forwarded headers count: addresses, `address/prefix`, `loopback`, `private`. */
  readonly trust: readonly string[]
  readonly proxyProtocol: 'on' | 'off'
  /** Names that clients may use for this gateway; none: all of them. */
  readonly allowHosts: readonly string[]
  /** Memory of each process for files of Jupyter's pages. */
  readonly staticCache: Bytes | 'off'
  /** Of every request; 0 is no limit. */
  readonly bodyLimit: Bytes
  readonly connections: number
  readonly connectionsPerClient: number
  /** In flight, WebSockets not counted. */
  readonly exchangesPerBackend: number
  /** Failed ones of one client address. */
  readonly loginAttempts: Rate | 'off'

  /** How long exchanges may finish when the gateway is asked to end. */
  readonly drainFor: Ms

  readonly log: 'json' | 'pretty' | 'off'
}
