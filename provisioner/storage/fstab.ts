/** A line of /etc/fstab. */
export interface Mount {
  readonly source: string
  readonly type: 'glusterfs' | 'nfs4' | 'none'
  readonly options: readonly string[]
}

const isFor = (place: string) => (line: string) => {
  const [source = '', where] = line.trim().split(/\s+/)
  return where === place && !source.startsWith('#')
}

/** fstab with this as its only line for the place; all others stay as they are. */
export function withMount(fstab: string, place: string, mount: Mount): string {
  const line = [mount.source, place, mount.type, mount.options.join(','), '0 0'].join(' ')
  const lines = linesOf(fstab)
  const at = lines.findIndex(isFor(place))
  if (at < 0) return written([...lines, line])
  return written(lines.flatMap((present, i) => (i === at ? [line] : isFor(place)(present) ? [] : [present])))
}

export const withoutMount = (fstab: string, place: string): string =>
  written(linesOf(fstab).filter((line) => !isFor(place)(line)))

/** Line breaks at its end are not lines. */
const linesOf = (fstab: string): string[] => (fstab.trim() === '' ? [] : fstab.replace(/\n+$/, '').split('\n'))
const written = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/** What is mounted at a place, as the kernel's table tells (/proc/self/mounts): the last one lies on top. */
export function mountedAt(table: string, place: string): { source: string; type: string } | undefined {
  const entry = linesOf(table)
    .map((line) => line.split(' '))
    .findLast(([, where]) => where === place)
  return entry && { source: entry[0] ?? '', type: entry[2] ?? '' }
}
