import { mkdtempSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuTime, endAll, freePort, isInstalled, run, start, startAndHear, untilListening } from './processes.ts'

/**
 * What a small proxied GET costs: CPU time of the gateway and of nginx for each request, over the same backends, one
 * after the other in turns. CPU time and not requests a second, so that a busy machine does not blur it.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' },
    /** As a browser sends them, or only Host. */
    headers: { type: 'string', default: 'few' },
    only: { type: 'string' },
    /** Folder for a CPU profile of the gateway. */
    profile: { type: 'string' },
  },
})

const target = '/api/me'
const connections = 32
const folder = mkdtempSync(join(tmpdir(), 'pyli-bench-'))
const main = join(import.meta.dirname, '..', 'gateway', 'main.ts')

const browserHeaders = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Accept: */*',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
  'Cache-Control: no-cache',
  'Cookie: _xsrf=2|1a2b3c4d|5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b|1790000000; username-localhost-8443=2|1:0|10:1790000000|23:username-localhost-8443|200:eyJ1c2VybmFtZSI6ICJhIn0=|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'Pragma: no-cache',
  'Referer: https://localhost:8443/lab/tree/a.ipynb',
  'Sec-Fetch-Dest: empty',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Site: same-origin',
  'X-XSRFToken: 2|1a2b3c4d|5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b|1790000000',
]

interface Proxy {
  readonly name: string
  readonly pid: number
  readonly url: string
  /** Microseconds for each request, a number for each round. */
  readonly costs: number[]
}

function nginxConfig(ports: readonly number[], port: number, tls: boolean): string {
  const certificate = tls ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;` : ''
  return `
worker_processes 1;
daemon off;
pid ${folder}/nginx-${port}.pid;
error_log ${folder}/nginx.err;
events { worker_connections 1024; }
http {
  access_log ${folder}/nginx-${port}.log;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  keepalive_requests 1000000;
  upstream jupyter {
    least_conn;
    ${ports.map((each) => `server 127.0.0.1:${each};`).join(' ')}
    keepalive 64;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
    ${certificate}
    location / {
      proxy_pass http://jupyter;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
}

async function startNginx(ports: readonly number[], tls: boolean): Promise<Proxy> {
  const port = await freePort()
  const config = join(folder, `nginx-${port}.conf`)
  writeFileSync(config, nginxConfig(ports, port, tls))
  const nginx = pinned('nginx', ['-c', config, '-e', join(folder, 'nginx.err')])
  const { pid } = start(...nginx, join(folder, 'nginx.out'))
  await untilListening(port)
  return { name: tls ? 'nginx, TLS' : 'nginx', pid, url: urlOf(port, tls), costs: [] }
}

async function startGateway(ports: readonly number[], tls: boolean): Promise<Proxy> {
  const port = await freePort()
  const args = [
    ...(values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : []),
    main,
    `--listen=127.0.0.1:${port}`,
    '--admin=off',
    `--backends=static:${ports.map((each) => `127.0.0.1:${each}`).join(',')}`,
    ...(tls ? ['--tls=files', `--tls-cert=${folder}/cert.pem`, `--tls-key=${folder}/key.pem`] : ['--tls=off']),
  ]
  const { pid } = start(...pinned(process.execPath, args), join(folder, `gateway-${port}.log`))
  await untilListening(port)
  return { name: tls ? 'gateway, TLS' : 'gateway', pid, url: urlOf(port, tls), costs: [] }
}

/** A proxy has a core for itself, as far as others leave it; what loads it and what is behind it share another. */
function pinned(command: string, args: readonly string[], core = '1'): [string, string[]] {
  return ['taskset', ['-c', core, command, ...args]]
}

function urlOf(port: number, tls: boolean): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}${target}`
}

async function load({ pid, url, costs }: Proxy, seconds: string): Promise<void> {
  const headers = values.headers === 'browser' ? browserHeaders.flatMap((line) => ['-H', line]) : []
  const before = cpuTime(pid)
  const wrk = ['-t1', `-c${connections}`, `-d${seconds}s`, ...headers, url]
  const report = await run(...pinned('wrk', wrk, '0'))
  const requests = Number(/(\d+) requests in/.exec(report)?.[1])
  if (/Non-2xx|Socket errors/.test(report)) throw new Error(report)
  costs.push((cpuTime(pid) - before) / requests)
}

async function makeCertificate(): Promise<void> {
  const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30']
  await run('openssl', ['req', ...kind, ...files, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
}

async function measure(): Promise<void> {
  await makeCertificate()
  const backend = join(import.meta.dirname, 'backend.ts')
  const startBackend = () => startAndHear(...pinned(process.execPath, [backend], '0'))
  const backends = [await startBackend(), await startBackend()]
  const ports = backends.flatMap(({ ports }) => ports)
  const proxies: Proxy[] = []
  for (const tls of [false, true]) {
    if (values.only && (values.only === 'tls') !== tls) continue
    if (await isInstalled('nginx')) proxies.push(await startNginx(ports, tls))
    proxies.push(await startGateway(ports, tls))
  }
  for (const proxy of proxies) {
    await load(proxy, '1') // to be warm
    proxy.costs.length = 0
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const proxy of proxies) await load(proxy, values.seconds)
  }
  print(proxies)
}

function print(proxies: readonly Proxy[]): void {
  const [cpu] = cpus()
  const lines = [
    `${cpus().length} × ${cpu?.model}, Node ${process.version}, ${connections} connections, ${values.headers} headers`,
    'CPU microseconds for each request: the least of all rounds, which others on the machine disturbed least',
    ...proxies.map(({ name, costs }) => {
      const each = costs.map((cost) => cost.toFixed(1)).join(', ')
      return `${name.padEnd(14)} ${Math.min(...costs)
        .toFixed(1)
        .padStart(6)}   (${each})`
    }),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

if (!(await isInstalled('wrk'))) {
  process.stderr.write('This benchmark needs wrk.\n')
  process.exit(1)
}
try {
  await measure()
} finally {
  await endAll()
}
