import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { freePort, isInstalled, said } from '../processes.ts'

/** What a proxy is given to work with. */
export interface Plan {
  readonly port: number
  readonly tls: boolean
  /** Of the backends, on this machine. */
  readonly backends: readonly number[]
  /** Its own, with cert.pem and key.pem in it. */
  readonly folder: string
}

export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A proxy that we are compared with. */
export interface Peer {
  readonly name: string
  /** Undefined where it is not on this machine. */
  version(): Promise<string | undefined>
  /** For those who have it not. */
  readonly howToGet: string
  /** Writes its configuration, and says how it is started. In the foreground: it is ended by a signal. */
  prepare(plan: Plan): Command | Promise<Command>
}

const require = createRequire(import.meta.url)
const node = process.execPath
const here = (name: string): string => join(import.meta.dirname, name)

export const peers: readonly Peer[] = [
  {
    name: 'nginx',
    version: () => versionOf('nginx', ['-v']),
    howToGet: 'apt install nginx',
    prepare: (plan) => {
      const config = configure('nginx.conf', plan, {
        backends: plan.backends.map((port) => `server 127.0.0.1:${port};`).join(' '),
        ssl: plan.tls ? ' ssl' : '',
      })
      return { command: 'nginx', args: ['-c', config, '-e', join(plan.folder, 'nginx.err')] }
    },
  },
  {
    name: 'haproxy',
    version: () => versionOf('haproxy', ['-v']),
    howToGet: 'apt install haproxy',
    prepare: (plan) => {
      const { cert, key } = certificateOf(plan.folder)
      writeFileSync(join(plan.folder, 'both.pem'), cert + key)
      const config = configure('haproxy.cfg', plan, {
        backends: plan.backends.map((port, i) => `  server s${i} 127.0.0.1:${port} pool-max-conn 64`).join('\n'),
        ssl: plan.tls ? ` ssl crt ${plan.folder}/both.pem` : '',
      })
      return { command: 'haproxy', args: ['-db', '-f', config] }
    },
  },
  {
    name: 'caddy',
    version: () => versionOf('caddy', ['version']),
    howToGet: 'apt install caddy',
    prepare: (plan) => {
      const config = configure('Caddyfile', plan, {
        backends: plan.backends.map((port) => `127.0.0.1:${port}`).join(' '),
        tls: plan.tls ? `tls ${plan.folder}/cert.pem ${plan.folder}/key.pem` : '',
      })
      const env = { GOMAXPROCS: '1', HOME: plan.folder, XDG_CONFIG_HOME: plan.folder }
      return { command: 'caddy', args: ['run', '--adapter', 'caddyfile', '--config', config], env }
    },
  },
  {
    name: 'configurable-http-proxy',
    version: () => versionOfPackage('configurable-http-proxy'),
    howToGet: 'npm ci',
    prepare: async ({ port, tls, folder, backends: [backend] }) => {
      const program = join(packageFolder('configurable-http-proxy'), 'bin', 'configurable-http-proxy')
      const listen = ['--ip', '127.0.0.1', '--port', `${port}`, '--api-port', `${await freePort()}`]
      const certificate = tls ? ['--ssl-cert', `${folder}/cert.pem`, '--ssl-key', `${folder}/key.pem`] : []
      // It knows routes, not load: all goes to one server.
      const args = [program, ...listen, ...certificate, '--default-target', `http://127.0.0.1:${backend}`]
      return { command: node, args: [...args, '--log-level', 'error'], env: { CONFIGPROXY_AUTH_TOKEN: 'of-the-bench' } }
    },
  },
  {
    name: 'http-proxy',
    version: () => versionOfPackage('http-proxy'),
    howToGet: 'npm ci',
    prepare: ({ port, tls, backends, folder }) => ({
      command: node,
      args: [here('http-proxy.ts'), `${port}`, backends.join(','), ...(tls ? [folder] : [])],
    }),
  },
]

/** Fills in a configuration of this folder, writes it to the plan's and gives its path. */
function configure(name: string, { port, tls, folder }: Plan, more: Readonly<Record<string, string>>): string {
  const values: Record<string, string> = { port: `${port}`, folder, scheme: tls ? 'https' : 'http', ...more }
  const text = readFileSync(here(name), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`${name} asks for ${key}, which nobody gives`)
    return value
  })
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function certificateOf(folder: string): { cert: string; key: string } {
  return { cert: readFileSync(`${folder}/cert.pem`, 'utf8'), key: readFileSync(`${folder}/key.pem`, 'utf8') }
}

async function versionOf(command: string, args: readonly string[]): Promise<string | undefined> {
  if (!(await isInstalled(command))) return undefined
  return /\d+\.\d+(?:\.\d+)?/.exec(await said(command, args))?.[0] ?? 'of unknown version'
}

async function versionOfPackage(name: string): Promise<string | undefined> {
  try {
    const { version } = JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8'))
    return version
  } catch {
    return undefined
  }
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`))
}
