import type { Ms } from '../../gateway/config/units.ts'
import type { Settling } from '../../provisioner/cluster/settle.ts'
import { silent } from '../../provisioner/local/progress.ts'

/** Nobody watches, and time passes by waiting alone: in each pause the others go on. */
export function quietly(goOn: (second: number) => void = () => {}): Settling {
  let now = 0
  return {
    progress: silent,
    stop: new AbortController().signal,
    sleep: async (passed: Ms) => {
      now += passed
      goOn(now / 1000)
    },
    clock: () => now,
  }
}
