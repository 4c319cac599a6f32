import tap, { type Test } from 'tap'
import { minutes } from '../../../gateway/config/units.ts'
import { part } from '../support/part.ts'
import { states } from '../support/states.ts'
import { authorities, lab, MANAGER, on, pyli, shell } from '../support/the-lab.ts'

/** Machines beside those of the cluster, on which one may go wrong. */
const [WORKER, FIRST] = [4, 5]

/** An exit code that is not 0, at most two sentences on the error output, and no stack of calls. */
async function refused(t: Test, node: number, args: readonly string[], why: RegExp, input = ''): Promise<void> {
  const { code, stdout, stderr } = await pyli(node, args, { input, limit: minutes(6) })
  t.not(code, 0, `pyli ${args.join(' ')} fails`)
  t.match(stderr, why)
  t.notMatch(stdout + stderr, /^ +at .*:\d+/m, 'no stack')
  t.ok(stderr.trim().split('\n').length <= 2, stderr)
}

part('a worker that cannot join says why in one sentence', async (t) => {
  await lab.up(FIRST, await lab.image())
  const before = await states()
  const manager = await lab.address(MANAGER)
  const worker = (host: string, ...more: string[]) => ['worker', host, '--brick=/data/brick', ...more]
  await refused(t, WORKER, worker('no-such-machine', '--deadline=5s'), /no-such-machine is no name/)
  await refused(t, WORKER, worker(await lab.address(9), '--deadline=5s'), /does not answer at port 2377.*pyli manager/)
  await refused(
    t,
    WORKER,
    worker(await lab.address(FIRST), '--deadline=5s'),
    /does not answer at port 2377.*pyli manager/,
  )
  await refused(t, WORKER, worker(manager), /No token came/)
  await refused(t, WORKER, worker(manager), /no token of a swarm/, 'password1\n')
  const wrong = `SWMTKN-1-${'0'.repeat(50)}-${'0'.repeat(25)}\n`
  await refused(t, WORKER, worker(manager), /token/, wrong)
  t.equal((await shell(WORKER, "docker info --format '{{.Swarm.LocalNodeState}}'")).trim(), 'inactive')
  t.strictSame(await states(), before, 'the cluster has not noticed')
})

part('a worker that is too early waits for its manager', async (t) => {
  const waiting = pyli(WORKER, ['worker', await lab.address(FIRST), '--brick=/data/brick', '--deadline=3m'], {
    input: `SWMTKN-1-${'0'.repeat(50)}-${'0'.repeat(25)}\n`,
    limit: minutes(6),
  })
  await shell(WORKER, 'sleep 10')
  await shell(FIRST, 'systemctl start docker && docker swarm init >/dev/null')
  const { stdout, stderr } = await waiting
  t.match(stdout, /waiting for/)
  t.match(stderr, /token/, 'it went on as soon as there was one, and was refused by it')
  await shell(FIRST, 'docker swarm leave --force')
})

part(
  'a first machine that cannot go on says why in one sentence, and destroys nothing',
  async (t) => {
    const manager = (...more: string[]) => ['manager', '--workers=0', ...more]

    await t.test('the place of its copy is on the disk of the system', (t) =>
      refused(t, FIRST, manager('--storage=gluster'), /on the disk of the system.*--brick/),
    )

    await t.test('the place of its copy is that of another volume', async (t) => {
      await shell(FIRST, 'systemctl start glusterd && gluster --mode=script volume create other n5:/data/brick force')
      await on(FIRST, ['bash', '-c', 'echo kept >/data/brick/theirs'])
      await refused(t, FIRST, manager('--storage=gluster', '--brick=/data/brick'), /holds the copy of another volume/)
      t.equal(await on(FIRST, ['cat', '/data/brick/theirs']), 'kept\n')
      t.match(await shell(FIRST, 'gluster volume info other'), 'Brick1: n5:/data/brick')
    })

    await t.test('the volume exists with other bricks', async (t) => {
      const before = await states()
      await refused(t, MANAGER, ['manager', '--brick=/data/elsewhere'], /notebooks/)
      t.strictSame(await states(), before)
    })

    await t.test('the disk of its engine is full', async (t) => {
      await shell(FIRST, 'systemctl stop docker; mount -t tmpfs -o size=64m tmpfs /var/lib/docker')
      const ca = await authorities()
      const build = ['--flavour=small', '--base=debootstrap', ...(ca === '' ? [] : [`--ca=${ca}`])]
      await refused(t, FIRST, manager('--storage=local', ...build), /A disk is full/i)
      await shell(FIRST, 'systemctl stop docker; umount -l /var/lib/docker')
    })
  },
  minutes(15),
)

tap.teardown(async () => {
  await Promise.all([WORKER, FIRST].map((node) => lab.remove(node)))
})
