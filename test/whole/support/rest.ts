/** What Jupyter answers; only what the tests look at. */
export interface KernelModel {
  readonly id: string
  readonly name: string
  readonly execution_state: string
  readonly connections: number
}

export interface SessionModel {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly type: string
  readonly kernel: KernelModel
}

export interface TerminalModel {
  readonly name: string
}

export interface Answer<T = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** Jupyter's REST interface, bare: whoever answers is told by the URL. */
export class Rest {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Whatever the status; the body is parsed when it is JSON, and text otherwise. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const headers: Record<string, string> = { Authorization: `token ${this.#token}` }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetch(this.#url + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T }
  }

  /** The body of a good answer; any other one fails. */
  async get<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body)
    if (answer.status >= 200 && answer.status < 300) return answer.body
    throw new Error(`${method} ${path} was answered ${answer.status} ${JSON.stringify(answer.body)}`)
  }

  kernels = () => this.get<KernelModel[]>('GET', 'api/kernels')
  sessions = () => this.get<SessionModel[]>('GET', 'api/sessions')
  terminals = () => this.get<TerminalModel[]>('GET', 'api/terminals')
  newKernel = () => this.get<KernelModel>('POST', 'api/kernels', { name: 'python3' })
  newTerminal = () => this.get<TerminalModel>('POST', 'api/terminals')

  /** As a classic notebook does it: with the real path. */
  newSession = (path: string) =>
    this.get<SessionModel>('POST', 'api/sessions', {
      path,
      name: path.split('/').at(-1),
      type: 'notebook',
      kernel: { name: 'python3' },
    })

  /** Nothing runs afterwards. */
  async clear(): Promise<void> {
    const sessions = await this.sessions()
    await Promise.all(sessions.map(({ id }) => this.ask('DELETE', `api/sessions/${id}`)))
    const kernels = await this.kernels()
    await Promise.all(kernels.map(({ id }) => this.ask('DELETE', `api/kernels/${id}`)))
    const terminals = await this.terminals()
    await Promise.all(terminals.map(({ name }) => this.ask('DELETE', `api/terminals/${name}`)))
  }
}

export const idsOf = (models: readonly { readonly id: string }[]): string[] => models.map(({ id }) => id).sort()
export const namesOf = (models: readonly { readonly name: string }[]): string[] => models.map(({ name }) => name).sort()

/** How many each of two servers has. */
export async function sizes(
  [first, second]: readonly Rest[],
  list: (server: Rest) => Promise<readonly unknown[]>,
): Promise<[number, number]> {
  if (first === undefined || second === undefined) throw new Error('there are not two servers')
  return [(await list(first)).length, (await list(second)).length]
}
