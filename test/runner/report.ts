import { styleText } from 'node:util'
import type { Outcome } from './outcomes.ts'
import type { FileReport } from './run-file.ts'

type Kind = Outcome['kind']

const paint: Readonly<Record<Kind, (text: string) => string>> = {
  passed: (text) => styleText('green', text),
  failed: (text) => styleText('red', text),
  skipped: (text) => styleText('yellow', text),
}
const SIGN: Readonly<Record<Kind, string>> = { passed: '✔', failed: '✘', skipped: '-' }

export function count(outcomes: readonly Outcome[], kind: Kind): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length
}

/** `12 passed, 0 failed`: programs read this line too, so its form stays as it is. */
export function summary(outcomes: readonly Outcome[]): string {
  const skipped = count(outcomes, 'skipped')
  const line = `${count(outcomes, 'passed')} passed, ${count(outcomes, 'failed')} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}

/** One line for a file that passed; its failures in full, and with `all` each of its tests. */
export function fileLines({ run: { name }, outcomes, words, took }: FileReport, all: boolean): string[] {
  const failures = outcomes.filter(({ kind }) => kind === 'failed')
  const kind = failures.length > 0 ? 'failed' : count(outcomes, 'passed') > 0 ? 'passed' : 'skipped'
  const lines = [`${paint[kind](SIGN[kind])} ${name}  ${summary(outcomes)} (${(took / 1000).toFixed(1)} s)`]
  for (const outcome of all ? outcomes : failures) {
    lines.push(`    ${paint[outcome.kind](SIGN[outcome.kind])} ${titleOf(outcome)}`)
    if (outcome.kind === 'failed') lines.push(...outcome.details.map((detail) => `        ${detail}`))
  }
  if (failures.length > 0 && words.length > 0) {
    lines.push('    and it printed', ...words.slice(-WORDS_SHOWN).map((line) => `        ${line}`))
  }
  return lines
}

const WORDS_SHOWN = 250

export function skipLines(reports: readonly FileReport[]): string[] {
  return reports.flatMap(({ run: { name }, outcomes }) =>
    outcomes
      .filter(({ kind }) => kind === 'skipped')
      .map((outcome) => `skipped: ${name} › ${titleOf(outcome)}: ${outcome.details.join(' ')}`),
  )
}

/** What failed once is told, though it counts as passed: it is a fault of the test or of the program, and to be looked for. */
export const unsteadyLines = (unsteady: readonly FileReport[]): string[] =>
  unsteady.flatMap(({ run: { name }, outcomes }) =>
    outcomes
      .filter(({ kind }) => kind === 'failed')
      .map(
        (outcome) => `unsteady: ${name} › ${titleOf(outcome)}: failed (above), and passed when it was run once more`,
      ),
  )

const titleOf = ({ title }: Outcome): string => (title.length === 0 ? '(the file)' : title.join(' › '))
