import t from 'tap'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { gather } from '../../../provisioner/status/gather.ts'

const refusing = (fault: object) => async () => {
  throw Object.assign(new Error('connect to /var/run/docker.sock'), fault)
}

async function nodesOf(fault: object) {
  const ask = refusing(fault)
  const engine = { listNodes: ask, listServices: ask, listTasks: ask }
  const machine = { name: 'n1', engine, clock: Date.now } as unknown as Machine
  return (await gather(machine, { backends: async () => [], tell: async () => true })).nodes
}

t.test('why an engine tells nothing is told with what to do', async (t) => {
  t.strictSame(await nodesOf({ code: 'ECONNREFUSED' }), { unknown: 'the engine does not answer (ECONNREFUSED)' })
  t.strictSame(await nodesOf({ code: 'EACCES' }), { unknown: 'only root may ask the engine: run this with sudo' })
  t.strictSame(await nodesOf({ statusCode: 503 }), { unknown: 'only a manager knows: run this on the first machine' })
})
