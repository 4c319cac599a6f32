import { header } from '../../gateway/http1/raw-headers.ts'
import type { Model } from '../../gateway/jupyter/models.ts'
import type { Answer, AskRequest } from '../../gateway/upstream/ask.ts'

interface Kernel {
  readonly id: string
  readonly name: string
}

interface Session {
  readonly id: string
  path: string
  name: string
  type: string
  kernelId: string
}

/**
 * One Jupyter server without a socket: requests in, answers out, as jupyter_server 2.21 gives them, its traps
 * included. A foreign kernel id starts a second kernel of the same id, or is 400 in a PATCH; terminals are numbered
 * from 1 in every server; a terminal that is asked for by an existing name replaces it.
 */
export class FakeJupyter {
  readonly name: string
  /** Without it nothing but GET /api is answered. Empty: everybody may. */
  token = ''
  readonly asked: AskRequest[] = []
  readonly kernels = new Map<string, Kernel>()
  readonly sessions = new Map<string, Session>()
  readonly terminals = new Set<string>()
  /** Terminals that nobody can reach any more, because a second one got their name. */
  leakedTerminals = 0
  started = '2026-01-01T00:00:00.000000Z'
  lastActivity = '2026-01-01T00:00:00.000000Z'
  #ids = 0

  constructor(name: string) {
    this.name = name
  }

  /** A kernel that runs already, as if somebody had started it long ago. */
  hasKernel(id = this.#newId(), name = 'python3'): string {
    this.kernels.set(id, { id, name })
    return id
  }

