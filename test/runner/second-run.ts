import { hasFailure } from './outcomes.ts'
import type { FileReport } from './run-file.ts'
import type { TestRun } from './selection.ts'

/**
 * Only tests with real servers, browsers and containers, which a busy machine can make late in a thousand ways; and only where a few
 * of them failed, as a fault of the program shows in many.
 */
const MAY_BE_LATE = /^test\/(?:whole|image)\//
const FEW = 3

export function onceMore(reports: readonly FileReport[]): TestRun[] {
  const failed = reports.filter(({ outcomes }) => hasFailure(outcomes)).map(({ run }) => run)
  return failed.length <= FEW && failed.every(({ file }) => MAY_BE_LATE.test(file)) ? failed : []
}

/** The second runs in place of the first ones; and the first ones of those that passed now. */
export function withSecondRuns(
  first: readonly FileReport[],
  second: readonly FileReport[],
): { readonly reports: FileReport[]; readonly unsteady: FileReport[] } {
  const again = new Map(second.map((report) => [report.run.name, report]))
  return {
    reports: first.map((report) => again.get(report.run.name) ?? report),
    unsteady: first.filter(({ run: { name } }) => {
      const report = again.get(name)
      return report !== undefined && !hasFailure(report.outcomes)
    }),
  }
}
