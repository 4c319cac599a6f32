import { costUnit, type Results, type Row } from './record.ts'
import { isTie, type Spread } from './statistics.ts'

/** One table for people: us, each peer, and how many times as much as it we cost. */
export function tableOf({ rows }: Pick<Results, 'rows'>): string {
  const names = [...new Set(rows.flatMap(({ cost }) => Object.keys(cost)))]
  const head = ['work', 'conns', 'cost of', ...names.flatMap((name) => (name === 'pyli' ? [name] : [name, 'ratio']))]
  return aligned([head, ...rows.map((row) => lineOf(row, names))])
}

/** How long clients waited, and how much was done meanwhile, on a machine that others share. */
export function speedTableOf({ rows }: Pick<Results, 'rows'>): string {
  const timed = rows.filter(({ latency }) => Object.keys(latency).length > 0)
  const lines = timed.flatMap((row) =>
    Object.entries(row.throughput).map(([name, { median }]) => {
      const latency = row.latency[name]
      const waits = latency ? [latency.p50, latency.p99, latency.p999].map((ms) => `${short(ms)} ms`) : ['', '', '']
      return [titleOf(row), String(row.connections), name, `${short(median)} ${plural(row.unit)}/s`, ...waits]
    }),
  )
  return aligned([['work', 'conns', 'by', 'throughput', 'p50', 'p99', 'p99.9'], ...lines])
}

/** What long transfers took of memory: the most of any round, as one that is not flat shows in one. */
export function memoryTableOf({ rows }: Pick<Results, 'rows'>): string {
  const told = rows.flatMap((row) => (row.memory ? [{ ...row, memory: row.memory }] : []))
  const names = [...new Set(told.flatMap(({ memory }) => Object.keys(memory)))]
  const lines = told.map(({ memory, ...row }) => {
    const cells = names.map((name) => (memory[name] ? short(memory[name].max) : '–'))
    return [titleOf(row), String(row.connections), ...cells]
  })
  return aligned([['memory beyond rest, MiB', 'conns', ...names], ...lines])
}

export function titleOf({ work, tls }: Pick<Row, 'work' | 'tls'>): string {
  return work.startsWith('handshake') || !tls ? work : `${work} tls`
}

/** A row's name where the connections have no column of their own. */
export function formOf(row: Pick<Row, 'work' | 'tls' | 'connections'>): string {
  return `${titleOf(row)}, ${row.connections.toLocaleString('en')}`
}

function lineOf(row: Row, names: readonly string[]): string[] {
  const cells = names.flatMap((name) => {
    const cost = row.cost[name]
    if (name === 'pyli') return [cost ? withSpread(cost) : '–']
    if (!cost) return ['–', '']
    return [short(cost.median), ratioText(row.ratio[name])]
  })
  return [titleOf(row), String(row.connections), costUnit(row), ...cells]
}

export function ratioText(ratio: Spread | undefined): string {
  if (!ratio) return ''
  const text = ratio.median.toFixed(2)
  return isTie(ratio) ? `${text} tie` : text
}

const withSpread = ({ median, min, max }: Spread): string => `${short(median)} (${short(min)}–${short(max)})`

const plural = (unit: string): string => (unit === 'MiB' ? unit : `${unit}s`)

/** Three digits, or all that stand before the point. */
export function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] as readonly string[]).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  )
  const texts = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] as number)).join('  '))
  return texts.map((text) => `${text.trimEnd()}\n`).join('')
}
