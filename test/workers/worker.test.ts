import t from 'tap'
import type { Config } from '../../gateway/config/config.ts'
import type { FromWorker, Renewal, ToWorker } from '../../gateway/workers/messages.ts'
import { runWorker, type WorkerGateway } from '../../gateway/workers/worker.ts'

t.test('what changes while its gateway is only starting holds from its first connection on', async (t) => {
  const renewed: Renewal[] = []
  const sent: FromWorker[] = []
  const started = Promise.withResolvers<WorkerGateway>()
  const listening = Promise.withResolvers<void>()
  let tell = (_: ToWorker): void => {}
  runWorker({
    channel: {
      send: (message) => {
        sent.push(message)
        if (message.kind === 'listening') listening.resolve()
      },
      onMessage: (listener) => {
        tell = listener
      },
    },
    start: () => started.promise,
    exit: () => t.fail('it has no reason to end'),
    explain: String,
  })
  const config = { token: 't' } as Config
  tell({ kind: 'start', config: {} as Config, tls: { cert: 'old' } })
  tell({ kind: 'renew', changed: { tls: { cert: 'new' } } })
  tell({ kind: 'renew', changed: { config } })
  t.strictSame(renewed, [])
  const address = { address: '127.0.0.1', family: 'IPv4', port: 443 }
  const renew = (changed: Renewal) => void renewed.push(changed)
  started.resolve({ address, operations: {}, renew, drain: async () => {} } as unknown as WorkerGateway)
  await listening.promise
  t.strictSame(renewed, [{ tls: { cert: 'new' }, config }])
  tell({ kind: 'renew', changed: { tls: { cert: 'newer' } } })
  t.strictSame(renewed.at(-1), { tls: { cert: 'newer' } })
})
