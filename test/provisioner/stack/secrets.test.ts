import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import {
  RANDOM_SECRETS,
  readSecrets,
  renewSecret,
  secretFiles,
  secretSteps,
  secretVariables,
  swarmNameOf,
  toRemove,
  unusedSecrets,
  variableOf,
} from '../../../provisioner/stack/secrets.ts'

/** An engine that keeps secrets, and what it was told. */
function fakeEngine(services: unknown[] = []) {
  const kept = new Map<string, { Name: string; Data: string }>()
  const engine = {
    listSecrets: async () => [...kept].map(([ID, { Name }]) => ({ ID, Spec: { Name } })),
    createSecret: async (spec: { Name: string; Data: string }) => kept.set(`id-${spec.Name}`, spec),
    getSecret: (id: string) => ({ remove: async () => kept.delete(id) }),
    listServices: async () => services,
  }
  return { kept, machine: { engine } as unknown as Machine }
}

t.test('secrets are made once, each for its owner alone, and never changed', async (t) => {
  const folder = t.testdir()
  for (const step of secretFiles(folder)) {
    t.equal(await step.look(), 'there is none yet')
    await step.change?.()
    t.equal(await step.look(), undefined)
  }
  const before = RANDOM_SECRETS.map((name) => readFileSync(join(folder, name), 'utf8'))
  t.equal(new Set(before).size, before.length, 'each is another one')
  for (const text of before) t.match(text, /^[\da-f]{48,64}$/)
  for (const name of RANDOM_SECRETS) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)

  await renewSecret('admin-token', folder)
  t.not(readFileSync(join(folder, 'admin-token'), 'utf8'), before[RANDOM_SECRETS.indexOf('admin-token')])
  writeFileSync(join(folder, 'admin-token'), '')
  t.equal(await secretFiles(folder)[RANDOM_SECRETS.indexOf('admin-token')]?.look(), 'there is none yet', 'cut short')
})

t.test('a secret of the swarm is named by what is in it', async (t) => {
  const name = swarmNameOf('jupyter-token', 'a')
  t.match(name, /^pyli-jupyter-token-[\da-f]{12}$/)
  t.equal(swarmNameOf('jupyter-token', 'a'), name)
  t.not(swarmNameOf('jupyter-token', 'b'), name)
  t.ok(swarmNameOf('jupyter-cookie-secret', 'x').length <= 64, 'no engine takes more')
  t.equal(variableOf('jupyter-cookie-secret'), 'PYLI_SECRET_JUPYTER_COOKIE_SECRET')
})

t.test('the swarm gets what it lacks, and a second run gives it nothing', async (t) => {
  const folder = t.testdir()
  const { kept, machine } = fakeEngine()
  const steps = secretSteps(machine, folder)
  for (const step of steps) if (await step.look()) await step.change?.()
  for (const step of steps) t.equal(await step.look(), undefined, step.title)
  const token = readFileSync(join(folder, 'jupyter-token'), 'utf8')
  const made = kept.get(`id-${swarmNameOf('jupyter-token', token)}`)
  t.equal(Buffer.from(made?.Data ?? '', 'base64').toString(), token)

  const names = secretVariables(await readSecrets(folder))
  t.equal(names.PYLI_SECRET_JUPYTER_TOKEN, swarmNameOf('jupyter-token', token))
  t.notMatch(JSON.stringify(names), token)
})

t.test('of the old ones those go that no service names', async (t) => {
  const present = ['old', 'new', 'rolled-back'].map((name) => ({ id: `id-${name}`, name }))
  const uses = (id: string) => ({ Spec: { TaskTemplate: { ContainerSpec: { Secrets: [{ SecretID: id }] } } } })
  t.strictSame(
    toRemove(present, ['new'], [uses('id-new'), uses('id-rolled-back'), { Spec: {} }]).map(({ name }) => name),
    ['old'],
  )
  t.strictSame(toRemove(present, ['new'], []).length, 2)

  const folder = t.testdir()
  const { kept, machine } = fakeEngine()
  for (const step of secretSteps(machine, folder)) if (await step.look()) await step.change?.()
  t.equal(await unusedSecrets(machine, folder).look(), undefined)
  await renewSecret('admin-token', folder)
  t.match(await unusedSecrets(machine, folder).look(), /^pyli-admin-token-[\da-f]{12}$/)
  await unusedSecrets(machine, folder).change?.()
  t.equal(kept.size, RANDOM_SECRETS.length - 1)
})

t.test('an operator’s own certificate is shown where both of its files are there', async (t) => {
  const folder = t.testdir({ both: { c: 'CERT', k: 'KEY' }, one: { k: 'KEY' }, none: {} })
  const own = (name: string) => ({ cert: join(folder, name, 'c'), key: join(folder, name, 'k') })
  const secrets = await readSecrets(folder, own('both'))
  t.equal(secrets.get('tls-cert'), 'CERT')
  t.equal(secrets.get('tls-key'), 'KEY')
  t.notMatch([...(await readSecrets(folder, own('none'))).values()], ['CERT'])
  await t.rejects(readSecrets(folder, own('one')), {
    name: 'Trouble',
    message: /one\/k is there without .*one\/c: put both/,
  })
})
