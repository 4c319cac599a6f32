import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Ms, seconds } from '../../../gateway/config/units.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { othersAreReady, readinessIsReported, registryIsKnown, report } from '../../../provisioner/cluster/shared.ts'
import { silent } from '../../../provisioner/local/progress.ts'

/** Each second of waiting the others go on. */
function time(goOn: (second: number) => void = () => {}) {
  let now = 0
  return {
    progress: silent,
    stop: new AbortController().signal,
    sleep: async (passed: Ms) => {
      now += passed
      goOn(now / 1000)
    },
    clock: () => now,
  }
}

t.test('a machine waits for what the first one tells, and shows its engine', async (t) => {
  const [shared, engine] = [join(t.testdir({ a: {}, b: {} }), 'a'), join(t.testdirName, 'b')]
  const told = join(shared, 'certs.d', '10.0.0.1:5000')
  const tell = (second: number) => {
    if (second === 1) mkdirSync(told, { recursive: true })
    if (second === 2) for (const name of ['ca.crt', 'client.cert']) writeFileSync(join(told, name), name)
    if (second === 3) writeFileSync(join(told, 'client.key'), 'secret')
  }
  const settled = await settle(registryIsKnown(seconds(10), shared, engine), time(tell))
  t.same(settled, ['the first machine has told of its registry', 'the engine knows the registry'])
  t.equal(readFileSync(join(engine, '10.0.0.1:5000', 'client.key'), 'utf8'), 'secret')
  t.equal(statSync(join(engine, '10.0.0.1:5000', 'client.key')).mode & 0o777, 0o600)
  t.same(await settle(registryIsKnown(seconds(10), shared, engine), time()), [], 'the second time changes nothing')
})

t.test('the first machine waits until each has said that it is ready', async (t) => {
  const folder = t.testdir()
  const reports: Promise<unknown>[] = []
  const goOn = (second: number) => {
    if (second === 1) reports.push(settle([readinessIsReported('n2', folder)], time()))
    if (second === 3) reports.push(report('n3', { isReady: true }, folder))
  }
  const settling = time(goOn)
  await settle([othersAreReady(['n2', 'n3'], seconds(10), folder)], {
    ...settling,
    sleep: async (passed) => {
      await settling.sleep(passed)
      await Promise.all(reports)
    },
  })
  t.equal(settling.clock(), 3000)
})

t.test('at the deadline it is said who is not, and what that machine lacks', async (t) => {
  const folder = t.testdir()
  await report('n2', { isReady: false, lacks: 'waits for its disk' }, folder)
  await t.rejects(settle([othersAreReady(['n2', 'n3'], seconds(3), folder)], time()), {
    message: /n2 waits for its disk, n3 has not mounted the volume yet/,
  })
})
