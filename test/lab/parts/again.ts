import { part } from '../support/part.ts'
import { states } from '../support/states.ts'
import { door, lab, MANAGER, pyli, WORKERS } from '../support/the-lab.ts'

part('each command, run a second time, changes nothing', async (t) => {
  const before = await states()
  const again = await lab.ran(MANAGER, ['make'])
  t.equal(again.code, 0, again.stderr)
  t.match(again.stdout, 'Nothing had to be changed')
  const { token } = await door()
  t.notMatch(again.stdout, token, 'and to what is no terminal no token is told')
  for (const node of WORKERS) {
    const { code, stdout, stderr } = await lab.ran(node, ['make', 'worker', `MANAGER=${await lab.address(MANAGER)}`])
    t.equal(code, 0, stderr)
    t.match(stdout, 'is ready')
  }
  for (const args of [['stack', 'deploy'], ['image', 'push'], ['status'], ['doctor']]) {
    const { code, stdout, stderr } = await pyli(MANAGER, args)
    t.equal(code, 0, `pyli ${args.join(' ')}: ${stdout}${stderr}`)
  }
  t.strictSame(await states(), before)
})
