import { PageConfig } from '@jupyterlab/coreutils'
import {
  EventManager,
  type Kernel,
  KernelManager,
  type KernelMessage,
  ServerConnection,
  type Session,
  SessionManager,
  TerminalManager,
} from '@jupyterlab/services'
import { WebSocket } from 'ws'
import type { Cluster } from './cluster.ts'
import { type Rest, sizes } from './rest.ts'
import { until, within } from './until.ts'

// In a page the server says so.
PageConfig.setOption('terminalsAvailable', 'true')

/** JupyterLab without a page: the code that its browsers run, against our address. */
export class LabClient {
  readonly settings: ServerConnection.ISettings
  readonly kernels: KernelManager
  readonly sessions: SessionManager
  readonly terminals: TerminalManager
  readonly #ends: (() => void)[] = []

  constructor({ url, token }: Pick<Cluster, 'url' | 'token'>) {
    this.settings = ServerConnection.makeSettings({
      baseUrl: url,
      wsUrl: url.replace(/^http/, 'ws'),
      token,
      appendToken: true,
      // Under Node it has no origin to be the same as.
      init: { cache: 'no-store', credentials: 'omit' },
      WebSocket: WebSocket as unknown as ServerConnection.ISettings['WebSocket'],
    })
    const serverSettings = this.settings
    this.kernels = new KernelManager({ serverSettings })
    this.sessions = new SessionManager({ serverSettings, kernelManager: this.kernels })
    this.terminals = new TerminalManager({ serverSettings })
    this.#ends.push(() => {
      this.terminals.dispose()
      this.sessions.dispose()
      this.kernels.dispose()
    })
  }

  /** All that happens on the event bus from now on. */
  events(): EventManager {
    const events = new EventManager({ serverSettings: this.settings })
    this.#ends.push(() => events.dispose())
    return events
  }

  async ready(): Promise<this> {
    await within('the lists', Promise.all([this.kernels.ready, this.sessions.ready, this.terminals.ready]))
    return this
  }

  /** As JupyterLab opens a notebook: looks into the list, then under a name of its own, then renames it. */
  async openNotebook(path: string): Promise<Session.ISessionConnection> {
    await this.sessions.refreshRunning()
    for (const model of this.sessions.running()) {
      if (model.path === path) return this.sessions.connectTo({ model })
    }
    const name = path.split('/').at(-1) ?? path
    const session = await this.sessions.startNew({
      path: path.replace(name, crypto.randomUUID()),
      name: '',
      type: 'notebook',
      kernel: { name: 'python3' },
    })
    await session.setPath(path)
    await session.setName(name)
    return session
  }

  dispose(): void {
    for (const end of this.#ends.reverse()) end()
  }
}

/** Runs a cell and gives what it printed; an error in it is printed too. */
export async function execute(kernel: Kernel.IKernelConnection | null | undefined, code: string): Promise<string> {
  if (kernel == null) throw new Error('the session has no kernel')
  await connected(kernel)
  const future = kernel.requestExecute({ code })
  const printed = gather(future)
  await within(`the end of ${code}`, future.done)
  return printed.text.trim()
}

/** What a running cell prints, as it comes. */
export function gather(future: Pick<Kernel.IShellFuture, 'onIOPub'>): { readonly text: string } {
  const printed = { text: '' }
  future.onIOPub = (message) => {
    printed.text += textOf(message)
  }
  return printed
}

function textOf({ header, content }: KernelMessage.IIOPubMessage): string {
  if (header.msg_type === 'stream') return (content as { text: string }).text
  if (header.msg_type === 'error') return (content as { ename: string }).ename
  if (header.msg_type !== 'execute_result') return ''
  return String((content as { data: Record<string, unknown> }).data['text/plain'])
}

export const connected = (kernel: Kernel.IKernelConnection) =>
  until('a connection to the kernel', () => kernel.connectionStatus === 'connected')

/**
 * Two notebooks, each on a server of its own. Of two gateways neither has heard yet what the other chose a moment ago, so
 * both may choose the same server: then the second notebook is opened anew.
 */
export async function openOnBoth(lab: LabClient, behind: readonly Rest[], [first, second]: readonly [string, string]) {
  const here = await lab.openNotebook(first)
  for (;;) {
    const there = await lab.openNotebook(second)
    const [one, other] = await sizes(behind, (server) => server.sessions())
    if (one > 0 && other > 0) return [here, there] as const
    await there.shutdown()
  }
}
