import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

const keeper = join(import.meta.dirname, '../../../provisioner/storage/keeper/volume-keeper.sh')

/** Mounts of its own, over this machine's /srv, /run and fstab: what is done there is seen there alone, and ends with it. */
const ours = ['unshare', '--mount', '--propagation', 'private']
const scene = (script: string): string => `set -u
mount -t tmpfs none /srv; mount -t tmpfs none /run; mkdir /srv/data /srv/data/notebooks
echo 'UUID=1 / ext4 defaults 0 1' >/run/fstab; mount --bind /run/fstab /etc/fstab
wanted() { echo "/srv/data /srv/pyli/mounts/volume none bind,noauto 0 0" >>/etc/fstab; }
count() { grep -c ' /srv/pyli/mounts/volume ' /proc/self/mounts; }
${script}`

function play(script: string) {
  const [program = '', ...args] = [...ours, 'bash', '-c', scene(script)]
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 })
  return { status, said: stdout.trim().split('\n'), stderr }
}

const [program = '', ...args] = [...ours, 'true']
const mayMount = spawnSync(program, args).status === 0
const only = { skip: !mayMount && 'it needs root, and the right to mount' }

t.test('it mounts what fstab says, below a shared mount, and once however often it is asked', only, async (t) => {
  const { said } = play(`wanted; ${keeper} once; ${keeper} once; count
    ls /srv/pyli/mounts/volume; findmnt -no PROPAGATION /srv/pyli/mounts`)
  t.strictSame(said, ['/srv/pyli/mounts/volume is mounted', '1', 'notebooks', 'shared'])
})

t.test('why it cannot is told, and its code says so', only, async (t) => {
  t.match(play(`${keeper} once`), { status: 1, stderr: /fstab has no line for/ })
  const givenUp = '#/srv/data /srv/pyli/mounts/volume none bind 0 0'
  t.match(play(`echo '${givenUp}' >>/etc/fstab; ${keeper} once`), { status: 1, stderr: /fstab has no line for/ })
  t.match(play(`wanted; rm -r /srv/data; ${keeper} once`), { status: 1, stderr: /cannot mount .*: .*\/srv\/data/ })
})

t.test('it waits as long as it is told', only, async (t) => {
  const late = play(`wanted; mv /srv/data /srv/x; (sleep 1; mv /srv/x /srv/data) & ${keeper} wait 30; count`)
  t.match(late.said.at(-1), '1')
  const never = play(`wanted; rm -r /srv/data; ${keeper} wait 1`)
  t.equal(never.status, 1)
})

t.test('what goes away is mounted again, and a reason is told once', only, async (t) => {
  const { said } = play(`wanted; mv /srv/data /srv/x; ${keeper} >/run/said & sleep 3; mv /srv/x /srv/data
    for _ in $(seq 150); do [ "$(count)" = 1 ] && break; sleep 0.1; done; count
    umount /srv/pyli/mounts/volume
    for _ in $(seq 150); do [ "$(count)" = 1 ] && break; sleep 0.1; done; count
    kill %1; cat /run/said`)
  const mounted = '/srv/pyli/mounts/volume is mounted'
  t.match(said, ['1', '1', /^cannot mount .*\/srv\/data/, mounted, mounted])
})
