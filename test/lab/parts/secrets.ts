import { randomBytes } from 'node:crypto'
import { part } from '../support/part.ts'
import { MANAGER, on, pyli, shell, WORKERS } from '../support/the-lab.ts'

interface Secret {
  readonly name: string
  /** A part that is in one line, as a search by lines looks for it. */
  readonly text: string
}

/** All that the first machine keeps for itself, and the tokens by which machines join. */
async function secrets(): Promise<Secret[]> {
  const files = await shell(MANAGER, 'ls /var/lib/pyli/secrets/* /var/lib/pyli/tls/*-key.pem')
  const found = await Promise.all(
    lines(files).map(async (file) => {
      const all = lines(await on(MANAGER, ['cat', file]))
      // Of a key in PEM the second line: the first is the same for all.
      return { name: file, text: (all.length > 1 ? all[1] : all[0]) ?? '' }
    }),
  )
  for (const role of ['worker', 'manager']) {
    found.push({
      name: `join token of a ${role}`,
      text: (await on(MANAGER, ['docker', 'swarm', 'join-token', '-q', role])).trim(),
    })
  }
  return found.filter(({ text }) => text.length >= 16)
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** What people and programs can read on a machine without being given it: a name, and a shell's line that prints it. */
const places: readonly (readonly [string, string])[] = [
  ['arguments of processes', "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null"],
  ['environments of processes', "for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/environ; done 2>/dev/null"],
  ['logs of the machine', 'find /var/log -type f -exec cat {} +'],
  ['logs of containers', 'for c in $(docker ps -aq); do docker logs $c 2>&1; done'],
  ['inspect of containers', 'docker ps -aq | xargs -r docker inspect'],
  [
    'inspect of images, and their history',
    'docker images -q | sort -u | while read i; do docker inspect $i; docker history --no-trunc $i; done',
  ],
  [
    'inspect of networks and volumes',
    'docker network ls -q | xargs docker network inspect; docker volume ls -q | xargs -r docker volume inspect',
  ],
  ['docker info', 'docker info'],
  ['what Pyli was told', 'cat /etc/pyli/*'],
  [
    'files of /etc, /opt and /srv that others than root can read',
    'find /etc /srv/pyli -xdev -type f -perm /o=r -size -1000k -exec cat {} +',
  ],
]
const ofManager: readonly (readonly [string, string])[] = [
  [
    'inspect of services, tasks, nodes, secrets and configs',
    'docker service ls -q | xargs docker service inspect; for s in $(docker service ls -q); do docker service ps -q $s | xargs docker inspect; done; docker node ls -q | xargs docker node inspect; docker secret ls -q | xargs docker secret inspect; docker config ls -q | xargs -r docker config inspect',
  ],
  ['logs of services', 'for s in $(docker service ls -q); do timeout 60 docker service logs $s 2>&1; done'],
]

/** The secrets that a machine shows somewhere; they go there by standard input alone. */
async function shown(node: number, [, line]: readonly [string, string], wanted: readonly Secret[]): Promise<string[]> {
  const search = `set -o pipefail; p=$(cat); { ${line}; } 2>/dev/null | grep -aoF -f <(printf '%s' "$p") | sort -u; true`
  const found = lines(await on(node, ['bash', '-c', search], { input: wanted.map(({ text }) => text).join('\n') }))
  return wanted.filter(({ text }) => found.includes(text)).map(({ name }) => name)
}

part('no secret is in a list of processes, a log, what inspect tells, or a file that others can read', async (t) => {
  const wanted = await secrets()
  t.ok(wanted.length >= 8, wanted.map(({ name }) => name).join(', '))

  // The search itself: something that is no secret is put into the open, and found.
  const planted = { name: 'what was planted', text: randomBytes(24).toString('hex') }
  await shell(MANAGER, `echo ${planted.text} >/var/log/planted; setsid -f bash -c 'sleep 60; true' ${planted.text}`)
  for (const place of [places[0], places[2]] as const) {
    if (place) t.same(await shown(MANAGER, place, [planted]), [planted.name], `${place[0]} are searched`)
  }
  await on(MANAGER, ['rm', '/var/log/planted'])

  for (const node of [MANAGER, ...WORKERS]) {
    for (const place of [...places, ...(node === MANAGER ? ofManager : [])]) {
      t.same(await shown(node, place, wanted), [], `n${node}: ${place[0]}`)
    }
  }

  for (const args of [['status'], ['status', '--json'], ['doctor'], ['manager', '--plan'], ['stack', 'deploy']]) {
    const { stdout, stderr } = await pyli(MANAGER, args)
    const told = wanted.filter(({ text }) => `${stdout}${stderr}`.includes(text)).map(({ name }) => name)
    t.same(told, [], `pyli ${args.join(' ')}`)
  }
})
