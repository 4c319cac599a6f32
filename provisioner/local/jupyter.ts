import { mkdir, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, ms, seconds } from '../../gateway/config/units.ts'
import { type Child, startChild } from './child.ts'
import { lastLines, logFileOf } from './logs.ts'
import type { Secrets } from './secrets.ts'
import { Trouble } from './trouble.ts'

export interface JupyterOptions {
  /** The interpreter of an environment with JupyterLab, as ensurePython() gives it. */
  readonly python: string
  /** Absolute. Servers that share it share their settings and are told apart by `index`. */
  readonly stateDir: string
  /** 1, 2, …: names the server's own folder and log. */
  readonly index: number
  readonly notebooks: string
  readonly secrets: Pick<Secrets, 'tokenFile' | 'cookieSecretFile'>
  /** Begins and ends with a slash. */
  readonly baseUrl: string
  /** Any free one unless given; given again when a server is restarted, because the gateway knows it by its port. */
  readonly port?: number
  readonly environment?: Readonly<Record<string, string>>
}

export interface JupyterServer {
  readonly port: number
  readonly pid: number
  readonly logFile: string
  /** Resolves once it answers; rejects if it ends before. */
  readonly ready: Promise<void>
  /** Resolves, however it ends, with how: `exit code 1` or `SIGKILL`. */
  readonly exited: Promise<string>
  /** Resolves when server, kernels and terminals are gone. */
  stop(patience?: Ms): Promise<void>
}

const CONFIG = join(import.meta.dirname, 'jupyter_server_config.py')
/** Defaults for JupyterLab's own settings, which a server's configuration cannot give; users may change them. */
const LAB_DEFAULTS = join(import.meta.dirname, '..', '..', 'image', 'jupyter', 'lab', 'defaults')
const START_TIMEOUT = seconds(60)
/** Jupyter gives each kernel 5 s to end by itself. */
const STOP_PATIENCE = seconds(10)
const LOOK_EVERY = ms(50)

export const partOf = (index: number): string => `jupyter-${index}`

/** Starts one real Jupyter server on loopback; resolves as soon as its port is known. */
export async function startJupyter(options: JupyterOptions): Promise<JupyterServer> {
  const { stateDir, index, python } = options
  const folders = foldersOf(stateDir, index)
  const logFile = logFileOf(stateDir, partOf(index))
  await rm(folders.runtime, { recursive: true, force: true }) // what a killed server has left there
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 })
  await mkdir(options.notebooks, { recursive: true })

  const child = await startChild({
    stateDir,
    part: partOf(index),
    command: python,
    // -E: a PYTHONPATH meant for the user's own Python must not replace what JupyterLab imports. Kernels still see it.
    // -P: nor may a random.py beside the user's notebooks, where it starts.
    // faulthandler: a server that crashes, or hangs and is sent SIGABRT, writes where it was.
    args: ['-E', '-P', '-X', 'faulthandler', '-m', 'jupyterlab', `--config=${CONFIG}`],
    cwd: options.notebooks,
    environment: { ...environmentFor(options, folders, process.env), ...options.environment },
    output: { file: logFile },
  })
  const stop = (patience = STOP_PATIENCE) => child.stop(patience)

  try {
    const port = await boundPort(child, folders.runtime, logFile)
    const ready = answers(`http://127.0.0.1:${port}${options.baseUrl}api`, child, logFile)
    ready.catch(() => {}) // who does not wait for it learns of the end from `exited`
    return { port, pid: child.pid, logFile, ready, exited: child.exited, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Folders {
  readonly data: string
  readonly runtime: string
  readonly config: string
  readonly ipython: string
}

/** Its own: databases and files named by pid. Shared: settings and workspaces, so that all servers show the same ones. */
const foldersOf = (stateDir: string, index: number): Folders => ({
  data: join(stateDir, partOf(index), 'data'),
  runtime: join(stateDir, partOf(index), 'runtime'),
  config: join(stateDir, 'settings', 'jupyter'),
  ipython: join(stateDir, 'settings', 'ipython'),
})

function environmentFor(
  { python, notebooks, secrets, baseUrl, port }: JupyterOptions,
  folders: Folders,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const bin = dirname(python)
  // The private environment first, so that a `python3` kernel of the user's cannot stand in for the one we installed.
  const kernels = [join(bin, '..', 'share', 'jupyter'), inherited.JUPYTER_PATH, userDataDir(inherited)]
  return {
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !isOnlyForUs(name))),
    PATH: [bin, inherited.PATH].filter(Boolean).join(delimiter), // `!pip install` in a notebook means this environment
    JUPYTER_CONFIG_DIR: folders.config,
    JUPYTER_CONFIG_PATH: LAB_DEFAULTS,
    JUPYTER_DATA_DIR: folders.data,
    JUPYTER_RUNTIME_DIR: folders.runtime,
    JUPYTER_PATH: kernels.filter(Boolean).join(delimiter),
    IPYTHONDIR: folders.ipython,
    PYLI_JUPYTER_PORT: String(port ?? 0),
    PYLI_JUPYTER_BASE_URL: baseUrl,
    PYLI_JUPYTER_ROOT_DIR: notebooks,
    PYLI_JUPYTER_TOKEN_FILE: secrets.tokenFile,
    PYLI_JUPYTER_COOKIE_SECRET_FILE: secrets.cookieSecretFile,
  }
}

/** npm's variables mean nothing to a notebook; the user's settings for another Jupyter would change this one. */
const isOnlyForUs = (name: string): boolean => /^(npm_|INIT_CWD$|JUPYTER)/.test(name)

/** Where `jupyter kernelspec install --user` puts kernels. */
const userDataDir = ({ JUPYTER_DATA_DIR, XDG_DATA_HOME }: NodeJS.ProcessEnv): string =>
  JUPYTER_DATA_DIR ?? join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'jupyter')

/** Jupyter picks the free port itself: between our choice and its start someone else could take one. */
async function boundPort(child: Child, runtime: string, logFile: string): Promise<number> {
  const file = join(runtime, `jpserver-${child.pid}.json`)
  return poll(child, logFile, async () => (JSON.parse(await readFile(file, 'utf8')) as { port: number }).port)
}

const answers = (url: string, child: Child, logFile: string): Promise<void> =>
  poll(child, logFile, async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(seconds(5)) })
    await response.body?.cancel()
    return response.ok ? null : undefined
  }).then(() => {})

/** Tries until there is an answer; a failed try only means "not yet", unless the server has ended. */
async function poll<T>(child: Child, logFile: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + START_TIMEOUT; Date.now() < deadline; await sleep(LOOK_EVERY)) {
    if (!child.isRunning()) {
      const how = await child.exited
      throw new Trouble(`A Jupyter server ended as it started (${how}). The end of ${logFile}:\n${lastLines(logFile)}`)
    }
    const answer = await attempt().catch(() => undefined)
    if (answer !== undefined) return answer
  }
  throw new Trouble(`A Jupyter server did not answer within ${START_TIMEOUT / 1000} s: ${logFile} says more.`)
}
