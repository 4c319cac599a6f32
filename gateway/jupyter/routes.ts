import type { Kind } from './models.ts'
import { at, ByBeginning, type PathForm } from './path-form.ts'

/** Where a request goes, and how. */
export type Route =
  /** One list of all backends' lists. */
  | { readonly kind: 'list'; readonly of: Kind }
  | { readonly kind: 'status' }
  /** One WebSocket of all backends' event streams. */
  | { readonly kind: 'events' }
  | { readonly kind: 'create'; readonly of: Kind }
  | { readonly kind: 'create-terminal-page' }
  /** One session: its id may be an alias, so its requests and answers are read. */
  | { readonly kind: 'session'; readonly id: string }
  /** To the backend in whose memory it lives, streamed. */
  | {
      readonly kind: 'owned'
      readonly of: 'kernels' | 'terminals'
      readonly id: string
      /** Even a GET makes something new, and must not be repeated. */
      readonly creates?: true
    }
  /** Opens a shared document: the answer says under which file id its room will be asked for. */
  | { readonly kind: 'open-document'; readonly path: string }
  /** Makes a copy of a shared document's room beside it. */
  | { readonly kind: 'fork-document'; readonly room: string }
  /** To the backend that holds the shared document. */
  | { readonly kind: 'document'; readonly by: 'path' | 'id'; readonly id: string }
  /** To the backend that this key prefers: the same disk behind all, but one server sees all writes of a file. */
  | { readonly kind: 'affine'; readonly key: string }
  | { readonly kind: 'any' }
  /** To the same backend for one client: state of a process or container that nobody named. */
  | { readonly kind: 'pinned' }
  | { readonly kind: 'refused'; readonly why: string }
  /** A WebSocket is asked for where there is none. */
  | { readonly kind: 'no-socket' }

export interface RouteRequest {
  readonly method: string
  /** Below the base URL, without its leading slash, percent-decoding not applied. */
  readonly path: string
  /** With its question mark, or empty: few rows look into it. */
  readonly query: string
  readonly upgrade: boolean
}

export interface Classified {
  /** The row's name, for log and metrics. */
  readonly name: string
  readonly route: Route
}

interface Row {
  readonly name: string
  readonly path: PathForm
  /** Absent: all. */
  readonly methods?: readonly string[]
  /** true: WebSocket upgrades alone; absent: requests alone. */
  readonly upgrade?: true
  readonly to: (groups: Record<string, string>, request: RouteRequest) => Route
}

const any = (): Route => ({ kind: 'any' })
const pinned = (): Route => ({ kind: 'pinned' })
const byPath = (_: unknown, request: RouteRequest): Route => ({ kind: 'affine', key: affinityKey(request.path) })
const byKind = ({ id }: Record<string, string>): Route => ({ kind: 'affine', key: `lab/api/${id}` })
const refused = (why: string) => (): Route => ({ kind: 'refused', why })

// Ids as jupyter_server and jupyter_server_terminals spell them in their own routes: not strictly hexadecimal.
const uuid = String.raw`(?<id>\w+-\w+-\w+-\w+-\w+)`
const name = String.raw`(?<id>\w+)`

const read = ['GET', 'HEAD']
const operatorsOnly =
  'This Jupyter is a cluster: its servers are stopped by those who run it. Shut down kernels instead.'
const imageOnly = 'Extensions are part of the image here; an installation would reach one server alone.'
const notPublic = "Each server's metrics are its own; the operator collects them from the servers."

/**
 * Jupyter's endpoints, each with where it must go (handlers of jupyter_server 2.21, jupyterlab_server 2.28,
 * jupyter_server_terminals 0.5, jupyter-lsp 2.3, jupyter-collaboration 5, notebook 6.4). The first row that fits
 * decides; a path that fits none is somebody's extension, whose state we do not know: its client is pinned.
 */
