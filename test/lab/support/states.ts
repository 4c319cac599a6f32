import { MANAGER, shell, WORKERS } from './the-lab.ts'

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

export async function states(): Promise<string[]> {
  return Promise.all([MANAGER, ...WORKERS].map(stateOf))
}
