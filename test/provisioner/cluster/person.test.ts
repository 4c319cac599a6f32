import { PassThrough } from 'node:stream'
import t from 'tap'
import { confirm, readSecret } from '../../../provisioner/cluster/person.ts'
import type { Context, Input } from '../../../provisioner/context.ts'

function terminal({ isTTY = true } = {}) {
  const said: string[] = []
  const raw: boolean[] = []
  const stop = new AbortController()
  const input: Input = Object.assign(
    new PassThrough(),
    isTTY ? { isTTY, setRawMode: (is: boolean) => raw.push(is) } : {},
  )
  const context: Context = {
    environment: {},
    progress: { say: (text) => said.push(text), doing() {} },
    input,
    isWatched: true,
    stop: stop.signal,
    onExit() {},
  }
  return {
    context,
    type: (text: string) => (input as unknown as PassThrough).write(text),
    end: (text: string) => (input as unknown as PassThrough).end(text),
    said,
    raw,
    stop,
  }
}

t.test('a secret that is typed is not shown, and the terminal is as before afterwards', async (t) => {
  const { context, type, raw, said } = terminal()
  const secret = readSecret(context, 'The token')
  type('SWMx\u007fT')
  type('KN\r')
  t.equal(await secret, 'SWMTKN')
  t.same(raw, [true, false])
  t.notMatch(said.join(), 'SWM')
})

t.test('Ctrl-C gives up, as does whoever asks us to end', async (t) => {
  const one = terminal()
  const given = readSecret(one.context, 'The token')
  one.type('\u0003')
  await t.rejects(given, { message: 'Nothing was typed.' })
  t.same(one.raw, [true, false])

  const two = terminal()
  const waiting = readSecret(two.context, 'The token')
  two.stop.abort(new Error('ended'))
  await t.rejects(waiting, { message: 'ended' })
})

t.test('a secret may come through a pipe', async (t) => {
  const { context, end } = terminal({ isTTY: false })
  end(' SWMTKN-1-a-b\n')
  t.equal(await readSecret(context, 'The token'), 'SWMTKN-1-a-b')
})

t.test('only yes is yes', async (t) => {
  for (const [typed, meant] of [
    ['y\n', true],
    ['YES\n', true],
    ['\n', false],
    ['no\n', false],
    ['yellow\n', false],
  ] as const) {
    const { context, type } = terminal()
    const answer = confirm(context, 'Go on?', '')
    type(typed)
    t.equal(await answer, meant, JSON.stringify(typed))
  }
})

t.test('who is not there is not asked', async (t) => {
  await t.rejects(confirm(terminal({ isTTY: false }).context, 'Go on?', 'give --yes.'), {
    message: 'Nobody is here to be asked: give --yes.',
  })
})
