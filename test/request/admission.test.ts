import t from 'tap'
import { Connections } from '../../gateway/limits/connections.ts'
import { createLog } from '../../gateway/observe/log.ts'
import { Admission } from '../../gateway/request/admission.ts'

function admission(all: number) {
  const clock = { now: 0 }
  const lines: Record<string, unknown>[] = []
  const refused: string[] = []
  const connections = new Connections({ all, perClient: all, processes: 1, isShared: () => false })
  const log = createLog('json', { write: (line) => void lines.push(JSON.parse(line)) })
  const onRefused = (failure: string) => void refused.push(failure)
  return { clock, lines, refused, door: new Admission({ connections, log, now: () => clock.now, onRefused }) }
}

t.test('each refusal is counted, and a flood of them is one line a second', async (t) => {
  const { door, lines, refused, clock } = admission(1)
  t.equal(door.admit('192.0.2.1'), undefined)
  for (let i = 0; i < 100; i++) t.equal(door.admit('192.0.2.2'), 'too-many-connections')
  clock.now = 1_000
  door.admit('192.0.2.3')
  t.match(lines, [
    { client: '192.0.2.2', failure: 'too-many-connections', count: 1 },
    { client: '192.0.2.3', failure: 'too-many-connections', count: 100 },
  ])
  t.equal(lines.length, 2)
  t.equal(refused.length, 101)
})

t.test('who leaves makes room', async (t) => {
  const { door, lines } = admission(1)
  door.admit('192.0.2.1')
  door.left('192.0.2.1')
  t.equal(door.admit('192.0.2.2'), undefined)
  t.same(lines, [])
})
