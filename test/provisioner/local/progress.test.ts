import t from 'tap'
import { seconds } from '../../../gateway/config/units.ts'
import { progressOn } from '../../../provisioner/local/progress.ts'

function screen(isTTY: boolean) {
  const written: string[] = []
  let now = 0
  const progress = progressOn({ isTTY, columns: 12, write: (text) => written.push(text) }, seconds(10), () => now)
  return { written, progress, pass: (time: number) => (now += time) }
}

t.test('on a terminal one line is replaced until one comes that stays', async (t) => {
  const { written, progress } = screen(true)
  progress.doing('downloading a')
  progress.doing('b')
  progress.say('done')
  progress.say('next')
  t.strictSame(written, ['\r\u001b[K  downloadi', '\r\u001b[K  b', '\r\u001b[Kdone\n', 'next\n'])
})

t.test('elsewhere a line comes now and then', async (t) => {
  const { written, progress, pass } = screen(false)
  progress.say('Installing')
  progress.doing('a')
  pass(seconds(10))
  progress.doing('b')
  progress.doing('c')
  t.strictSame(written, ['Installing\n', '  b\n'])
})
