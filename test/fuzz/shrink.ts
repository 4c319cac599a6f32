import type { Case } from './cases.ts'

/** How many times a failing case is tried again while it is made smaller. */
const mostTries = 400

/** A smaller case that fails too. `fails` is asked of each. */
export async function shrink(failing: Case, fails: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let best = failing
  let tries = 0
  const attempt = async (change: Partial<Case['given']>): Promise<boolean> => {
    if (++tries > mostTries) return false
    const smaller = { ...best, given: { ...best.given, ...change } } as Case
    if (!(await fails(smaller))) return false
    best = smaller
    return true
  }
  await attempt({ cuts: [] })
  if (best.side === 'requests') await attempt({ answer: 'sized' } as Partial<Case['given']>)
  for (let size = Math.ceil(best.given.bytes.length / 2); size >= 1 && tries < mostTries; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.given.bytes.length && tries < mostTries; ) {
      const { bytes, cuts } = best.given
      const left = bytes.slice(0, at) + bytes.slice(at + size)
      const moved = cuts.map((cut) => (cut > at ? Math.max(at, cut - size) : cut))
      if (!(await attempt({ bytes: left, cuts: moved }))) at += size
    }
  }
  return best
}

/** A failing case as a test to be put into test/regress/. */
export function asTest({ side, given }: Case, problems: readonly string[], kernel: string): string {
  const judge = side === 'requests' ? 'judgeRequests' : 'judgeResponses'
  const file = side === 'requests' ? 'requests' : 'responses'
  const bytes = JSON.stringify(given.bytes.replaceAll(kernel, 'KERNEL')).replaceAll(
    /[\x7f-\xff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16)}`,
  )
  const rest = JSON.stringify({ ...given, bytes: undefined })
  return `import t from 'tap'
import { ${judge} } from '../fuzz/${file}.ts'
import { Stand } from '../fuzz/stand.ts'

// ${problems.join('\n// ')}
t.test('', async (t) => {
  const stand = await Stand.open()
  t.teardown(() => stand.close())
  const bytes = ${bytes}.replaceAll('KERNEL', stand.kernel)
  t.same(await ${judge}(stand, { ...${rest}, bytes }), [])
})
`
}
