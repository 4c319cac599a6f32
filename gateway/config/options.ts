import type { Config } from './config.ts'
import { address, certificateName, dnsServer } from './forms/address.ts'
import { backends } from './forms/backends.ts'
import { type Form, listOf, oneOf, optional, orWord } from './forms/form.ts'
import { network } from './forms/network.ts'
import { bytes, count, duration, longTime, rate } from './forms/quantity.ts'
import { adminToken, baseUrl, path, probePath, socketPath, token } from './forms/text.ts'
import { days, gibibytes, kibibytes, mebibytes, ms } from './units.ts'

/** The headings of the help text, in its order. */
export const groups = ['Addresses', 'Backends', 'TLS', 'Health', 'Times and limits', 'Trust and load', 'Log'] as const

export interface Option<T> {
  readonly group: (typeof groups)[number]
  readonly flag: `--${string}`
  readonly env: `PYLI_${string}`
  readonly metavar: string
  /** One sentence, which begins small and has no full stop. */
  readonly about: string
  /** As written after the flag. */
  readonly example: string
  /** The default, as written after the flag. */
  readonly fallback: string | typeof required | (undefined extends T ? undefined : never)
  readonly form: Form<T>
  /** May be given several times: the values are joined. Giving any other flag twice is a mistake. */
  readonly repeatable?: true
  /**
   * The flag names a file that holds the value and the variable holds the value itself, because every user of the
   * machine can read the arguments of every process. It is never printed.
   */
  readonly secret?: true
}

export const required = Symbol('required')

