import { inspect } from 'node:util'
import type { Result } from 'tap-parser'
import type { TapEntry, TapNode } from './tap-tree.ts'

/** One test as a person counts them: a `t.test` that holds no other `t.test`, or a file that holds none. */
export interface Outcome {
  readonly kind: 'passed' | 'failed' | 'skipped'
  /** From the outermost test inwards; empty for the file itself. */
  readonly title: readonly string[]
  /** Why it was skipped, or what went wrong. */
  readonly details: readonly string[]
}

export const hasFailure = (outcomes: readonly Outcome[]): boolean => outcomes.some(({ kind }) => kind === 'failed')

/** `problem` is how the process ended, if badly: a failure of the file, unless one of its tests tells more. */
export function outcomesOfFile(root: TapNode, problem: string | undefined): Outcome[] {
  const outcomes = outcomesOf(root)
  const tests = outcomes.filter(({ title }) => title.length > 0)
  return problem === undefined || hasFailure(tests) ? outcomes : [...tests, failed([], [problem])]
}

/** TAP counts assertions, and tests on each level of nesting; neither is what one means by "12 tests". */
function outcomesOf(node: TapNode, title: readonly string[] = []): Outcome[] {
  const outcomes = node.entries.some(({ child }) => child !== undefined) ? ofTests(node, title) : ofOneTest(node, title)
  const isWrong = node.results?.ok === false && !hasFailure(outcomes)
  return isWrong ? [...outcomes.filter(({ title: at }) => at !== title), failed(title, errorsOf(node))] : outcomes
}

function ofTests({ entries }: TapNode, title: readonly string[]): Outcome[] {
  return entries.flatMap((entry) => {
    const at = [...title, entry.point.name]
    if (isSkipped(entry)) return [skipped(title, entry.point)]
    const inside = entry.child === undefined ? [] : outcomesOf(entry.child, at)
    // A test may fail after its last assertion has held: in its teardown, or because it did not end in time.
    return entry.point.ok || hasFailure(inside) ? inside : [failed(at, describe(entry.point))]
  })
}

function ofOneTest({ entries, results }: TapNode, title: readonly string[]): Outcome[] {
  const broken = entries.filter((entry) => !entry.point.ok && !isSkipped(entry))
  if (broken.length > 0)
    return [
      failed(
        title,
        broken.flatMap(({ point }) => describe(point)),
      ),
    ]
  const wholeReason = results?.plan.skipAll === true ? results.plan.skipReason : ''
  if (wholeReason === NOTHING_RAN) return [failed(title, [wholeReason])]
  if (wholeReason !== '' && results?.ok === true) return [{ kind: 'skipped', title, details: [wholeReason] }]
  const notRun = entries.filter(isSkipped).map(({ point }) => skipped(title, point))
  return notRun.length > 0 && notRun.length === entries.length
    ? notRun
    : [...notRun, { kind: 'passed', title, details: [] }]
}

/** tap's words, written as if it were a reason to skip: the file ended before its first test. */
const NOTHING_RAN = 'no tests found'

const isSkipped = ({ point }: TapEntry): boolean => Boolean(point.skip || point.todo)

const failed = (title: readonly string[], details: readonly string[]): Outcome => ({ kind: 'failed', title, details })

/** `t.test(name, { skip: why })` names what is skipped; `t.skip(why)` within a test has the reason for its name. */
function skipped(title: readonly string[], { name, skip, todo }: Result): Outcome {
  const reason = [skip, todo].find((given) => typeof given === 'string')
  return typeof reason === 'string'
    ? { kind: 'skipped', title: [...title, name], details: [reason] }
    : { kind: 'skipped', title, details: [name] }
}

/** The name, then what tap found: the difference, or the error's own words, and where. */
function describe({ name, diag }: Result): string[] {
  const { diff, found, wanted, at, stack, ...others } = (diag ?? {}) as Record<string, unknown>
  const lines = [name]
  if (typeof diff === 'string') lines.push(...diff.trimEnd().split('\n'))
  else if (wanted !== undefined || found !== undefined) lines.push(`wanted ${show(wanted)}`, `found  ${show(found)}`)
  for (const [key, value] of Object.entries(others))
    if (value !== null && !NOISE.has(key)) lines.push(`${key}: ${show(value)}`)
  if (typeof stack === 'string')
    lines.push(
      ...stack
        .trimEnd()
        .split('\n')
        .map((line) => `at ${line}`),
    )
  else if (at !== undefined) lines.push(`at ${show(at)}`)
  return lines
}

/** The lines of source around it, which one opens anyway, and how tap came to see it. */
const NOISE: ReadonlySet<string> = new Set([
  'source',
  'tapCaught',
  'isToplevel',
  'jobId',
  'externalID',
  'stdio',
  'compare',
])

function show(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value)
  } catch {
    // It holds itself, as the error of a program that was ended for its time does.
    return inspect(value)
  }
}

const errorsOf = ({ results }: TapNode): string[] =>
  results?.failures.map((failure) => ('tapError' in failure && failure.tapError) || String(failure.name ?? 'failed')) ??
  []
