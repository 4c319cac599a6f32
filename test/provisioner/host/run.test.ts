import t from 'tap'
import { ms, seconds } from '../../../gateway/config/units.ts'
import { run, succeed } from '../../../provisioner/host/run.ts'

t.test('a program reads its input, and its code is an answer', async (t) => {
  t.strictSame(await run(['cat'], { input: 'secret' }), { code: 0, stdout: 'secret', stderr: '' })
  t.match(await run(['sh', '-c', 'echo bad >&2; exit 3']), { code: 3, stderr: 'bad\n' })
})

t.test('what takes too long is ended, and what is not installed is told', async (t) => {
  const began = Date.now()
  await t.rejects(run(['sleep', '60'], { limit: ms(100) }), { message: 'sleep did not end within 0.1 s.' })
  // As what hangs in a dead volume, the inner one outlives the kill, with the pipes in its hands.
  await t.rejects(run(['sh', '-c', 'sleep 60 & wait'], { limit: ms(100) }), { message: 'sh did not end within 0.1 s.' })
  t.ok(Date.now() - began < seconds(30))
  await t.rejects(run(['no-such-program-here']), { message: 'no-such-program-here is not installed.' })
})

t.test('a failure tells its last words', async (t) => {
  await t.rejects(succeed(run, ['sh', '-c', 'echo first; echo why >&2; exit 2']), { message: /failed \(2\): why/ })
  t.equal(await succeed(run, ['echo', 'well']), 'well\n')
})
