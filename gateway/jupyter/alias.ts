import { idOf, type Kind, type Model, objectField } from './models.ts'

/**
 * A session that was moved to another backend keeps, for its users, the id under which they know it: JupyterLab
 * disposes a session whose id leaves the list. The old id travels at the end of the new session's name, in Jupyter's
 * own memory, so that every gateway and a restarted one know it without a table:
 *
 *     name "analysis.ipynb␟0f3b…-…"   →   shown as id 0f3b…-…, name "analysis.ipynb"
 *
 * U+001F (unit separator) cannot be typed into a file dialog, and Jupyter stores it unchanged.
 */
const separator = '\u001f'
const sessionId = /^\w+-\w+-\w+-\w+-\w+$/

/** A name that carries the id under which the session shall be shown. */
export function markName(name: string, shownId: string): string {
  return `${plainName(name)}${separator}${shownId}`
}

/** The name as its users know it. */
export function plainName(name: string): string {
  const plain = split(name)?.name
  return plain === undefined ? name : plainName(plain)
}

/** A client's model without a mark of its own making, with which it would take another session's place. */
export function withPlainName(model: Model): Model {
  const { name } = model
  return typeof name === 'string' && plainName(name) !== name ? { ...model, name: plainName(name) } : model
}

/** The id under which users know a session: its alias, or its own. */
export function shownId(session: Model): string {
  return aliasOf(session) ?? String(session.id)
}

/** The id under which users know an entry of that kind. */
export function shownIdOf(kind: Kind, entry: Model): string {
  return kind === 'sessions' ? shownId(entry) : idOf(kind, entry)
}

/** The id that a moved session had before it moved. */
export function aliasOf(session: Model): string | undefined {
  const name = session.name
  return typeof name === 'string' ? split(name)?.id : undefined
}

/** The session as its users know it. Models without a marker are returned as they are. */
export function showSession<T extends Model>(session: T): T {
  const alias = aliasOf(session)
  if (alias === undefined) return session
  const name = plainName(String(session.name))
  const notebook = objectField(session, 'notebook')
  return { ...session, id: alias, name, ...(notebook && { notebook: { ...notebook, name } }) }
}

function split(name: string): { name: string; id: string } | undefined {
  const at = name.lastIndexOf(separator)
  const id = name.slice(at + 1)
  return at >= 0 && sessionId.test(id) ? { name: name.slice(0, at), id } : undefined
}