  /** A session that exists already, with a kernel of its own. */
  hasSession(path: string, { id = this.#newId(), name = path, kernelId = this.hasKernel() } = {}): string {
    this.sessions.set(id, { id, path, name, type: 'notebook', kernelId })
    return id
  }

  askedFor(method: string, path: string): AskRequest[] {
    return this.asked.filter((request) => request.method === method && pathOf(request) === path)
  }

  answer(request: AskRequest): Answer {
    this.asked.push(request)
    const path = pathOf(request)
    if (path === '/api') return json(200, { version: '2.21.1' })
    if (!this.#knows(request)) return json(403, { message: 'Forbidden', reason: null })
    const [, area = '', of = '', id = '', action = ''] = path.split('/')
    const route = `${request.method} ${area}/${of}${id && '/id'}${action && `/${action}`}`
    const body = request.body === undefined ? {} : (JSON.parse(request.body.toString()) as Model)
    const answer = this.#routes[route]?.(decodeURIComponent(id), body)
    return answer ?? json(404, { message: 'Not Found', reason: null })
  }

  readonly #routes: Record<string, (id: string, body: Model) => Answer> = {
    'GET api/me': () => json(200, { identity: { username: 'somebody' }, permissions: {} }),
    'GET api/status': () => json(200, this.#status()),
    'GET api/kernels': () => json(200, Array.from(this.kernels.values(), kernelModel)),
    'POST api/kernels': (_, body) => this.#createKernel(body),
    'GET api/kernels/id': (id) => {
      const kernel = this.kernels.get(id)
      return kernel ? json(200, kernelModel(kernel)) : json(404, { message: `Kernel does not exist: ${id}` })
    },
    'DELETE api/kernels/id': (id) =>
      this.kernels.delete(id) ? empty(204) : json(404, { message: `Kernel does not exist: ${id}` }),
    'GET api/sessions': () => json(200, this.#listSessions()),
    'POST api/sessions': (_, body) => this.#createSession(body),
    'GET api/sessions/id': (id) => this.#withSession(id, (session) => json(200, this.#sessionModel(session))),
    'PATCH api/sessions/id': (id, body) => this.#withSession(id, (session) => this.#patchSession(session, body)),
    'DELETE api/sessions/id': (id) => this.#withSession(id, (session) => this.#deleteSession(session)),
    'GET api/terminals': () => json(200, Array.from(this.terminals, terminalModel)),
    'POST api/terminals': (_, body) => this.#createTerminal(body),
    'GET api/terminals/id': (name) =>
      this.terminals.has(name) ? json(200, terminalModel(name)) : json(404, { message: `Terminal not found: ${name}` }),
    'DELETE api/terminals/id': (name) =>
      this.terminals.delete(name) ? empty(204) : json(404, { message: `Terminal not found: ${name}` }),
    // The classic front end: creates one, and redirects to its page.
    'GET terminals/new': () => redirect(`/terminals/${this.#newTerminal()}`),
    'GET terminals/new/id': (name) => redirect(`/terminals/${this.#newTerminal(name)}`),
  }

  #knows({ headers, target }: AskRequest): boolean {
    if (this.token === '') return true
    const given = new URL(target, 'http://jupyter').searchParams.get('token')
    return given === this.token || header(headers, 'authorization') === `token ${this.token}`
  }

  #status(): Model {
    const { started, lastActivity } = this
    return { started, last_activity: lastActivity, kernels: this.kernels.size, connections: this.kernels.size }
  }

  #createKernel({ kernel_id, name = 'python3' }: Model): Answer {
    const id = typeof kernel_id === 'string' ? kernel_id : this.#newId()
    if (!this.kernels.has(id)) this.hasKernel(id, String(name))
    return json(201, kernelModel(this.#kernel(id)), ['Location', `/api/kernels/${id}`])
  }

  /** Sessions of dead kernels go when somebody looks (SessionManager.list_sessions). */
  #listSessions(): Model[] {
    for (const session of this.sessions.values()) {
      if (!this.kernels.has(session.kernelId)) this.sessions.delete(session.id)
    }
    return Array.from(this.sessions.values(), (session) => this.#sessionModel(session))
  }

  #createSession(body: Model): Answer {
    const notebook = body.notebook as Model | undefined
    const path = notebook?.name ?? notebook?.path ?? body.path
    if (typeof path !== 'string') return json(400, { message: 'Missing field in JSON data: path' })
    const type = notebook ? 'notebook' : body.type
    if (typeof type !== 'string') return json(400, { message: 'Missing field in JSON data: type' })
    const known = [...this.sessions.values()].find((session) => session.path === path)
    if (known) return this.#created(known)
    const { id: kernelId = this.#newId(), name: kernelName = 'python3' } = (body.kernel ?? {}) as Partial<Kernel>
    if (!this.kernels.has(kernelId)) this.hasKernel(kernelId, kernelName)
    const session = { id: this.#newId(), path, name: String(body.name ?? ''), type, kernelId }
    this.sessions.set(session.id, session)
    return this.#created(session)
  }

  #created(session: Session): Answer {
    return json(201, this.#sessionModel(session), ['Location', `/api/sessions/${session.id}`])
  }

  #patchSession(session: Session, { path, name, type, kernel }: Model): Answer {
    const { id: kernelId, name: kernelName } = (kernel ?? {}) as Partial<Kernel>
    if (kernelId !== undefined && !this.kernels.has(kernelId)) {
      return json(400, { message: `No such kernel: ${kernelId}`, reason: null })
    }
    if (typeof path === 'string') session.path = path
    if (typeof name === 'string') session.name = name
    if (typeof type === 'string') session.type = type
    const next = kernelId ?? (kernelName === undefined ? session.kernelId : this.hasKernel(this.#newId(), kernelName))
    if (next !== session.kernelId) this.kernels.delete(session.kernelId)
    session.kernelId = next
    return json(200, this.#sessionModel(session))
  }

  #deleteSession(session: Session): Answer {
    this.sessions.delete(session.id)
    if (this.kernels.delete(session.kernelId)) return empty(204)
    return json(410, { message: 'Kernel deleted before session', reason: null })
  }

  #createTerminal({ name }: Model): Answer {
    return json(200, terminalModel(this.#newTerminal(typeof name === 'string' ? name : undefined)))
  }

  #newTerminal(wanted?: string): string {
    let name = wanted ?? '1'
    if (wanted === undefined) for (let n = 1; this.terminals.has(name); n++) name = String(n)
    else if (this.terminals.has(name)) this.leakedTerminals++
    this.terminals.add(name)
    return name
  }

  #withSession(id: string, then: (session: Session) => Answer): Answer {
    const session = this.sessions.get(id)
    return session ? then(session) : json(404, { message: `Session not found: session_id='${id}'`, reason: null })
  }

  #sessionModel({ id, path, name, type, kernelId }: Session): Model {
    const kernel = this.kernels.get(kernelId)
    const notebook = type === 'notebook' ? { notebook: { path, name } } : {}
    return { id, path, name, type, kernel: kernel ? kernelModel(kernel) : null, ...notebook }
  }

  #kernel(id: string): Kernel {
    return this.kernels.get(id) as Kernel
  }

  /** As a UUID looks, and readable: which server made it, and as what number. */
  #newId(): string {
    const number = String(++this.#ids).padStart(12, '0')
    return `${this.name.padEnd(8, '0')}-0000-4000-8000-${number}`
  }
}

function kernelModel({ id, name }: Kernel): Model {
  return { id, name, last_activity: '2026-01-01T00:00:00.000000Z', execution_state: 'idle', connections: 1 }
}

function terminalModel(name: string): Model {
  return { name, last_activity: '2026-01-01T00:00:00.000000Z' }
}

function pathOf({ target }: AskRequest): string {
  return target.split('?', 1)[0] as string
}

function json(status: number, value: unknown, headers: readonly string[] = []): Answer {
  const body = Buffer.from(JSON.stringify(value))
  const ofTheBody = ['Content-Type', 'application/json', 'Content-Length', String(body.length)]
  return { status, reason: '', headers: ['Server', 'TornadoServer/6.5', ...ofTheBody, ...headers], body }
}

function empty(status: number): Answer {
  return { status, reason: '', headers: ['Server', 'TornadoServer/6.5'], body: Buffer.alloc(0) }
}

function redirect(location: string): Answer {
  const headers = ['Server', 'TornadoServer/6.5', 'Location', location, 'Content-Length', '0']
  return { status: 302, reason: '', headers, body: Buffer.alloc(0) }
}
