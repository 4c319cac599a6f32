import t from 'tap'
import type { Status } from '../../../provisioner/status/view.ts'
import { inWords } from '../../../provisioner/status/words.ts'

const unknown = { unknown: 'the engine does not answer (ECONNREFUSED)' }
const dead: Status = {
  machine: 'n1',
  version: '1.2.3',
  nodes: unknown,
  storage: unknown,
  services: unknown,
  backends: unknown,
  certificates: unknown,
}

t.test('where nothing answers, each part says why', async (t) => {
  const text = inWords(dead)
  t.equal(text.match(/unknown: the engine does not answer \(ECONNREFUSED\)/g)?.length, 5)
})

t.test('half of it may be known', async (t) => {
  const text = inWords({
    ...dead,
    nodes: {
      value: [
        {
          name: 'n1',
          address: '10.0.0.1',
          role: 'manager',
          state: 'ready',
          isDrained: false,
          engine: '26.1.5',
          labels: ['a'],
        },
        {
          name: 'n10',
          address: '10.0.0.10',
          role: 'worker',
          state: 'down',
          isDrained: true,
          engine: '26.1.5',
          labels: [],
        },
      ],
    },
    services: {
      value: [
        {
          name: 'jupyter',
          image: `10.0.0.1:5000/pyli/jupyter@sha256:${'0123456789abcdef'.repeat(4)}`,
          running: 1,
          wanted: 2,
          problem: 'n2: No such image',
          tasks: [{ node: 'n1', state: 'running' }],
        },
      ],
    },
    backends: {
      value: [
        {
          address: '10.0.1.5:8888',
          node: 'n1',
          state: 'draining',
          reason: 'says so',
          kernels: [{ name: 'ir', state: 'busy', connections: 2, paths: ['a.ipynb', 'b.ipynb'] }],
        },
        { address: '10.0.1.6:8888', state: 'ready', reason: '', kernels: [] },
      ],
    },
    certificates: {
      value: {
        gateway: { names: ['n1', '10.0.0.1'], ends: '2027-12-29T10:00:00.000Z', daysLeft: 397 },
        ca: { names: [], ends: '2026-01-01T00:00:00.000Z', daysLeft: -3 },
      },
    },
  })
  t.match(text, '  n1   10.0.0.1   manager  ready          engine 26.1.5  a\n')
  t.match(text, '  n10  10.0.0.10  worker   down, drained  engine 26.1.5\n')
  t.match(text, '  ready: heard of within the last 60 s\n')
  t.match(
    text,
    '  jupyter: 1 of 2, pyli/jupyter@sha256:0123456789ab\n    failed on n2: No such image\n    n1  running\n',
  )
  t.match(text, '  10.0.1.5:8888 on n1: draining (says so), 1 kernel\n    ir  busy  2 connected  a.ipynb, b.ipynb\n')
  t.match(text, '  10.0.1.6:8888: ready, 0 kernels\n')
  t.match(text, '  gateway for n1, 10.0.0.1: ends 2027-12-29, in 397 days\n  CA: ended 2026-01-01')
})
