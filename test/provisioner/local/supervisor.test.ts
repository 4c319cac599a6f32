import t from 'tap'
import { ms, seconds } from '../../../gateway/config/units.ts'
import { type Running, Supervisor } from '../../../provisioner/local/supervisor.ts'

const pauses = { shortest: ms(10), longest: ms(40), steadyAfter: seconds(60) }

/** Programs that end when they are told to, and a supervisor of them. */
function supervised(again: (start: number) => Promise<Running>) {
  const said: string[] = []
  let starts = 0
  const progress = { say: (text: string) => said.push(text), doing() {} }
  const first = program()
  const supervisor = new Supervisor({
    ...{ name: 'It', log: '/log', progress, pauses, first },
    again: () => again(++starts),
  })
  return { supervisor, first, said, starts: () => starts }
}

function program(): Running & { end(how: string): void; stops: number } {
  const { promise, resolve } = Promise.withResolvers<string>()
  return {
    exited: promise,
    end: resolve,
    stops: 0,
    async stop() {
      this.stops++
      resolve('stopped')
    },
  }
}

t.test('starts again what ended by itself, after its remains are gone', async (t) => {
  const second = program()
  const started = Promise.withResolvers<void>()
  const { supervisor, first, said } = supervised(async () => {
    t.equal(first.stops, 1)
    started.resolve()
    return second
  })
  first.end('SIGSEGV')
  await started.promise
  t.strictSame(said, ['It ended (SIGSEGV) and is started again in 0.01 s. Its log: /log'])
  await supervisor.stop()
  t.ok(second.stops > 0)
})

t.test('waits longer each time, and a start that fails is one more end', async (t) => {
  const third = Promise.withResolvers<void>()
  const { supervisor, first, said } = supervised(async (start) => {
    if (start < 4) throw new Error(`no ${start}`)
    third.resolve()
    return program()
  })
  first.end('exit code 1')
  await third.promise
  t.strictSame(
    said.map((line) => /\((.*)\).* ([\d.]+) s\./.exec(line)?.slice(1)),
    [
      ['exit code 1', '0.01'],
      ['no 1', '0.02'],
      ['no 2', '0.04'],
      ['no 3', '0.04'],
    ],
  )
  await supervisor.stop()
})

t.test('what was told to stop is not started again', async (t) => {
  const { supervisor, first, said, starts } = supervised(async () => program())
  await supervisor.stop()
  t.ok(first.stops > 0)
  t.equal(starts(), 0)
  t.strictSame(said, [])
})
