import t from 'tap'
import { Meter } from '../../bench/users/meter.ts'

t.test('what users met is told by step, with what failed and where kernels ran', async (t) => {
  const meter = new Meter()
  t.equal(await meter.time('run cell', async () => 42), 42)
  for (const _ of 'ab') {
    t.equal(await meter.time('start kernel', () => Promise.reject(new Error('POST was answered 503'))), undefined)
  }
  meter.kernelIn('host-b 7')
  meter.kernelIn('host-a 7')
  meter.kernelIn('host-b 7')
  t.equal(meter.failed, 2)
  t.equal(meter.count('run cell'), 1)
  t.equal(meter.count('start kernel'), 0, 'what failed was not done')
  const report = meter.report()
  t.match(report, /run cell +1 +\d+ ms +\d+ ms +\d+ ms +0\n/)
  t.match(report, /start kernel +0 +– +– +– +2\n/)
  t.match(report, /kernels by server: host-a 7 1, host-b 7 2\n/)
  t.match(report, /start kernel: 2 × POST was answered 503/)
  t.notMatch(report, /save/, 'what nobody did is not told of')
})
