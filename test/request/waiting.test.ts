import t from 'tap'
import { Backend } from '../../gateway/pool/backend.ts'
import { type Waiter, Waiting } from '../../gateway/request/waiting.ts'

const first = new Backend({ host: 'first', port: 1 }, 0)
const second = new Backend({ host: 'second', port: 1 }, 0)

function waiter(backend: Backend, heard: string[], name: string, onFell?: () => void): Waiter {
  return {
    backend,
    place: undefined,
    backendFell: () => {
      heard.push(`${name} fell`)
      onFell?.()
    },
    backendSlowed: () => heard.push(`${name} slowed`),
  }
}

t.test('who waits for a backend hears of it, and nobody else', async (t) => {
  const waiting = new Waiting()
  const heard: string[] = []
  for (const [backend, name] of [
    [first, 'a'],
    [second, 'b'],
    [first, 'c'],
  ] as const)
    waiting.add(waiter(backend, heard, name))
  waiting.backendFell(first)
  waiting.backendSlowed(second)
  t.strictSame(heard, ['a fell', 'c fell', 'b slowed'])
})

t.test('who waits no more hears nothing, in whatever order they leave, and leaving twice harms nobody', async (t) => {
  const waiting = new Waiting()
  const heard: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map((name) => waiter(first, heard, name)) as [Waiter, Waiter, Waiter]
  for (const each of [a, b, c]) waiting.add(each)
  waiting.remove(a)
  waiting.remove(a)
  waiting.backendFell(first)
  t.strictSame(heard.sort(), ['b fell', 'c fell'])
  waiting.remove(c)
  waiting.add(a)
  waiting.remove(b)
  heard.length = 0
  waiting.backendFell(first)
  t.strictSame(heard, ['a fell'])
})

t.test('who leaves when it hears keeps no other from hearing', async (t) => {
  const waiting = new Waiting()
  const heard: string[] = []
  const all = ['a', 'b', 'c'].map((name): Waiter => {
    const self: Waiter = waiter(first, heard, name, () => waiting.remove(self))
    return self
  })
  for (const each of all) waiting.add(each)
  waiting.backendFell(first)
  t.strictSame(heard, ['a fell', 'b fell', 'c fell'])
})
