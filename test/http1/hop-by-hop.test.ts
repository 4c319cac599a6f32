import t from 'tap'
import { hopByHop, isHopByHop, nominatedBy } from '../../gateway/http1/hop-by-hop.ts'

const nobody: ReadonlySet<string> = new Set()

t.test('headers of one connection are known in any case', async (t) => {
  for (const name of hopByHop) {
    for (const spelled of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)])
      t.equal(isHopByHop(spelled, nobody), true, spelled)
  }
})

t.test('others are not, whatever their length', async (t) => {
  const others = ['Host', 'Content-Length', 'User-Agent', 'Referer', 'TEE', 'X-'.padEnd(300, 'x'), ...'abc']
  for (const name of others) t.equal(isHopByHop(name, nobody), false, name)
})

t.test('what Connection names is, but for what an answer needs', async (t) => {
  const nominated = nominatedBy(['Connection', 'X-Once, keep-alive', 'connection', 'Content-Length'])
  for (const name of ['x-once', 'X-ONCE', 'Keep-Alive']) t.equal(isHopByHop(name, nominated), true, name)
  for (const name of ['Content-Length', 'X-Twice', 'Host']) t.equal(isHopByHop(name, nominated), false, name)
})