const rows: readonly Row[] = [
  { name: 'kernels.list', path: at('api/kernels'), methods: read, to: () => ({ kind: 'list', of: 'kernels' }) },
  { name: 'kernels.create', path: at('api/kernels'), methods: ['POST'], to: () => ({ kind: 'create', of: 'kernels' }) },
  { name: 'kernel.channels', path: at(`api/kernels/${uuid}/channels`), upgrade: true, to: owned('kernels') },
  { name: 'kernel', path: at(`api/kernels/${uuid}(?:/.*)?`), to: owned('kernels') },

  { name: 'sessions.list', path: at('api/sessions'), methods: read, to: () => ({ kind: 'list', of: 'sessions' }) },
  {
    name: 'sessions.create',
    path: at('api/sessions'),
    methods: ['POST'],
    to: () => ({ kind: 'create', of: 'sessions' }),
  },
  { name: 'session', path: at(`api/sessions/${uuid}`), to: ({ id }) => ({ kind: 'session', id: String(id) }) },

  { name: 'terminals.list', path: at('api/terminals'), methods: read, to: () => ({ kind: 'list', of: 'terminals' }) },
  {
    name: 'terminals.create',
    path: at('api/terminals'),
    methods: ['POST'],
    to: () => ({ kind: 'create', of: 'terminals' }),
  },
  { name: 'terminal', path: at(`api/terminals/${name}`), to: owned('terminals') },
  { name: 'terminal.socket', path: at(`terminals/websocket/${name}`), upgrade: true, to: owned('terminals') },
  { name: 'terminals.new', path: at('terminals/new'), methods: ['GET'], to: () => ({ kind: 'create-terminal-page' }) },
  // Creates a terminal of that name, or redirects to the existing one (notebook 6.4, nbclassic).
  { name: 'terminals.new', path: at(`terminals/new/${name}`), methods: ['GET'], to: createdByGet },
  { name: 'terminal.page', path: at(`terminals/${name}`), methods: read, to: any },

  { name: 'status', path: at('api/status'), methods: read, to: () => ({ kind: 'status' }) },
  { name: 'events', path: at('api/events/subscribe'), upgrade: true, to: () => ({ kind: 'events' }) },
  // With merged streams every subscriber hears of it, whichever backend's bus it goes to.
  { name: 'events.emit', path: at('api/events'), methods: ['POST'], to: any },
  { name: 'resolve-path', path: at('api/resolvePath'), methods: read, to: byKernelQuery },

  { name: 'shutdown', path: at('api/shutdown'), to: refused(operatorsOnly) },
  { name: 'drain', path: at('pyli/.*'), to: refused(operatorsOnly) },
  { name: 'metrics', path: at('metrics', 'api/metrics'), to: refused(notPublic) },
  {
    name: 'extensions',
    path: at('lab/api/(?:extensions|plugins)(?:/.*)?'),
    methods: ['POST', 'PUT', 'DELETE'],
    to: refused(imageOnly),
  },
  { name: 'lab.build', path: at('lab/api/build'), to: pinned },

  { name: 'contents', path: at('api/contents(?:/.*)?'), to: byPath },
  { name: 'files', path: at('(?:files|view|nbconvert|edit|notebooks|consoles|tree|doc)(?:/.*)?'), to: byPath },
  { name: 'nbconvert', path: at('api/nbconvert(?:/.*)?'), to: any },
  // Files that are read, changed and written without a lock: one server for each.
  { name: 'config', path: at('api/config/.*'), to: byPath },
  // To one server all of them, for a list reads every file, and the files are not written in one step.
  { name: 'lab.settings', path: at('lab/api/(?<id>settings|workspaces)(?:/.*)?'), to: byKind },

  { name: 'rtc.session', path: at('api/collaboration/session/(?<path>.*)'), methods: ['PUT'], to: openDocument },
  { name: 'rtc.fork', path: at('api/collaboration/fork/(?<room>[^/]*)'), methods: ['PUT'], to: forkDocument },
  { name: 'rtc.room', path: at('api/collaboration/room/(?<id>[^/]*)'), upgrade: true, to: room },
  { name: 'rtc.room', path: at('api/collaboration/(?:room|timeline|undo_redo|fork)/(?<id>[^/]*).*'), to: room },
  { name: 'fileid', path: at('api/fileid/.*'), to: byFileQuery },

  { name: 'api', path: at('api'), methods: read, to: any },
  {
    name: 'api.shared',
    path: at('api/(?:me|spec\\.yaml|kernelspecs(?:/.*)?|security/csp-report|notebooks.*)'),
    to: any,
  },
  { name: 'kernelspec.file', path: at('kernelspecs/.*'), methods: read, to: any },
  { name: 'page', path: at('', 'lab(?:/(?!api/).*)?', 'login', 'logout', 'custom/.*', 'bundle/.*'), to: any },
  {
    name: 'lab.shared',
    path: at('lab/api/(?:translations|themes|listings|licenses|news|update|extensions|plugins)(?:/.*)?'),
    to: any,
  },
  {
    name: 'static',
    path: at(
      'static/.*',
      'nbextensions/.*',
      'favicon\\.ico',
      'robots\\.txt',
      'service-worker\\.js',
      'manifest\\.webmanifest',
    ),
    methods: read,
    to: any,
  },
]

