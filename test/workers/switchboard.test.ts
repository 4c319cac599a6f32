import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { ToWorker } from '../../gateway/workers/messages.ts'
import { Switchboard } from '../../gateway/workers/switchboard.ts'

const address = { address: '127.0.0.1', family: 'IPv4', port: 443 }

function setUp(t: Test, count: number) {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const board = new Switchboard()
  const got = Array.from({ length: count }, (): ToWorker[] => [])
  got.forEach((messages, worker) => {
    board.join(worker, (message) => void messages.push(message))
    board.take(worker, { kind: 'listening', address })
  })
  const answer = (worker: number, value: unknown) => {
    const asked = got[worker]?.findLast((message) => message.kind === 'asked')
    if (asked) board.take(worker, { kind: 'answer', id: asked.id, value })
  }
  const asked = () => got.map((messages) => messages.filter(({ kind }) => kind === 'asked').length)
  return { board, answer, asked }
}

t.test('a worker that hangs is waited for once, and asked again when it has given a sign of life', async (t) => {
  const { board, answer, asked } = setUp(t, 2)
  const first = board.ask('overview', undefined)
  answer(0, 'a')
  mock.timers.tick(2_000)
  t.strictSame(await first, ['a'])

  const second = board.ask('overview', undefined)
  answer(0, 'b')
  t.strictSame(await second, ['b'], 'at once')
  t.strictSame(asked(), [2, 1])

  board.take(1, { kind: 'pong' })
  const third = board.ask('overview', undefined)
  answer(0, 'c')
  answer(1, 'd')
  t.strictSame(await third, ['c', 'd'])
})

t.test('of one that is asked alone another one takes the place', async (t) => {
  const { board, answer } = setUp(t, 2)
  const view = board.ask('overview', undefined)
  mock.timers.tick(2_000)
  await view
  board.take(1, { kind: 'pong' })
  const operated = board.askOne('operate', undefined)
  answer(1, true)
  t.equal(await operated, true)
})

t.test('what waits for a server may take longer, and its worker does not count as silent', async (t) => {
  const { board, answer, asked } = setUp(t, 1)
  const operated = board.askOne('operate', undefined)
  mock.timers.tick(9_999)
  answer(0, true)
  t.equal(await operated, true)
  const ended = board.ask('end-session-socket', 's')
  mock.timers.tick(15_000)
  t.strictSame(await ended, [])
  void board.ask('overview', undefined)
  t.strictSame(asked(), [3])
})
