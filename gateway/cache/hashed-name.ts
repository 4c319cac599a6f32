/** Where Jupyter's own files and those of its extensions are, below the base URL. */
const folders = /^(?:static|lab\/extensions)\//

/** What a bundler puts into a name: other content has another one. */
const contentHash = /(?:^|[/.-])([0-9a-f]{16,64})\.[^/]*$/

/**
 * Whether a path names its content. Files whose names say nothing of it are not kept, even where the server calls them
 * immutable: they change with the image all the same. A query is that hash again or none at all, so that nobody can fill
 * the cache with one file under many names.
 */
export function namesItsContent(path: string, query: string): boolean {
  if (!folders.test(path)) return false
  const hash = contentHash.exec(path)?.[1]
  return hash !== undefined && (query === '' || query === `?v=${hash}`)
}
