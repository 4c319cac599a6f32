import { comparesTimes, costUnit, peersOf, type Results, type Row } from './record.ts'
import { formOf, ratioText, short } from './table.ts'

/** What ours costs, and how many times as much that is as with each peer, for the README: Markdown. */
export function ratiosTable({ machine, date, rounds, versions, rows }: Results): string {
  const peers = peersOf(rows)
  const head = ['work, connections', 'ours', ...peers.map((peer) => `to ${peer}`)]
  const cells = [head, head.map(() => '---'), ...rows.map((row) => cellsOf(row, peers))]
  const others = peers.map((peer) => `${peer} ${versions[peer]}`).join(', ')
  return (
    `Measured ${date.slice(0, 10)} on ${machine}; ${rounds} rounds; ${others}. Below 1 ours is cheaper; a *tie* is where ` +
    `rounds disagree on who is.\n\n${cells.map((line) => `| ${line.join(' | ')} |\n`).join('')}`
  )
}

function cellsOf(row: Row, peers: readonly string[]): string[] {
  const { work, cost, ratio } = row
  const ours = cost.pyli ? `${short(cost.pyli.median)} ${costUnit(row)}` : '–'
  const name = formOf(row)
  return [
    comparesTimes(work) ? `${name} (ratios of time)` : name,
    ours,
    ...peers.map((peer) => ratioText(ratio[peer]) || '–'),
  ]
}
