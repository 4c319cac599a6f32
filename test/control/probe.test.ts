import t from 'tap'
import { readProbe } from '../../gateway/control/probe.ts'

const probed = (status: number, body = '') => readProbe({ status, body: Buffer.from(body) })

t.test('200 is well, whatever else it says', async (t) => {
  t.same(probed(200, '{"version":"2.21.1"}'), { answers: true, drains: false })
  t.same(probed(200, '{"draining":true}'), { answers: true, drains: false })
})

t.test('503 with {"draining": true} is a backend that drains by its own word', async (t) => {
  t.same(probed(503, '{"draining": true}'), { answers: true, drains: true })
  t.same(probed(503, '{"draining": true, "kernels": 3}'), { answers: true, drains: true })
})

t.test('any other answer is a fault, and says which', async (t) => {
  for (const body of ['', 'draining', '{"draining": false}', '{"draining": "true"}', '[{"draining": true}]'])
    t.same(probed(503, body), { answers: false, fault: 'its answer to the probe is 503', late: false }, body)
  for (const status of [204, 302, 403, 404, 500]) t.equal(probed(status, '{"draining": true}').answers, false)
})
