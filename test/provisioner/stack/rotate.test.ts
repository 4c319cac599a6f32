import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Ms } from '../../../gateway/config/units.ts'
import type { Machine } from '../../../provisioner/cluster/machine.ts'
import { type Step, settle } from '../../../provisioner/cluster/settle.ts'
import { rotationSteps } from '../../../provisioner/stack/rotate.ts'
import { secretFiles } from '../../../provisioner/stack/secrets.ts'
import { task, well } from './answers.ts'

/** A cluster whose services have what was deployed last, and whose deployment may fail. */
async function stage(folder: string) {
  for (const step of secretFiles(folder)) await step.change?.()
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const deployed: { gateway: string[]; jupyter: string }[] = []
  const fate = { failsAt: -1, tasks: well().tasks }
  const kept = new Set<string>()
  let now = 0
  const engine = {
    listSecrets: async () => [...kept].map((Name) => ({ ID: Name, Spec: { Name } })),
    createSecret: async ({ Name }: { Name: string }) => kept.add(Name),
    listServices: async () => well().services,
    listTasks: async () => fate.tasks,
    listNodes: async () => [],
  }
  const machine = {
    engine,
    progress: { say() {}, doing() {} },
    stop: new AbortController().signal,
    clock: () => now,
    async sleep(time: Ms) {
      now += time
      fate.tasks = well().tasks // whoever drained has ended
    },
  } as unknown as Machine
  const wanted = () => ({
    gateway: [read('jupyter-token'), read('jupyter-former-token')],
    jupyter: read('jupyter-token'),
  })
  const deploy = (): Step[] => [
    {
      title: 'deployed',
      look: async () => (JSON.stringify(deployed.at(-1)) === JSON.stringify(wanted()) ? undefined : 'it is not'),
      async change() {
        if (deployed.length === fate.failsAt) throw new Error('pulled the plug')
        deployed.push(wanted())
      },
    },
  ]
  await settle(deploy(), machine)
  const rotate = (name: 'jupyter-token' | 'admin-token') =>
    settle(rotationSteps(machine, name, deploy, folder), machine)
  return { read, deployed, fate, rotate, elapsed: () => now }
}

t.test('at no time is there a server whose token a gateway does not know', async (t) => {
  const folder = t.testdir()
  const { read, deployed, rotate } = await stage(folder)
  const old = read('jupyter-token')
  await rotate('jupyter-token')
  const now = read('jupyter-token')
  t.not(now, old)
  t.equal(deployed.length, 3)
  for (const [index, { gateway, jupyter }] of deployed.entries()) {
    const before = deployed[index - 1]
    t.ok(gateway.includes(jupyter), 'servers that begin')
    if (before === undefined) continue
    t.ok(gateway.includes(before.jupyter), 'servers that drain, to gateways that are new')
    t.ok(before.gateway.includes(jupyter), 'servers that begin, to gateways that are still the old ones')
  }
  t.strictSame(deployed.at(-1), { gateway: [now, old], jupyter: now })
  t.notOk(existsSync(join(folder, 'jupyter-next-token')))
})

t.test('what was interrupted goes on with the same token, wherever that was', async (t) => {
  for (const failsAt of [1, 2]) {
    const folder = join(t.testdir({ 1: {}, 2: {} }), `${failsAt}`)
    const { read, deployed, fate, rotate } = await stage(folder)
    const old = read('jupyter-token')
    fate.failsAt = failsAt
    await t.rejects(rotate('jupyter-token'), { message: 'pulled the plug' })
    const next = read('jupyter-next-token')
    fate.failsAt = -1
    await rotate('jupyter-token')
    t.strictSame(deployed.at(-1), { gateway: [next, old], jupyter: next })
  }
  const folder = t.testdir()
  const { read, deployed, rotate } = await stage(folder)
  const old = read('jupyter-token')
  writeFileSync(join(folder, 'jupyter-next-token'), 'next')
  writeFileSync(join(folder, 'jupyter-former-token'), old) // between the two files
  await rotate('jupyter-token')
  t.strictSame(deployed.at(-1), { gateway: ['next', old], jupyter: 'next' })
})

t.test('servers that drain since an earlier rotation are waited for', async (t) => {
  const { fate, rotate, elapsed } = await stage(t.testdir())
  fate.tasks = [...well().tasks, task('jupyter', 'n2', { DesiredState: 'shutdown' })]
  await rotate('jupyter-token')
  t.ok(elapsed() > 0)
})

t.test('any other secret is made anew and deployed', async (t) => {
  const { read, rotate } = await stage(t.testdir())
  const [token, admin] = [read('jupyter-token'), read('admin-token')]
  await rotate('admin-token')
  t.not(read('admin-token'), admin)
  t.equal(read('jupyter-token'), token)
})
