import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import t from 'tap'
import {
  invitation,
  invitationIsOut,
  invitationIsOver,
  toldToWorkers,
} from '../../../provisioner/cluster/invitation.ts'

function swarm() {
  let turn = 1
  const engine = {
    swarmInspect: async () => ({
      Spec: { Name: 'default', Dispatcher: { HeartbeatPeriod: 20_000_000_000 } },
      Version: { Index: turn },
      JoinTokens: { Worker: `SWMTKN-1-ca-worker${turn}`, Manager: `SWMTKN-1-ca-manager${turn}` },
    }),
    swarmUpdate: async (spec: { version: number; rotateWorkerToken: boolean; Dispatcher: object }) => {
      t.match(spec, { version: turn, rotateWorkerToken: true, Dispatcher: { HeartbeatPeriod: 20_000_000_000 } })
      turn += 1
    },
  } as unknown as Docker
  return engine
}

t.test("the workers' token is kept for root alone while machines are awaited, and worthless afterwards", async (t) => {
  const engine = swarm()
  const file = join(t.testdir(), 'join-token')
  const [out, over] = [invitationIsOut(engine, file), invitationIsOver(engine, file)]
  t.equal(await over.look(), undefined, 'nothing is out yet')
  t.ok(await out.look())
  await out.change?.()
  t.equal(readFileSync(file, 'utf8'), 'SWMTKN-1-ca-worker1')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(await out.look(), undefined)

  await over.change?.()
  t.equal(await over.look(), undefined)
  t.throws(() => statSync(file))
  t.ok(await out.look(), 'the next machine needs another one')
})

const guests = { count: 2, address: '10.0.0.1', options: [], token: 'SWMTKN-1-a-b', isWatched: true }

t.test('a person is shown one line to copy', async (t) => {
  t.match(invitation(guests), 'On each of the other 2 machines, as root, in the project’s folder:'.replace('’', "'"))
  t.match(invitation(guests), /^ {2}echo SWMTKN-1-a-b \| make worker MANAGER=10\.0\.0\.1$/m)
})

t.test('the line tells what was chosen for all machines', async (t) => {
  const options = toldToWorkers({ workers: '4', storage: 'nfs', nfs: 'files:/export', advertise: '10.0.0.1' })
  t.match(
    invitation({ ...guests, options }),
    /make worker MANAGER=10\.0\.0\.1 OPTIONS='--storage=nfs --nfs=files:\/export'$/m,
  )
  t.same(toldToWorkers({ registry: 'images.example:5000' }), ['--registry=images.example:5000'])
})

t.test('a log is not shown the token, but where it is', async (t) => {
  const text = invitation({ ...guests, isWatched: false }, '/var/lib/pyli/join-token')
  t.notMatch(text, 'SWMTKN')
  t.match(text, '/var/lib/pyli/join-token')
})
