import t from 'tap'
import { createDiscovery } from '../../gateway/control/discovery.ts'

t.test('static discovery tells all that were written down, each time', async (t) => {
  const addresses = [
    { host: '10.0.0.2', port: 8888 },
    { host: '10.0.0.3', port: 8888 },
  ]
  const discovery = createDiscovery({ kind: 'static', addresses })
  const { signal } = new AbortController()
  t.strictSame(await discovery.addresses(signal), addresses)
  t.strictSame(await discovery.addresses(signal), addresses)
})
