import t from 'tap'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { kernelHas, kernelHasMesh } from '../../../provisioner/host/kernel.ts'
import type { Ran, Run } from '../../../provisioner/host/run.ts'
import { Trouble } from '../../../provisioner/local/trouble.ts'

const MODULE = 'none_of_this_name'
const settling = {
  progress: { say() {}, doing() {} },
  stop: new AbortController().signal,
  sleep: async () => {},
  clock: () => 0,
}

/** A machine that has these programs and no others. */
const having =
  (answers: Readonly<Record<string, Partial<Ran>>>): Run =>
  async ([program]) => {
    const answer = answers[program]
    if (answer === undefined) throw new Trouble(`${program} is not installed.`)
    return { code: 0, stdout: '', stderr: '', ...answer }
  }

t.test('what a kernel has is told by its configuration, or else by its modules', async (t) => {
  const has = (answers: Readonly<Record<string, Partial<Ran>>>) => kernelHas(having(answers), MODULE, 'IP_VS')
  t.equal(await has({ zcat: { stdout: 'CONFIG_IP_VS=m\n' } }), true)
  t.equal(await has({ zcat: { stdout: '# CONFIG_IP_VS is not set\nCONFIG_IP_VS_RR=y\n' } }), false)
  t.equal(await has({ zcat: { code: 1 }, modprobe: {} }), true)
  t.equal(await has({ modprobe: { code: 1 } }), false)
  t.equal(await has({}), undefined, 'nobody can tell')
})

t.test('the mesh is refused where it would carry nothing, and not where nobody can tell', async (t) => {
  const look = (has: boolean | undefined) => settle([kernelHasMesh(having({}), async () => has)], settling)
  await t.rejects(look(false), { name: 'Trouble', message: /has no IP_VS.*leave ingress out/ })
  t.same(await look(true), [])
  t.same(await look(undefined), [])
})
