import t from 'tap'
import type { Address } from '../../gateway/config/config.ts'
import { discover } from '../../gateway/control/discover.ts'
import { Roster } from '../../gateway/control/roster.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Pool } from '../../gateway/pool/pool.ts'

const [a, b] = [
  { host: '10.0.0.1', port: 8888 },
  { host: '10.0.0.2', port: 8888 },
]

/** Discovery gives these answers, one a round, and then ends. */
async function run(
  answers: readonly (readonly (Address | undefined)[] | Error)[],
  remembered: readonly Address[] = [],
) {
  const pool = new Pool({ now: () => 0, random: () => 0, slowStart: 0 })
  const never = () => false
  const roster = new Roster({ pool, now: () => 0, isGone: never, isIdle: never, forgetAfter: 0 })
  const lines: { msg: string; fault?: string }[] = []
  const rounds: string[] = []
  const controller = new AbortController()
  let round = 0
  let firsts = 0
  const addresses = async () => {
    if (round > 0)
      rounds.push(
        pool
          .all()
          .map(({ key, state }) => `${key} ${state}`)
          .join(),
      )
    const answer = answers[round++]
    if (round > answers.length) controller.abort()
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('over')
    return answer as readonly Address[]
  }
  await discover({
    discovery: { addresses },
    roster,
    afterFirst: () => {
      firsts++
      for (const address of remembered) roster.remembered(address)
    },
    log: createLog('json', { write: (line) => void lines.push(JSON.parse(line)) }),
    signal: controller.signal,
    random: () => 0.5,
    sleep: async () => {},
  })
  return { rounds, lines, firsts }
}

t.test('the backends known last are kept while discovery knows nothing', async (t) => {
  const unknown = new Error('tasks.jupyter has no address now')
  const { rounds } = await run([[a], unknown, [], unknown])
  t.same(rounds, Array(4).fill('10.0.0.1:8888 joining'))
})

t.test('that it knows nothing is said once, and so is its return', async (t) => {
  const { lines } = await run([new Error('x is silent'), new Error('y is silent'), [a], [a], new Error('z is silent')])
  t.same(
    lines.map(({ msg, fault }) => fault ?? msg),
    ['x is silent', 'discovery answers again', 'z is silent'],
  )
})

t.test('what an earlier gateway knew is added in the same moment as discovery’s first answer', async (t) => {
  const { rounds, firsts } = await run([[a], [a, b]], [a, b])
  t.equal(firsts, 1, 'and never again: it may have been forgotten since')
  t.same(rounds, ['10.0.0.1:8888 joining,10.0.0.2:8888 draining', '10.0.0.1:8888 joining,10.0.0.2:8888 joining'])
})

t.test('and also if there is no answer', async (t) => {
  const { rounds } = await run([new Error('no'), [a]], [b])
  t.same(rounds, ['10.0.0.2:8888 draining', '10.0.0.2:8888 draining,10.0.0.1:8888 joining'])
})
