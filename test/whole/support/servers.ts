import { join } from 'node:path'
import { type JupyterServer, partOf, startJupyter } from '../../../provisioner/local/jupyter.ts'
import { killOwned, ownedBy, signal } from '../../../provisioner/local/processes.ts'
import { silent } from '../../../provisioner/local/progress.ts'
import { ensurePython } from '../../../provisioner/local/python.ts'
import { quietPort } from './ports.ts'
import { type Run, writeSecrets } from './run.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export interface ServerPlan {
  readonly baseUrl: string
  readonly token: string
  readonly notebooks: string
  /** An interpreter with other packages than those of `npm start`. */
  readonly python?: string
}

/** One real Jupyter server, which keeps its port when it is ended and started again. */
export class Server {
  readonly port: number
  readonly #start: () => Promise<JupyterServer>
  readonly #run: Run
  readonly #part: string
  #running: JupyterServer | undefined

  constructor(run: Run, part: string, port: number, start: () => Promise<JupyterServer>) {
    this.port = port
    this.#run = run
    this.#part = part
    this.#start = start
  }

  async start(): Promise<void> {
    this.#running = await this.#start()
    await this.#running.ready
  }

  /** The server, its kernels and its terminals, all at once and without a word. */
  async kill(): Promise<void> {
    killOwned(this.#run.folder, this.#part)
    await this.#running?.exited
  }

  /** As an orchestrator does: SIGTERM to the server alone. */
  leave(): void {
    process.kill(this.#known().pid, 'SIGTERM')
  }

  /** Resolves with how it ended. */
  get exited(): Promise<string> {
    return this.#known().exited
  }

  #known(): JupyterServer {
    if (this.#running === undefined) throw new Error('it was never started')
    return this.#running
  }

  /** As a machine that has hung: connections stay open and nothing answers. */
  freeze(): void {
    signal(ownedBy(this.#run.folder, this.#part), 'SIGSTOP')
  }

  thaw(): void {
    signal(ownedBy(this.#run.folder, this.#part), 'SIGCONT')
  }
}

/**
 * The test runner would watch what JupyterLab runs with Node. A home of their own, because terminals are login shells
 * and what the user's does as it starts can take a minute.
 */
const environmentOf = ({ folder }: Run) => ({ NODE_OPTIONS: '', NODE_V8_COVERAGE: '', HOME: folder })

/** Does not start them: some tests want to see what happens before. */
export async function prepareServers(run: Run, count: number, plan: ServerPlan): Promise<Server[]> {
  const python = plan.python ?? (await ensurePython({ stateDir: join(ROOT, '.pyli'), progress: silent }))
  const secrets = await writeSecrets(join(run.folder, 'secrets'), plan.token)
  const servers: Server[] = []
  for (let index = 1; index <= count; index++) {
    const port = await quietPort()
    const options = { ...plan, python, stateDir: run.folder, index, port, secrets, environment: environmentOf(run) }
    servers.push(new Server(run, partOf(index), port, () => startJupyter(options)))
  }
  run.onEnd(() => Promise.all(servers.map((server) => server.kill())).then(() => {}))
  return servers
}
