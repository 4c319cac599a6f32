import type { Backend } from '../pool/backend.ts'
import { BackendFailure } from '../upstream/client.ts'
import { aliasOf, shownIdOf } from './alias.ts'
import { idOf, type Kind, type Model, parseList } from './models.ts'
import type { Owners } from './owners.ts'
import type { SurveyNews } from './survey-news.ts'

/** What one backend answered when it was asked for all of a kind. */
export interface Listing {
  readonly entries: readonly Model[]
  /** When it was asked, in the clock's milliseconds. */
  readonly at: number
  /** How many changes had passed to that backend when it was asked. */
  readonly version: number
}

/**
 * `recent`: no older than the maximal age, and than every change that passed through here.
 * `now`: asked after this call, for decisions that must see what other gateways did.
 */
export type Freshness = 'recent' | 'now'

export interface SurveyOptions {
  /** GET of an API path with the gateway's own credentials. */
  readonly ask: (backend: Backend, path: string) => Promise<{ status: number; body: Buffer }>
  readonly owners: Owners
  readonly now: () => number
  /** Milliseconds. */
  readonly maxAge: number
  /** Tells the other workers what an answer taught. */
  readonly tell?: (news: SurveyNews) => void
}

/** The gateway's token is not the backend's, or the answer is not Jupyter's: nothing can be known of that backend. */
export class SurveyRefused extends Error {
  override readonly name = 'SurveyRefused'
}

interface Cell {
  listing?: Listing
  asking?: { readonly version: number; readonly answer: Promise<Listing> }
  /** Those who came too late for what is being asked share the next one. */
  next?: Promise<Listing>
}

interface Sheet {
  version: number
  /** Set when the last question found nobody listening: a process that is not there has no kernels. */
  refused: boolean
  readonly cells: Record<Kind, Cell>
}

/**
 * Which kernels, sessions and terminals each backend has. Asked in the gateway's own name and shared by all clients:
 * however many browsers poll, a backend is asked for each list about once a second.
 */
export class Survey {
  readonly #options: SurveyOptions
  readonly #sheets = new WeakMap<Backend, Sheet>()

  constructor(options: SurveyOptions) {
    this.#options = options
  }

  /** The list of one kind from one backend. Rejects with BackendFailure or SurveyRefused. */
  list(backend: Backend, kind: Kind, freshness: Freshness): Promise<Listing> {
    const { listing, asking } = this.#sheet(backend).cells[kind]
    if (freshness === 'recent') {
      if (listing && this.isRecent(backend, kind)) return Promise.resolve(listing)
      if (asking?.version === this.#sheet(backend).version) return asking.answer
    }
    return this.#askNext(backend, kind)
  }

  /** Whether its last list would do, with nobody asked. */
  isRecent(backend: Backend, kind: Kind): boolean {
    const { version, cells } = this.#sheet(backend)
    const { listing } = cells[kind]
    return listing?.version === version && this.#options.now() - listing.at <= this.#options.maxAge
  }

  /** The last list that a backend gave, however old. */
  last(backend: Backend, kind: Kind): Listing | undefined {
    return this.#sheets.get(backend)?.cells[kind].listing
  }

  /** Whether nobody listened at the backend's address when it was last asked. */
  wasRefused(backend: Backend): boolean {
    return this.#sheets.get(backend)?.refused ?? false
  }

  /** A question to this backend failed, one of ours or a probe. */
  noteFailure(backend: Backend, error: unknown): void {
    this.#sheet(backend).refused = error instanceof BackendFailure && isRefusal(error)
  }

  /** A change has passed to this backend: what was listed before, or is being asked now, is no longer recent. */
  changed(backend: Backend): void {
    this.#sheet(backend).version++
    this.#options.tell?.({ kind: 'changed', backend: backend.key })
  }

  /**
   * An answer told of something that a backend has. It is remembered, counted as load, and stands in the last list even
   * if that backend falls silent before it is asked again. `entry` as the backend itself would list it.
   */
  has(backend: Backend, kind: Kind, entry: Model): void {
    this.#has(backend, kind, entry)
    this.#options.tell?.({ kind: 'has', backend: backend.key, of: kind, entry })
  }

  /** An answer told that something is no more. `id` as its users know it. */
  hasNot(backend: Backend, kind: Kind, id: string): void {
    this.#hasNot(backend, kind, id)
    this.#options.tell?.({ kind: 'has-not', backend: backend.key, of: kind, id })
  }

  /** What another worker was told. */
  hear(backend: Backend, news: SurveyNews): void {
    if (news.kind === 'has') this.#has(backend, news.of, news.entry)
    else if (news.kind === 'has-not') this.#hasNot(backend, news.of, news.id)
    else this.#sheet(backend).version++
  }

  #has(backend: Backend, kind: Kind, entry: Model): void {
    const isNew = this.#options.owners.learn(kind, shownIdOf(kind, entry), backend, idOf(kind, entry))
    if (kind === 'kernels' && isNew) backend.carries++
    this.#editLast(backend, kind, (entries) => [...without(kind, entries, shownIdOf(kind, entry)), entry])
    this.#sheet(backend).version++
  }

