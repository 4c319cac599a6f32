import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seconds } from '../../../gateway/config/units.ts'
import { type Child, startChild } from '../../../provisioner/local/child.ts'
import { lastLines, logFileOf } from '../../../provisioner/local/logs.ts'
import { killOwned, ownedBy } from '../../../provisioner/local/processes.ts'
import { quietPort } from './ports.ts'
import type { Run } from './run.ts'
import { Splitter } from './splitter.ts'
import { until } from './until.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
/** Another program in its place shows whether a test can fail. */
const MAIN = process.env.PYLI_TEST_GATEWAY ?? join(ROOT, 'gateway', 'main.ts')
/** How many processes serve, where it is not one. */
const WORKERS = process.env.PYLI_TEST_WORKERS
/** Two of them before the same servers, which know nothing of each other. */
const IS_PAIR = process.env.PYLI_TEST_GATEWAYS === '2'
/** Kernels that one server may have more than its share, as neither of two gateways hears at once what the other starts. */
export const unevenness = IS_PAIR ? 1 : 0

export interface GatewayPlan {
  /** Tells several gateways of one test apart. */
  readonly part?: string
  readonly tls: 'off' | 'self-signed' | 'files'
  readonly baseUrl: string
  readonly token: string
  /** Without it the admin listener is open, and has no page. */
  readonly adminToken?: string
  readonly backends: readonly number[]
  /** How they are found, where they are not named one by one. */
  readonly discovery?: string
  /** More flags, as on a command line. */
  readonly flags: readonly string[]
}

interface Place {
  readonly port: number
  readonly adminPort: number
  /** Where clients come, if that is not the port. */
  readonly publicPort?: number
  /** Started and ended with this one. */
  readonly other?: GatewayProcess
}

/** The gateway as a program of its own. Killed and started again, it is found under the same address. */
export class GatewayProcess {
  /** `http://localhost:1234/base/` */
  readonly url: string
  readonly port: number
  readonly adminUrl: string
  /** For what its token guards. */
  readonly adminHeaders: Readonly<Record<string, string>>
  readonly logFile: string
  readonly caFile: string
  readonly #run: Run
  readonly #part: string
  readonly #args: readonly string[]
  readonly #environment: Readonly<Record<string, string>>
  readonly #other: GatewayProcess | undefined
  #child: Child | undefined

  constructor(run: Run, plan: GatewayPlan, { port, adminPort, publicPort = port, other }: Place) {
    const tlsDir = join(run.folder, 'tls')
    this.#run = run
    this.#part = plan.part ?? 'gateway'
    this.#environment = { PYLI_TOKEN: plan.token, ...(plan.adminToken && { PYLI_ADMIN_TOKEN: plan.adminToken }) }
    this.adminHeaders = plan.adminToken ? { Authorization: `Bearer ${plan.adminToken}` } : {}
    this.#args = [
      MAIN,
      `--listen=127.0.0.1:${port}`,
      `--admin=127.0.0.1:${adminPort}`,
      `--backends=${plan.discovery ?? `static:${plan.backends.map((backend) => `127.0.0.1:${backend}`).join(',')}`}`,
      `--base-url=${plan.baseUrl}`,
      `--tls=${plan.tls}`,
      `--tls-dir=${tlsDir}`,
      '--log=json',
      ...(WORKERS === undefined ? [] : [`--workers=${WORKERS}`]),
      ...plan.flags,
    ]
    this.#other = other
    this.port = publicPort
    this.url = `${plan.tls === 'off' ? 'http' : 'https'}://localhost:${publicPort}${plan.baseUrl}`
    this.adminUrl = `http://127.0.0.1:${adminPort}`
    this.logFile = logFileOf(run.folder, this.#part)
    this.caFile = join(tlsDir, 'ca.pem')
  }

  /** Resolves when it answers; `ready` when it also has a backend. */
  async start(wanted: 'healthz' | 'readyz' = 'readyz'): Promise<void> {
    // The first one makes the certificate, the second finds it.
    await this.#startThis(wanted)
    await this.#other?.start(wanted)
  }

  async #startThis(wanted: 'healthz' | 'readyz'): Promise<void> {
    const child = await startChild({
      stateDir: this.#run.folder,
      part: this.#part,
      command: process.execPath,
      args: this.#args,
      environment: { ...this.#run.environment(this.#part), ...this.#environment },
      output: { file: this.logFile },
    })
    this.#child = child
    await until(`the gateway answers ${wanted}`, async () => {
      if (!child.isRunning()) return 'ended'
      return (await fetch(`${this.adminUrl}/${wanted}`)).ok && 'well'
    }).then((state) => {
      if (state === 'ended') throw new Error(`The gateway ended as it started:\n${lastLines(this.logFile, 20)}`)
    })
  }

  async kill(): Promise<void> {
    await this.#other?.kill()
    const child = this.#known()
    killOwned(this.#run.folder, this.#part)
    await child?.exited
    this.#child = undefined
  }

  async stop(): Promise<void> {
    await this.#other?.stop()
    await this.#known()?.stop(seconds(15))
    this.#child = undefined
  }

  /** It must not have ended by itself. */
  #known(): Child | undefined {
    if (this.#child?.isRunning() === false) throw new Error(`The gateway ended:\n${lastLines(this.logFile, 20)}`)
    return this.#child
  }

  /** Its own, and the other one's where two serve. */
  get adminUrls(): readonly string[] {
    return [this.adminUrl, ...(this.#other?.adminUrls ?? [])]
  }

  /** All of them, the primary among its workers. */
  get processes(): number[] {
    return ownedBy(this.#run.folder, this.#part)
  }

  /** The memory of all its processes. */
  residentBytes(): number {
    const pages = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return this.processes.reduce((sum, pid) => sum + pages(pid) * 1024, 0)
  }

  get log(): string {
    return readFileSync(this.logFile, 'utf8')
  }
}

export async function prepareGateway(run: Run, plan: GatewayPlan): Promise<GatewayProcess> {
  const gateway = await (IS_PAIR ? preparePair(run, plan) : prepareOne(run, plan))
  run.onEnd(() => gateway.stop())
  return gateway
}

const prepareOne = async (run: Run, plan: GatewayPlan) =>
  new GatewayProcess(run, plan, { port: await quietPort(), adminPort: await quietPort() })

/** A list of the other one may be a second old, unless lists are never kept. */
async function preparePair(run: Run, plan: GatewayPlan): Promise<GatewayProcess> {
  const flags = [...plan.flags, '--list-max-age=0s']
  const other = await prepareOne(run, { ...plan, flags, part: 'gateway-2' })
  const [port, adminPort, publicPort] = [await quietPort(), await quietPort(), await quietPort()]
  const splitter = new Splitter([port, other.port])
  await splitter.listen(publicPort)
  run.onEnd(async () => splitter.close())
  return new GatewayProcess(run, { ...plan, flags, part: 'gateway-1' }, { port, adminPort, publicPort, other })
}
