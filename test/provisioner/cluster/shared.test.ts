import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { seconds } from '../../../gateway/config/units.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { othersAreReady, readinessIsReported, registryIsKnown, report } from '../../../provisioner/cluster/shared.ts'
import { run } from '../../../provisioner/host/run.ts'
import { quietly } from '../../fakes/fake-settling.ts'

t.test('a machine waits for what the first one tells, and shows its engine', async (t) => {
  const [shared, engine] = [join(t.testdir({ a: {}, b: {} }), 'a'), join(t.testdirName, 'b')]
  const told = join(shared, 'certs.d', '10.0.0.1:5000')
  const tell = (second: number) => {
    if (second === 1) mkdirSync(told, { recursive: true })
    if (second === 2) for (const name of ['ca.crt', 'client.cert']) writeFileSync(join(told, name), name)
    if (second === 3) writeFileSync(join(told, 'client.key'), 'secret')
  }
  const settled = await settle(registryIsKnown(run, seconds(10), shared, engine), quietly(tell))
  t.same(settled, ['the first machine has told of its registry', 'the engine knows the registry'])
  t.equal(readFileSync(join(engine, '10.0.0.1:5000', 'client.key'), 'utf8'), 'secret')
  t.equal(statSync(join(engine, '10.0.0.1:5000', 'client.key')).mode & 0o777, 0o600)
  t.same(
    await settle(registryIsKnown(run, seconds(10), shared, engine), quietly()),
    [],
    'the second time changes nothing',
  )
})

const others = ['n2', 'n3'].map((name) => ({ name, id: `id-${name}` }))

t.test('the first machine waits until each has said that it is ready', async (t) => {
  const folder = t.testdir()
  const reports: Promise<unknown>[] = []
  const goOn = (second: number) => {
    if (second === 1) reports.push(settle([readinessIsReported(run, 'n2', async () => 'id-n2', folder)], quietly()))
    if (second === 3) reports.push(report(run, 'n3', { ready: 'id-n3' }, folder))
  }
  const settling = quietly(goOn)
  await settle([othersAreReady(run, others, seconds(10), folder)], {
    ...settling,
    sleep: async (passed, signal) => {
      await settling.sleep(passed, signal)
      await Promise.all(reports)
    },
  })
  t.equal(settling.clock(), 3000)
})

t.test('at the deadline it is said who is not', async (t) => {
  const folder = t.testdir()
  await report(run, 'n2', { ready: 'id-n2' }, folder)
  await t.rejects(settle([othersAreReady(run, others, seconds(3), folder)], quietly()), {
    message: /^the other machines are ready: n3 has not mounted the volume and said so yet\. `pyli worker` must run/,
  })
})

t.test('who has left and come back is not ready because it was before', async (t) => {
  const folder = t.testdir()
  await report(run, 'n2', { ready: 'id-before' }, folder)
  t.equal(
    await othersAreReady(run, others.slice(0, 1), seconds(0), folder).look(),
    'n2 has not mounted the volume and said so yet',
  )
  const again = readinessIsReported(run, 'n2', async () => 'id-n2', folder)
  t.equal(await again.look(), 'not yet')
  await again.change?.()
  t.equal(await othersAreReady(run, others.slice(0, 1), seconds(0), folder).look(), undefined)
})