  #hasNot(backend: Backend, kind: Kind, id: string): void {
    const wasKnown = this.#options.owners.forget(kind, id, backend)
    if (kind === 'kernels' && wasKnown && backend.carries > 0) backend.carries--
    this.#editLast(backend, kind, (entries) => without(kind, entries, id))
    this.#sheet(backend).version++
  }

  /** The backend is gone, and what lived in it. */
  forget(backend: Backend): void {
    this.#sheets.delete(backend)
    this.#options.owners.forgetBackend(backend)
    backend.carries = 0
  }

  #askNext(backend: Backend, kind: Kind): Promise<Listing> {
    const cell = this.#sheet(backend).cells[kind]
    if (cell.next) return cell.next
    if (!cell.asking) return this.#ask(backend, kind, cell)
    const ask = () => {
      delete cell.next
      return this.#ask(backend, kind, cell)
    }
    cell.next = cell.asking.answer.then(ask, ask)
    return cell.next
  }

  #ask(backend: Backend, kind: Kind, cell: Cell): Promise<Listing> {
    const { version } = this.#sheet(backend)
    const answer = this.#fetch(backend, kind, version)
    cell.asking = { version, answer }
    const done = () => {
      if (cell.asking?.answer === answer) delete cell.asking
    }
    answer.then(done, done)
    return answer
  }

  async #fetch(backend: Backend, kind: Kind, version: number): Promise<Listing> {
    const sheet = this.#sheet(backend)
    const at = this.#options.now()
    try {
      const entries = readList(kind, await this.#options.ask(backend, `api/${kind}`))
      const listing = { entries, at, version }
      sheet.refused = false
      if (this.#sheets.get(backend) === sheet) this.#store(backend, kind, listing)
      return listing
    } catch (error) {
      this.noteFailure(backend, error)
      throw error
    }
  }

  #store(backend: Backend, kind: Kind, listing: Listing): void {
    const { owners } = this.#options
    const sheet = this.#sheet(backend)
    const cell = sheet.cells[kind]
    const ids = new Set(listing.entries.map((entry) => shownIdOf(kind, entry)))
    const missing = (cell.listing?.entries ?? []).filter((entry) => !ids.has(shownIdOf(kind, entry)))
    for (const entry of listing.entries) this.#learn(backend, kind, entry)
    // An answer that was overtaken by a change may miss what that change made: it teaches, but takes nothing away.
    const isOvertaken = listing.version !== sheet.version
    cell.listing = isOvertaken ? { ...listing, entries: [...listing.entries, ...missing] } : listing
    if (kind === 'kernels') backend.carries = cell.listing.entries.length
    if (isOvertaken) return
    for (const entry of missing) owners.forget(kind, shownIdOf(kind, entry), backend)
  }

  #editLast(backend: Backend, kind: Kind, edit: (entries: readonly Model[]) => readonly Model[]): void {
    const cell = this.#sheet(backend).cells[kind]
    if (cell.listing) cell.listing = { ...cell.listing, entries: edit(cell.listing.entries) }
  }

  #learn(backend: Backend, kind: Kind, entry: Model): void {
    const { owners } = this.#options
    const localId = idOf(kind, entry)
    const id = shownIdOf(kind, entry)
    const known = owners.get(kind, id)
    // Between a session's move and the end of the one it replaces both are listed: the moved one has the name.
    const movedElsewhere = known !== undefined && known.backend !== backend && known.localId !== id
    if (kind === 'sessions' && aliasOf(entry) === undefined && movedElsewhere) return
    owners.learn(kind, id, backend, localId, 'survey')
  }

  #sheet(backend: Backend): Sheet {
    const known = this.#sheets.get(backend)
    if (known) return known
    const sheet: Sheet = { version: 0, refused: false, cells: { kernels: {}, sessions: {}, terminals: {} } }
    this.#sheets.set(backend, sheet)
    return sheet
  }
}

function without(kind: Kind, entries: readonly Model[], id: string): readonly Model[] {
  return entries.filter((entry) => shownIdOf(kind, entry) !== id)
}

function readList(kind: Kind, { status, body }: { status: number; body: Buffer }): Model[] {
  if (status === 404 && kind === 'terminals') return [] // a server with terminals switched off
  if (status === 401 || status === 403)
    throw new SurveyRefused(`its answer to our token is ${status}: is that its IdentityProvider.token?`)
  const entries = status === 200 ? parseList(body) : undefined
  if (!entries) throw new SurveyRefused(`its answer to GET api/${kind} is ${status} and no list`)
  return entries
}

function isRefusal(failure: BackendFailure): boolean {
  return (
    failure.code === 'backend-refused' && (failure.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED'
  )
}
