import { basename } from 'node:path'
import type { Finding } from './convert.ts'
import { scopeOf, shown } from './scope.ts'
import type { Site } from './site.ts'
import { lost, needless, type Setting, type Verdict } from './verdict.ts'

interface Winner {
  readonly finding: Finding
  readonly depth: number
  readonly value: string
}

/**
 * Where several directives set one option, the one nearest to the main location holds, as with nginx. What another
 * location alone says holds there alone, and our options hold everywhere.
 */
export function overrule(findings: readonly Finding[], site: Site): readonly Finding[] {
  const winners = new Map<string, Winner>()
  for (const finding of findings) {
    const depth = depthOf(finding, site)
    for (const { flag, value, isList } of settingsOf(finding)) {
      if (isList || depth === 0) continue
      if (depth >= (winners.get(flag)?.depth ?? 0)) winners.set(flag, { finding, depth, value })
    }
  }
  return findings.map((finding) => {
    const verdict = outcome(finding, depthOf(finding, site), winners)
    return verdict ? { ...finding, verdict } : finding
  })
}

function outcome(finding: Finding, depth: number, winners: ReadonlyMap<string, Winner>): Verdict | undefined {
  for (const { flag, value } of settingsOf(finding)) {
    const winner = winners.get(flag)
    if (winner?.value === value || flag === '--backends') continue
    if (depth === 0) return lost(`it holds for ${location(finding)} alone, and ${flag} for all`)
    if (winner === undefined) continue
    const { file, line } = winner.finding.directive
    return winner.depth === depth
      ? lost(`${flag} is one, and ${basename(file)}:${line} says it last`)
      : needless(`${basename(file)}:${line} overrules it`)
  }
  return undefined
}

const settingsOf = ({ verdict }: Finding): readonly Setting[] => (verdict.as === 'carried' ? verdict.settings : [])

/** 0 for what cannot overrule. */
function depthOf(finding: Finding, site: Site): number {
  const scope = scopeOf(finding, site)
  return scope.kind === 'ours' ? scope.depth : scope.kind === 'redirect' ? 1 : 0
}

function location({ around }: Finding): string {
  const block = around.findLast(({ name }) => name === 'location')
  return block ? shown(block) : 'one place'
}
