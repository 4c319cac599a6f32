import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Progress } from '../local/progress.ts'
import { Trouble } from '../local/trouble.ts'

/**
 * One thing that shall hold. A command is a list of them, so that it can be run again at any point: what holds is left
 * alone, and a second run changes nothing.
 */
export interface Step {
  /** What shall hold, as a person would tick it off. */
  readonly title: string
  /** Undefined where it holds; otherwise what is missing, in words. Changes nothing. */
  look(): Promise<string | undefined>
  /** Makes it hold, or begins to. Without it somebody else does, and it is only waited for. */
  change?(): Promise<void>
  /** How long to go on looking before it counts as failed. 0: it must hold as soon as it was changed. */
  readonly patience?: Ms
  /** What to do about it, where looking on was in vain. */
  readonly advice?: string
}

/** The same, with what must be done after each change of it. */
export const followedBy = (step: Step, action: () => Promise<unknown>): Step => ({
  ...step,
  async change() {
    await step.change?.()
    await action()
  },
})

export interface Settling {
  readonly progress: Progress
  readonly stop: AbortSignal
  /** Only tells what is missing. */
  readonly isPlan?: boolean
  readonly sleep: (time: Ms, signal: AbortSignal) => Promise<void>
  readonly clock: () => number
}

const BETWEEN_LOOKS = seconds(1)

/**
 * Looks, changes what does not hold, and looks again, one step after the other. Resolves with the titles of what was
 * changed or, as a plan, would be. Throws Trouble at the first step that cannot be made to hold.
 */
export async function settle(steps: readonly Step[], settling: Settling): Promise<string[]> {
  const changed: string[] = []
  for (const step of steps) {
    const isChanged = settling.isPlan
      ? await foresee(step, settling, changed.length > 0)
      : await settleOne(step, settling)
    if (isChanged) changed.push(step.title)
  }
  return changed
}

/** What depends on an earlier change cannot always be looked at before: no engine answers that is not installed. */
async function foresee(step: Step, { progress, stop }: Settling, isAfterChange: boolean): Promise<boolean> {
  stop.throwIfAborted()
  try {
    const missing = await step.look()
    progress.say(missing === undefined ? `  ✓ ${step.title}` : `  + ${step.title}: ${missing}`)
    return missing !== undefined
  } catch (error) {
    if (!isAfterChange) throw error
    progress.say(`  ? ${step.title}: ${error instanceof Trouble ? error.message : 'this is seen once the above holds'}`)
    return true
  }
}

async function settleOne(step: Step, { progress, stop, sleep, clock }: Settling): Promise<boolean> {
  stop.throwIfAborted()
  progress.doing(step.title)
  let missing = await step.look()
  if (missing === undefined) {
    progress.say(`  ✓ ${step.title}`)
    return false
  }
  const began = clock()
  await step.change?.()
  missing = await step.look()
  while (missing !== undefined && clock() - began < (step.patience ?? 0)) {
    progress.doing(`${step.title}: ${missing}`)
    await sleep(BETWEEN_LOOKS, stop)
    missing = await step.look()
  }
  if (missing !== undefined) throw new Trouble([`${step.title}: ${missing}.`, step.advice].filter(Boolean).join(' '))
  progress.say(`  ✓ ${step.title} (${Math.round((clock() - began) / 1000)} s)`)
  return true
}