/** The one table of options. Flags, variables, defaults, help, README and mistakes are all read from here. */
export const options: { readonly [K in keyof Config]: Option<Config[K]> } = {
  optionsFile: {
    group: 'Addresses',
    flag: '--options',
    env: 'PYLI_OPTIONS',
    metavar: 'FILE',
    about: 'lines of VARIABLE=VALUE for these options, read again at SIGHUP; goes before the environment',
    example: '/etc/pyli/gateway.env',
    fallback: undefined,
    form: optional(path),
  },
  listen: {
    group: 'Addresses',
    flag: '--listen',
    env: 'PYLI_LISTEN',
    metavar: 'HOST:PORT',
    about: 'where browsers and API clients are answered',
    example: '0.0.0.0:443',
    fallback: '127.0.0.1:8443',
    form: address({ leastPort: 0 }),
  },
  admin: {
    group: 'Addresses',
    flag: '--admin',
    env: 'PYLI_ADMIN',
    metavar: 'HOST:PORT|off',
    about: 'where operators are answered: health, metrics, backends and their page; without TLS',
    example: '127.0.0.1:9090',
    fallback: '127.0.0.1:9090',
    form: orWord('off', address({ leastPort: 0 })),
  },
  adminSocket: {
    group: 'Addresses',
    flag: '--admin-socket',
    env: 'PYLI_ADMIN_SOCKET',
    metavar: 'FILE',
    about:
      'the same at a Unix socket, for whoever may open that file: this user and root; ssh -L leads to it from afar',
    example: '/var/lib/pyli/admin.sock',
    fallback: undefined,
    form: optional(socketPath),
  },
  adminToken: {
    group: 'Addresses',
    flag: '--admin-token-file',
    env: 'PYLI_ADMIN_TOKEN',
    metavar: 'FILE',
    about:
      "file with a secret for operators' page, drains and /backends; without it there is no page, and the others are open",
    example: '/run/secrets/admin-token',
    fallback: undefined,
    form: optional(adminToken),
    secret: true,
  },
  portainer: {
    group: 'Addresses',
    flag: '--portainer',
    env: 'PYLI_PORTAINER',
    metavar: 'HOST:PORT',
    about: 'Portainer, started with --base-url /portainer, which operators who have logged in then find at /portainer/',
    example: 'portainer:9000',
    fallback: undefined,
    form: optional(address({ leastPort: 1 })),
  },
  baseUrl: {
    group: 'Addresses',
    flag: '--base-url',
    env: 'PYLI_BASE_URL',
    metavar: 'PATH',
    about: "the path below which everything lies, the same as the backends' ServerApp.base_url",
    example: '/jupyter/',
    fallback: '/',
    form: baseUrl,
  },

  workers: {
    group: 'Addresses',
    flag: '--workers',
    env: 'PYLI_WORKERS',
    metavar: 'COUNT|auto',
    about: 'processes that serve together on that address; auto is one for each processor',
    example: '2',
    fallback: '1',
    form: orWord('auto', count({ least: 1, most: 64 })),
  },

  backends: {
    group: 'Backends',
    flag: '--backends',
    env: 'PYLI_BACKENDS',
    metavar: 'static:HOST:PORT,…|dns:NAME:PORT',
    about:
      'the Jupyter servers, reached by plain HTTP: named one by one (IPv6 in brackets), or all addresses of a DNS name',
    example: 'static:10.0.0.2:8888,10.0.0.3:8888',
    fallback: required,
    form: backends,
  },
  dnsServers: {
    group: 'Backends',
    flag: '--dns-server',
    env: 'PYLI_DNS_SERVER',
    metavar: 'IP[:PORT],…',
    about: 'for --backends dns: whom to ask, in this order, instead of those that the system names; may be repeated',
    example: '127.0.0.11',
    fallback: '',
    form: listOf(dnsServer),
    repeatable: true,
  },
  state: {
    group: 'Backends',
    flag: '--state',
    env: 'PYLI_STATE',
    metavar: 'FILE',
    about:
      'keeps the addresses last known, so that a restarted gateway finds backends that drain; never needed otherwise',
    example: '/var/lib/pyli/backends.json',
    fallback: undefined,
    form: optional(path),
  },
  token: {
    group: 'Backends',
    flag: '--token-file',
    env: 'PYLI_TOKEN',
    metavar: 'FILE',
    about:
      "file with the Jupyter token for the gateway's own questions to the backends; the variable holds the token itself",
    example: '/run/secrets/jupyter-token',
    fallback: '',
    form: token,
    secret: true,
  },

  formerToken: {
    group: 'Backends',
    flag: '--former-token-file',
    env: 'PYLI_FORMER_TOKEN',
    metavar: 'FILE',
    about:
      'file with the token before that one, while backends are replaced: those that still drain know no other; empty otherwise',
    example: '/run/secrets/jupyter-former-token',
    fallback: '',
    form: token,
    secret: true,
  },

  tls: {
    group: 'TLS',
    flag: '--tls',
    env: 'PYLI_TLS',
    metavar: 'self-signed|files|off',
    about:
      'self-signed makes a local CA and a certificate and keeps them; files reads those you have; off speaks plain HTTP',
    example: 'files',
    fallback: 'self-signed',
    form: oneOf('self-signed', 'files', 'off'),
  },
  tlsCert: {
    group: 'TLS',
    flag: '--tls-cert',
    env: 'PYLI_TLS_CERT',
    metavar: 'FILE',
    about: 'for --tls files: the certificate in PEM, followed by its chain',
    example: '/etc/pyli/cert.pem',
    fallback: undefined,
    form: optional(path),
  },
  tlsKey: {
    group: 'TLS',
    flag: '--tls-key',
    env: 'PYLI_TLS_KEY',
    metavar: 'FILE',
    about: 'for --tls files: the private key in PEM, without a passphrase',
    example: '/etc/pyli/key.pem',
    fallback: undefined,
    form: optional(path),
  },
  tlsDir: {
    group: 'TLS',
    flag: '--tls-dir',
    env: 'PYLI_TLS_DIR',
    metavar: 'DIR',
    about: 'for --tls self-signed: folder that keeps the CA and the certificate',
    example: '/var/lib/pyli/tls',
    fallback: '.pyli/tls',
    form: path,
  },
  tlsNames: {
    group: 'TLS',
    flag: '--tls-name',
    env: 'PYLI_TLS_NAME',
    metavar: 'NAME,…',
    about: "for --tls self-signed: names and addresses to cover beside localhost and this host's name; may be repeated",
    example: 'jupyter.example.org,192.0.2.10',
    fallback: '',
    form: listOf(certificateName),
    repeatable: true,
  },

  redirect: {
    group: 'TLS',
    flag: '--redirect',
    env: 'PYLI_REDIRECT',
    metavar: 'HOST:PORT|off',
    about: 'where plain HTTP is answered with the address of HTTPS, which has the port of --listen',
    example: '0.0.0.0:80',
    fallback: 'off',
    form: orWord('off', address({ leastPort: 0 })),
  },
  hsts: {
    group: 'TLS',
    flag: '--hsts',
    env: 'PYLI_HSTS',
    metavar: 'TIME|off',
    about: 'for how long browsers that have been here shall come by HTTPS alone; 0s takes it back',
    example: '365d',
    fallback: 'off',
    form: orWord('off', longTime({ most: days(730) })),
  },

  probePath: {
    group: 'Health',
    flag: '--probe-path',
    env: 'PYLI_PROBE_PATH',
    metavar: 'PATH',
    about:
      'what a backend is asked whether it is well, without a token; below the base URL unless it begins with a slash',
    example: 'pyli/ready',
    fallback: 'api',
    form: probePath,
  },
  probeEvery: {
    group: 'Health',
    flag: '--probe-every',
    env: 'PYLI_PROBE_EVERY',
    metavar: 'TIME',
    about: 'pause between two questions to a backend whether it is well',
    example: '2s',
    fallback: '2s',
    form: duration({ least: ms(10) }),
  },
  probeTimeout: {
    group: 'Health',
    flag: '--probe-timeout',
    env: 'PYLI_PROBE_TIMEOUT',
    metavar: 'TIME',
    about: 'how long a backend may take to answer that',
    example: '1s',
    fallback: '1s',
    form: duration({ least: ms(10) }),
  },
  rise: {
    group: 'Health',
    flag: '--rise',
    env: 'PYLI_RISE',
    metavar: 'COUNT',
    about: 'good answers in a row that bring a failing backend back',
    example: '2',
    fallback: '2',
    form: count({ least: 1, most: 100 }),
  },
  fall: {
    group: 'Health',
    flag: '--fall',
    env: 'PYLI_FALL',
    metavar: 'COUNT',
    about: 'failures in a row that make a backend failing',
    example: '3',
    fallback: '3',
    form: count({ least: 1, most: 100 }),
  },
  surveyEvery: {
    group: 'Health',
    flag: '--survey-every',
    env: 'PYLI_SURVEY_EVERY',
    metavar: 'TIME',
    about: 'pause between two surveys of the kernels, sessions and terminals of every backend',
    example: '2s',
    fallback: '2s',
    form: duration({ least: ms(10) }),
  },
  goneAfter: {
    group: 'Health',
    flag: '--gone-after',
    env: 'PYLI_GONE_AFTER',
    metavar: 'TIME',
    about: 'how long the kernels of an unreachable backend are still listed; JupyterLab gives up a kernel that is not',
    example: '30s',
    fallback: '30s',
    form: duration(),
  },
  forgetAfter: {
    group: 'Health',
    flag: '--forget-after',
    env: 'PYLI_FORGET_AFTER',
    metavar: 'TIME',
    about: 'how long a backend that discovery no longer names is kept once nothing lives in it',
    example: '1m',
    fallback: '1m',
    form: duration({ least: ms(0) }),
  },
  slowStart: {
    group: 'Health',
    flag: '--slow-start',
    env: 'PYLI_SLOW_START',
    metavar: 'TIME',
    about: 'how long a backend that has just become ready gets less than its share; 0s is off',
    example: '10s',
    fallback: '10s',
    form: duration({ least: ms(0) }),
  },

  listMaxAge: {
    group: 'Times and limits',
    flag: '--list-max-age',
    env: 'PYLI_LIST_MAX_AGE',
    metavar: 'TIME',
    about: 'how old a list of kernels, sessions or terminals may be when it is answered; 0s always asks',
    example: '1s',
    fallback: '1s',
    form: duration({ least: ms(0) }),
  },
  headTimeout: {
    group: 'Times and limits',
    flag: '--head-timeout',
    env: 'PYLI_HEAD_TIMEOUT',
    metavar: 'TIME',
    about: 'how long the head of a request may take to arrive; beyond, it is answered 408',
    example: '20s',
    fallback: '20s',
    form: duration({ least: ms(10) }),
  },
  bodyTimeout: {
    group: 'Times and limits',
    flag: '--body-timeout',
    env: 'PYLI_BODY_TIMEOUT',
    metavar: 'TIME',
    about: 'how long a client may send nothing of a request body that it has begun; beyond, it is answered 408',
    example: '60s',
    fallback: '60s',
    form: duration({ least: ms(10) }),
  },
  idleTimeout: {
    group: 'Times and limits',
    flag: '--idle-timeout',
    env: 'PYLI_IDLE_TIMEOUT',
    metavar: 'TIME',
    about: 'how long a connection is kept for the next request of its client',
    example: '75s',
    fallback: '75s',
    form: duration({ least: ms(10) }),
  },
  sendTimeout: {
    group: 'Times and limits',
    flag: '--send-timeout',
    env: 'PYLI_SEND_TIMEOUT',
    metavar: 'TIME',
    about: 'how long a client may take nothing of its answer or WebSocket before it is cut off',
    example: '60s',
    fallback: '60s',
    form: duration({ least: ms(10) }),
  },
  connectTimeout: {
    group: 'Times and limits',
    flag: '--connect-timeout',
    env: 'PYLI_CONNECT_TIMEOUT',
    metavar: 'TIME',
    about: 'how long opening a connection to a backend may take',
    example: '3s',
    fallback: '3s',
    form: duration({ least: ms(10) }),
  },
  answerTimeout: {
    group: 'Times and limits',
    flag: '--answer-timeout',
    env: 'PYLI_ANSWER_TIMEOUT',
    metavar: 'TIME',
    about: "how long a backend may take from a request's last byte to the head of its answer",
    example: '5m',
    fallback: '5m',
    form: duration({ least: ms(10) }),
  },
  upgradeTimeout: {
    group: 'Times and limits',
    flag: '--upgrade-timeout',
    env: 'PYLI_UPGRADE_TIMEOUT',
    metavar: 'TIME',
    about: 'the same for WebSockets, which Jupyter answers only when the kernel does, after up to 60s',
    example: '75s',
    fallback: '75s',
    form: duration({ least: ms(10) }),
  },
  holdFor: {
    group: 'Times and limits',
    flag: '--hold-for',
    env: 'PYLI_HOLD_FOR',
    metavar: 'TIME',
    about: "how long a request waits for its kernel's unreachable backend before it is answered 503; 0s does not wait",
    example: '5s',
    fallback: '5s',
    form: duration({ least: ms(0) }),
  },
  modelLimit: {
    group: 'Times and limits',
    flag: '--model-limit',
    env: 'PYLI_MODEL_LIMIT',
    metavar: 'SIZE',
    about: 'the largest request that creates or changes a session, kernel or terminal; for all others see --body-limit',
    example: '1MiB',
    fallback: '1MiB',
    form: bytes({ least: kibibytes(1), most: mebibytes(64) }),
  },

  trust: {
    group: 'Trust and load',
    flag: '--trust',
    env: 'PYLI_TRUST',
    metavar: 'CIDR,…',
    about:
      'proxies before this gateway whose X-Forwarded-For and X-Forwarded-Proto count; loopback and private are known; may be repeated',
    example: '10.0.0.0/8,loopback',
    fallback: '',
    form: listOf(network),
    repeatable: true,
  },
  proxyProtocol: {
    group: 'Trust and load',
    flag: '--proxy-protocol',
    env: 'PYLI_PROXY_PROTOCOL',
    metavar: 'on|off',
    about: 'whether the peers of --trust begin each connection with a PROXY protocol header, version 1 or 2',
    example: 'on',
    fallback: 'off',
    form: oneOf('on', 'off'),
  },
  allowHosts: {
    group: 'Trust and load',
    flag: '--allow-host',
    env: 'PYLI_ALLOW_HOST',
    metavar: 'NAME,…',
    about:
      'the only names, without port, under which this gateway answers; *. in front is any one label; may be repeated',
    example: 'jupyter.example.org,*.lab.example.org',
    fallback: '',
    form: listOf(certificateName),
    repeatable: true,
  },
  bodyLimit: {
    group: 'Trust and load',
    flag: '--body-limit',
    env: 'PYLI_BODY_LIMIT',
    metavar: 'SIZE',
    about: 'the largest request; 0 is no limit',
    example: '2GiB',
    fallback: '512MiB',
    form: bytes({ least: kibibytes(0), most: gibibytes(1024) }),
  },
  connections: {
    group: 'Trust and load',
    flag: '--connections',
    env: 'PYLI_CONNECTIONS',
    metavar: 'COUNT',
    about: 'connections of clients at a time, WebSockets among them',
    example: '20000',
    fallback: '10000',
    form: count({ least: 1, most: 1_000_000 }),
  },
  connectionsPerClient: {
    group: 'Trust and load',
    flag: '--connections-per-client',
    env: 'PYLI_CONNECTIONS_PER_CLIENT',
    metavar: 'COUNT',
    about:
      'the same for one address (IPv6: one /64), behind which a whole class may sit; not for --trust without PROXY protocol',
    example: '2000',
    fallback: '1000',
    form: count({ least: 1, most: 1_000_000 }),
  },
  exchangesPerBackend: {
    group: 'Trust and load',
    flag: '--exchanges-per-backend',
    env: 'PYLI_EXCHANGES_PER_BACKEND',
    metavar: 'COUNT',
    about: 'exchanges under way with one backend, open WebSockets not counted; beyond: another backend, or 503',
    example: '500',
    fallback: '1000',
    form: count({ least: 1, most: 1_000_000 }),
  },
  loginAttempts: {
    group: 'Trust and load',
    flag: '--login-attempts',
    env: 'PYLI_LOGIN_ATTEMPTS',
    metavar: 'COUNT/TIME|off',
    about: 'wrong passwords and tokens of one address (IPv6: one /64) before further ones are answered 429',
    example: '5/1m',
    fallback: '10/1m',
    form: orWord('off', rate({ most: 1_000 })),
  },

  drainFor: {
    group: 'Times and limits',
    flag: '--drain-for',
    env: 'PYLI_DRAIN_FOR',
    metavar: 'TIME',
    about: 'how long exchanges may finish after SIGTERM; WebSockets are cut at once, and their clients come back',
    example: '30s',
    fallback: '10s',
    form: duration({ least: ms(0) }),
  },

  log: {
    group: 'Log',
    flag: '--log',
    env: 'PYLI_LOG',
    metavar: 'json|pretty|off',
    about: 'one line for each exchange and event on standard output, for machines or for people',
    example: 'pretty',
    fallback: 'json',
    form: oneOf('json', 'pretty', 'off'),
  },
}

export type OptionName = keyof Config
export const optionNames = Object.keys(options) as OptionName[]
