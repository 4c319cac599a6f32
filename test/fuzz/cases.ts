import type { Chance } from './chance.ts'
import { answerSeeds, kernelMark, requestSeeds } from './corpus.ts'
import { mutate } from './mutations.ts'
import { answerForms, judgeRequests, type RequestCase } from './requests.ts'
import { judgeResponses, type ResponseCase } from './responses.ts'
import type { Stand } from './stand.ts'

export type Case =
  | { readonly side: 'requests'; readonly given: RequestCase }
  | { readonly side: 'answers'; readonly given: ResponseCase }

/** Seeds beside our own. */
export interface Corpus {
  readonly requests: readonly string[]
  readonly answers: readonly string[]
}

export const noCorpus: Corpus = { requests: [], answers: [] }

export function makeCase(chance: Chance, stand: Stand, more: Corpus): Case {
  // One case about answers is of ten exchanges.
  if (chance.oneIn(5)) {
    const bytes = mutate([...answerSeeds, ...more.answers], chance)
    const cuts = cutsIn(bytes, chance)
    const leaving = chance.pick(['stay', 'stay', 'end', 'reset'] as const)
    const asked = chance.pick(['GET', 'GET', 'HEAD', 'POST', 'handshake'] as const)
    return { side: 'answers', given: { bytes, cuts, leaving, asked } }
  }
  const bytes = mutate([...requestSeeds, ...more.requests], chance).replaceAll(kernelMark, stand.kernel)
  const leaving = chance.pick(['wait', 'wait', 'wait', 'wait', 'wait', 'end', 'reset'] as const)
  return { side: 'requests', given: { bytes, cuts: cutsIn(bytes, chance), leaving, answer: chance.pick(answerForms) } }
}

export function judgeCase(stand: Stand, { side, given }: Case): Promise<string[]> {
  return side === 'requests' ? judgeRequests(stand, given) : judgeResponses(stand, given)
}

function cutsIn(text: string, chance: Chance): number[] {
  if (chance.oneIn(2)) return []
  // Octet by octet, as far as that is no waste of time.
  if (chance.oneIn(20) && text.length < 400) return Array.from(text, (_, at) => at).slice(1)
  return Array.from({ length: 1 + chance.below(5) }, () => chance.placeIn(text)).sort((a, b) => a - b)
}
