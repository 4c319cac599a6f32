import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { startJupyter } from '../../provisioner/local/jupyter.ts'
import { silent } from '../../provisioner/local/progress.ts'
import { ensurePython } from '../../provisioner/local/python.ts'
import { cpuTime } from '../processes.ts'
import { Asker, newHistogram } from './asker.ts'
import { open } from './connect.ts'
import { headOf } from './http.ts'
import { contentLength } from './reply.ts'
import type { Backends, Done, Form, Options, Subject, Work } from './work.ts'

const root = join(import.meta.dirname, '..', '..')
const browser = '/usr/bin/chromium'
/** Of a browser to one host. */
const connectionsOfOne = 6

interface LabServers extends Backends {
  readonly token: string
  /** All that the page of a browser that was never there asks for, by the page or by its scripts. */
  readonly files: readonly string[]
}

/** Two real Jupyter servers over one folder, as `npm start` starts them. */
async function startServers(): Promise<LabServers> {
  const folder = mkdtempSync(join(tmpdir(), 'pyli-bench-lab-'))
  const token = randomBytes(16).toString('hex')
  const secrets = { tokenFile: join(folder, 'token'), cookieSecretFile: join(folder, 'cookie-secret') }
  writeFileSync(secrets.tokenFile, token, { mode: 0o600 })
  writeFileSync(secrets.cookieSecretFile, randomBytes(32).toString('hex'), { mode: 0o600 })
  const python = await ensurePython({ stateDir: join(root, '.pyli'), progress: silent })
  const plan = { python, stateDir: folder, notebooks: join(folder, 'notebooks'), secrets, baseUrl: '/' }
  const servers = await Promise.all([1, 2].map((index) => startJupyter({ ...plan, index })))
  const ports = servers.map(({ port }) => port)
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(servers.map(({ ready }) => ready))
    const files = await filesOfPage(ports[0] as number, token)
    return {
      ports,
      pids: servers.map(({ pid }) => pid),
      flags: [`--token-file=${secrets.tokenFile}`],
      token,
      files,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** As a browser finds them out. */
async function filesOfPage(port: number, token: string): Promise<string[]> {
  if (!existsSync(browser))
    throw new Error(`lab-class needs ${browser}, which says what a page asks for: apt install chromium`)
  const running = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] })
  try {
    const page = await running.newPage()
    const files = new Set<string>()
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url())
      if (/^\/(?:static|lab\/extensions)\//.test(pathname)) files.add(pathname + search)
    })
    await page.goto(`http://127.0.0.1:${port}/lab?token=${token}`, { timeout: 120_000 })
    await page.waitForSelector('.jp-Launcher, .jp-NotebookPanel', { timeout: 120_000 })
    return [...files]
  } finally {
    await running.close()
  }
}

/**
 * One client: the page, then all its files over a few connections, of which the later ones go on from the first one's TLS
 * session. Bare sockets: fifty clients of Node's own took longer than what they ask.
 */
async function openLab(subject: Subject, { token, files }: LabServers): Promise<void> {
  const fields = [`Authorization: token ${token}`, 'Accept-Encoding: gzip, deflate, br, zstd']
  const question = (path: string) => headOf(subject, `GET ${path}`, fields)
  const left = files.map(question)
  const askers: Asker[] = []
  let session: Buffer | undefined
  const connection = async () => {
    const socket = await open(subject, session)
    socket.once('session', (ticket: Buffer) => {
      session = ticket
    })
    const asker = new Asker(socket, question('/lab'), contentLength(200))
    askers.push(asker)
    return asker
  }
  const askForFiles = async (asker: Asker) => {
    for (let file = left.shift(); file; file = left.shift()) await asker.ask(1, file)
  }
  const first = await connection()
  await first.ask(1)
  const others = Array.from({ length: connectionsOfOne - 1 }, async () => askForFiles(await connection()))
  await Promise.all([askForFiles(first), ...others])
  for (const asker of askers) asker.close()
}

async function openClass(subject: Subject, { connections: clients }: Form, { backends }: Options): Promise<Done> {
  const servers = backends as LabServers
  const latencies = newHistogram()
  const cpu = () => [subject.pid, ...(servers.pids ?? [])].reduce((sum, pid) => sum + cpuTime(pid), 0)
  const before = cpu()
  const begun = performance.now()
  const one = async () => {
    await openLab(subject, servers)
    latencies.recordValue((performance.now() - begun) * 1_000)
  }
  await Promise.all(Array.from({ length: clients }, one))
  const seconds = (performance.now() - begun) / 1_000
  return { units: clients, seconds, cost: (cpu() - before) / clients, latencies }
}

/** A class opens JupyterLab: how long until the last one has all of it, and what that costs proxy and servers together. */
export const labClass: Work = {
  name: 'lab-class',
  unit: 'client',
  forms: [{ tls: true, connections: 50 }],
  quickForms: [{ tls: true, connections: 10 }],
  startBackends: startServers,
  perform: openClass,
}
