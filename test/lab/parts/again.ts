import { part } from '../support/part.ts'
import { door, lab, MANAGER, pyli, shell, WORKERS } from '../support/the-lab.ts'

/** What a second run must leave as it is: containers by their ids, objects of the swarm by their versions, files by their content. */
const state: readonly string[] = [
  'docker ps -q --no-trunc | sort',
  'docker image ls -q --no-trunc | sort -u',
  'find /etc/pyli /var/lib/pyli /etc/docker /etc/fstab /etc/systemd/system -type f -exec sha256sum {} + | sort -k2',
  'gluster volume info all',
  'gluster pool list | sort',
  'grep pyli /proc/mounts',
]
const stateOfSwarm: readonly string[] = [
  "docker service ls -q | xargs docker service inspect --format '{{.ID}} {{.Version.Index}} {{.UpdatedAt}}'",
  'docker secret ls -q | sort',
  "docker node ls -q | xargs docker node inspect --format '{{.ID}} {{.Spec}}'",
]

async function stateOf(node: number): Promise<string> {
  const all = [...state, ...(node === MANAGER ? stateOfSwarm : [])]
  return shell(node, all.map((line) => `echo '# ${line.replaceAll("'", '')}'; ${line}`).join('\n'))
}

async function states(): Promise<string[]> {
  return Promise.all([MANAGER, ...WORKERS].map(stateOf))
}

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