const byBeginning = new ByBeginning(rows)

/** Which row a request falls into. Pure. */
export function classify(request: RouteRequest): Classified {
  for (const row of byBeginning.rowsFor(request.path)) {
    if (row.upgrade && !request.upgrade) continue
    if (row.methods && !row.methods.includes(request.method)) continue
    if (!request.path.startsWith(row.path.beginning)) continue
    const match = row.path.whole.exec(request.path)
    if (!match) continue
    // Not passed on as somebody's WebSocket: with its headers one would get past the row.
    if (request.upgrade && !row.upgrade) return { name: row.name, route: { kind: 'no-socket' } }
    return { name: row.name, route: row.to(match.groups ?? {}, request) }
  }
  return { name: request.upgrade ? 'other.socket' : 'other', route: { kind: 'pinned' } }
}

/** Whether two readings of one request go to the same place. Of files alone: which one is their server's to say. */
export function sameRoute(a: Classified, b: Classified): boolean {
  if (a.name !== b.name || a.route.kind !== b.route.kind) return false
  return (
    a.route.kind === 'affine' || a.route.kind === 'open-document' || JSON.stringify(a.route) === JSON.stringify(b.route)
  )
}

function createdByGet({ id }: Record<string, string>): Route {
  return { kind: 'owned', of: 'terminals', id: String(id), creates: true }
}

function owned(of: 'kernels' | 'terminals'): Row['to'] {
  return ({ id }) => ({ kind: 'owned', of, id: String(id) })
}

/** Which file a kernel's relative path means depends on that kernel's folder (ResolvePathHandler). */
function byKernelQuery(_: unknown, { query }: RouteRequest): Route {
  const kernel = new URLSearchParams(query).get('kernel')
  return kernel ? { kind: 'owned', of: 'kernels', id: kernel } : { kind: 'any' }
}

/** A room is `format:type:fileId`, a fork's an id alone (jupyter_server_ydoc/handlers.py). */
export function fileIdOf(room: string): string {
  return room.split(':').at(-1) ?? ''
}

function forkDocument({ room = '' }: Record<string, string>): Route {
  return { kind: 'fork-document', room: decode(room) }
}

function openDocument({ path = '' }: Record<string, string>): Route {
  return { kind: 'open-document', path: decode(path) }
}

/** Its other endpoints name the room or the file id. */
function room({ id = '' }: Record<string, string>): Route {
  return { kind: 'document', by: 'id', id: fileIdOf(decode(id)) }
}

/** The index of file ids is a database of each server: the one that holds the document's room must answer. */
function byFileQuery(_: unknown, { query }: RouteRequest): Route {
  const parameters = new URLSearchParams(query)
  const id = parameters.get('id')
  return id ? { kind: 'document', by: 'id', id } : { kind: 'document', by: 'path', id: parameters.get('path') ?? '' }
}

/** The file, whatever is asked of it: its checkpoints, its download and its saves meet one server. */
function affinityKey(path: string): string {
  return decode(path)
    .replace(/^(?:api\/contents|files|view|nbconvert\/[^/]*|edit|notebooks|consoles|tree|doc(?:\/tree)?)\//, '')
    .replace(/\/(?:checkpoints(?:\/[^/]*)?|trust)$/, '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
