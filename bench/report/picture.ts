import { comparesTimes, peersOf, type Results, type Row } from './record.ts'
import type { Spread } from './statistics.ts'
import { formOf, ratioText } from './table.ts'

// All in pixels.
const WIDTH = 860
const LEFT = 190
const RIGHT = 30
const TOP = 96
const LINE = 26
const BOTTOM = 20
/** About as wide as one of them is. */
const LETTER = 7.3

/** What a ratio may be and still have its place; beyond it stands at the edge. */
const [LEAST, MOST] = [1 / 16, 16]
const TICKS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16]

/** Told apart by shape as well as by colour; in the order in which peers come. */
const MARKS = [
  { colour: '#1f77b4', shape: 'M-5,-5H5V5H-5Z' },
  { colour: '#d62728', shape: 'M0,-6L6,5H-6Z' },
  { colour: '#2ca02c', shape: 'M0,-6.5L6.5,0L0,6.5L-6.5,0Z' },
  { colour: '#9467bd', shape: 'M-6,-5H6L0,6Z' },
  { colour: '#b8860b', shape: 'M-5.5,0A5.5,5.5,0,1,0,5.5,0A5.5,5.5,0,1,0,-5.5,0Z' },
] as const

/**
 * A picture (SVG) of results: one line for each work, and on it how many times as much as each peer ours costs, with the
 * spread of the rounds. Left of the middle ours is cheaper. Readable on light and dark pages.
 */
export function pictureOf({ machine, date, rounds, rows }: Results): string {
  const peers = peersOf(rows)
  const height = TOP + rows.length * LINE + BOTTOM
  const title = `What Pyli costs beside other proxies: CPU time for each unit of work (${date.slice(0, 10)})`
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    '<style>text{fill:#24292f}.quiet{fill:#57606a}.grid{stroke:#d0d7de}.one{stroke:#24292f}.paper{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.grid{stroke:#30363d}.one{stroke:#e6edf3}.paper{fill:#0d1117}}</style>',
    '<rect class="paper" width="100%" height="100%"/>',
    `<text x="16" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
    `<text x="16" y="43" class="quiet">${escaped(`Left of 1× Pyli is cheaper. Median and spread of ${rounds} rounds on ${machine}`)}</text>`,
    ...legend(peers),
    ...TICKS.flatMap((tick) => scaleLine(tick, height)),
    ...rows.flatMap((row, index) => line(row, TOP + index * LINE + LINE / 2, peers)),
    '</svg>',
  ].join('\n')}\n`
}

function legend(peers: readonly string[]): string[] {
  let x = LEFT
  return peers.flatMap((peer, index) => {
    const entry = [mark(index, x, 62), `<text x="${x + 12}" y="66">${escaped(peer)}</text>`]
    x += 12 + peer.length * LETTER + 24
    return entry
  })
}

function scaleLine(tick: number, height: number): string[] {
  const x = at(tick)
  const label = tick < 1 ? `1/${1 / tick}` : `${tick}×`
  return [
    `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${x}" y1="${TOP - 4}" x2="${x}" y2="${height - BOTTOM}"/>`,
    `<text class="quiet" font-size="11" text-anchor="middle" x="${x}" y="${TOP - 10}">${label}</text>`,
  ]
}

function line(row: Row, y: number, peers: readonly string[]): string[] {
  const name = `${formOf(row)}${comparesTimes(row.work) ? ' (time)' : ''}`
  return [
    `<text x="${LEFT - 16}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>`,
    ...peers.flatMap((peer, index) => {
      const ratio = row.ratio[peer]
      return ratio ? [comparison(ratio, index, y, `${name}: ${ratioText(ratio)} times ${peer}`)] : []
    }),
  ]
}

function comparison({ median, min, max }: Spread, index: number, y: number, told: string): string {
  const { colour } = MARKS[index % MARKS.length] as (typeof MARKS)[number]
  const spread = `<line stroke="${colour}" stroke-opacity=".5" stroke-width="2" x1="${at(min)}" y1="${y}" x2="${at(max)}" y2="${y}"/>`
  return `<g><title>${escaped(told)}</title>${spread}${mark(index, at(median), y)}</g>`
}

function mark(index: number, x: number, y: number): string {
  const { colour, shape } = MARKS[index % MARKS.length] as (typeof MARKS)[number]
  return `<path fill="${colour}" d="${shape}" transform="translate(${x} ${y})"/>`
}

/** Twice and half as much are as far from the middle. */
function at(ratio: number): number {
  const inside = Math.min(MOST, Math.max(LEAST, ratio))
  const share = Math.log(inside / LEAST) / Math.log(MOST / LEAST)
  return Math.round((LEFT + share * (WIDTH - LEFT - RIGHT)) * 10) / 10
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
