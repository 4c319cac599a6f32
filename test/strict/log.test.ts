import t from 'tap'
import { createLog } from '../../gateway/observe/log.ts'
import { until } from '../whole/support/until.ts'
import { strictGateway } from './support/gateway.ts'
import { jupyterBackend } from './support/jupyter-backend.ts'

t.test('a backend that fails is a warning in the log; that it is ready again is not', async (t) => {
  const lines: { level: string; msg: string }[] = []
  const log = createLog('json', { write: (line) => void lines.push(JSON.parse(line)) })
  const backend = await jupyterBackend(t)
  const probes = ['--probe-every=50ms', '--probe-timeout=50ms', '--fall=2', '--rise=1']
  await strictGateway(t, [backend], { flags: probes, log })
  const levelOf = (state: string) => lines.findLast(({ msg }) => msg === `backend is ${state}`)?.level

  t.equal(levelOf('ready'), 'info')
  lines.length = 0 // on a busy machine the first probes may have been late too
  backend.silent = true
  t.equal(await until('it fails', async () => levelOf('failing')), 'warn')
  lines.length = 0
  backend.silent = false
  t.equal(await until('it is ready', async () => levelOf('ready')), 'info')
})
