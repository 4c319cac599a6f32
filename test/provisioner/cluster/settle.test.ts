import t from 'tap'
import { type Ms, seconds } from '../../../gateway/config/units.ts'
import { followedBy, type Settling, type Step, settle } from '../../../provisioner/cluster/settle.ts'

function stage(options: { isPlan?: boolean } = {}): Settling & { readonly said: string[] } {
  const said: string[] = []
  let now = 0
  return {
    said,
    progress: { say: (text) => said.push(text), doing: (text) => said.push(`… ${text}`) },
    stop: new AbortController().signal,
    sleep: async (time: Ms) => {
      now += time
    },
    clock: () => now,
    ...options,
  }
}

/** Holds after so many changes and looks. */
function thing(title: string, { changes = 1, looks = 1 } = {}): Step & { changed: number } {
  let seen = 0
  return {
    title,
    changed: 0,
    async look() {
      if (this.changed < changes) return 'it is not there'
      return ++seen >= looks ? undefined : 'it begins'
    },
    async change() {
      this.changed += 1
    },
  }
}

t.test('what holds is left alone, and a second run changes nothing', async (t) => {
  const steps = [thing('a'), thing('b', { changes: 0 })]
  t.strictSame(await settle(steps, stage()), ['a'])
  t.strictSame(await settle(steps, stage()), [])
  t.equal(steps[0]?.changed, 1)
  t.equal(steps[1]?.changed, 0)
})

t.test('a plan tells what is missing and changes nothing', async (t) => {
  const scene = stage({ isPlan: true })
  const step = thing('a')
  t.strictSame(await settle([step], scene), ['a'])
  t.equal(step.changed, 0)
  t.match(scene.said.at(-1), '+ a: it is not there')
})

t.test('a step that needs time is looked at again, with what is missing as progress', async (t) => {
  const scene = stage()
  await settle([{ ...thing('a', { looks: 4 }), patience: seconds(10) }], scene)
  t.ok(scene.said.includes('… a: it begins'))
  t.match(scene.said.at(-1), '✓ a (3 s)')
})

t.test('the first step that cannot be made to hold ends it, in a sentence with its advice', async (t) => {
  const stuck: Step = { ...thing('a', { changes: Number.POSITIVE_INFINITY }), patience: seconds(3), advice: 'Do so.' }
  const never = thing('b')
  await t.rejects(settle([stuck, never], stage()), { message: 'a: it is not there. Do so.' })
  t.equal(never.changed, 0)
})

t.test('what only others can bring about is waited for', async (t) => {
  let looks = 0
  const theirs: Step = { title: 'a', patience: seconds(9), look: async () => (++looks > 3 ? undefined : 'not yet') }
  t.strictSame(await settle([theirs], stage()), ['a'])
})

t.test('what follows a change is done after it, and not where nothing was changed', async (t) => {
  const done: string[] = []
  const step: Step = {
    title: 'a',
    look: async () => (done.length === 0 ? 'it is not there' : undefined),
    change: async () => void done.push('changed'),
  }
  const both = followedBy(step, async () => done.push('followed'))
  await settle([both], stage())
  await settle([both], stage())
  t.strictSame(done, ['changed', 'followed'])
})

t.test('a plan goes on where something can be seen only later, and says so', async (t) => {
  const unseen: Step = {
    title: 'the engine has its settings',
    look: async () => {
      throw new Error('ENOENT')
    },
  }
  const planning = stage({ isPlan: true })
  t.strictSame(await settle([thing('the engine runs'), unseen], planning), [
    'the engine runs',
    'the engine has its settings',
  ])
  t.match(planning.said.join('\n'), /\? the engine has its settings: this is seen once the above holds/)
  await t.rejects(settle([unseen], stage({ isPlan: true })), { message: 'ENOENT' })
})
