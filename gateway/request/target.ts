/** Where a request points, read once. */
export interface Target {
  /** Origin-form as it came: what the backend gets, byte for byte. */
  readonly raw: string
  /** The raw path, and the same with percent-escapes, dot segments and doubled slashes resolved. */
  readonly path: string
  readonly normalPath: string
  /** With its question mark, or empty. */
  readonly query: string
  /** The authority of an absolute-form target (RFC 9112 3.2.2), which must then be the Host. */
  readonly authority: string | undefined
}

const visible = /^[\x21-\x7e]+$/
const absolute = /^https?:\/\/([^/?#]*)(.*)$/i

/** Reads a request target (RFC 9112 3.2), or undefined for one that no Jupyter could mean. */
export function parseTarget(target: string): Target | undefined {
  if (!visible.test(target) || target.includes('#') || target.includes('\\')) return undefined
  const [, authority, rest = ''] = absolute.exec(target) ?? []
  const raw = authority === undefined ? target : rest.startsWith('/') ? rest : `/${rest}`
  if (!raw.startsWith('/')) return undefined // authority-form, asterisk-form: there is nothing here to CONNECT to
  const end = raw.indexOf('?')
  const path = end < 0 ? raw : raw.slice(0, end)
  const normalPath = normalize(path)
  if (normalPath === undefined) return undefined
  return { raw, path, normalPath, query: end < 0 ? '' : raw.slice(end), authority }
}

/** As a lenient server behind us might read the path. Undefined where it holds what none should read. */
function normalize(path: string): string | undefined {
  if (!path.includes('%') && !path.includes('//') && !path.includes('/.')) return path
  const decoded = decode(path)?.replaceAll('\\', '/')
  if (decoded === undefined || decoded.includes('\0')) return undefined
  const segments: string[] = []
  for (const segment of decoded.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const slash = segments.length > 0 && /\/\.{0,2}$/.test(decoded) ? '/' : ''
  return `/${segments.join('/')}${slash}`
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined // an escape that is no UTF-8: Jupyter could not name such a file either
  }
}
