import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  keptSettings,
  refuseOtherPart,
  settingsAreForgotten,
  settingsAreKept,
  workerSettingsAreKept,
} from '../../../provisioner/cluster/kept-settings.ts'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { quietly } from '../../fakes/fake-settling.ts'

const settling = quietly()

t.test('what was chosen is read again as it was written, authorities and all', async (t) => {
  const folder = t.testdir({ 'one.crt': 'ONE\n', 'two.crt': 'TWO' })
  const at = (name: string) => join(folder, name)
  const keep = (given: object) => settle(settingsAreKept(given, at('settings.json'), at('kept.pem')), settling)

  const given = { workers: '1', ca: `${at('one.crt')},${at('two.crt')}` }
  t.equal((await keep(given)).length, 2)
  t.equal(readFileSync(at('kept.pem'), 'utf8'), 'ONE\nTWO\n')
  t.same(await keep(given), [], 'the same again changes nothing')
  const kept = await keptSettings(at('settings.json'))
  t.same(kept, { workers: '1', ca: at('kept.pem') })

  rmSync(at('one.crt'))
  t.same(await keep(kept ?? {}), [], 'nor does what was kept, when the files have gone')
})

t.test('where nothing was kept nothing is known, and what nobody can read is said', async (t) => {
  const folder = t.testdir({ 'settings.json': '{' })
  t.equal(await keptSettings(join(folder, 'none.json')), undefined)
  await t.rejects(keptSettings(join(folder, 'settings.json')), { message: /is not JSON: mend it/ })
})

t.test('a machine has one part, until it has left', async (t) => {
  const folder = t.testdir()
  const files = { manager: join(folder, 'settings.json'), worker: join(folder, 'worker.json') }
  await settle([workerSettingsAreKept({ deadline: '3s' }, files.worker)], settling)
  t.same(await keptSettings(files.worker), {}, 'how long to wait is not kept')
  await refuseOtherPart('worker', files)
  await t.rejects(refuseOtherPart('manager', files), { message: /is a worker: run this on the first machine/ })
  const forget = () => settle([settingsAreForgotten(Object.values(files))], settling)
  t.equal((await forget()).length, 1)
  t.same(await forget(), [])
  await refuseOtherPart('manager', files)
  await settle(settingsAreKept({}, files.manager), settling)
  await t.rejects(refuseOtherPart('worker', files), { message: /is the first one of a cluster/ })
})
