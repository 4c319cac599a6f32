import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../../provisioner/host/run.ts'

const FENCE = join(import.meta.dirname, '..', '..', '..', 'provisioner', 'host', 'fence', 'fence')

/** Keeps rules as lines of a file, as iptables does in the kernel. */
const IPTABLES = `#!/bin/sh
set -eu
rules=$(dirname "$0")/rules
shift # --wait
verb=$1 && shift
case $verb in
  --check) grep -qxF -- "$*" "$rules" ;;
  --insert) chain=$1 && shift 2 && { echo "$chain $*"; cat "$rules"; } >"$rules.new" && mv "$rules.new" "$rules" ;;
  --delete) grep -vxF -- "$*" "$rules" >"$rules.new" || true; mv "$rules.new" "$rules" ;;
  *) exit 9 ;;
esac
`

function setUp(t: Test) {
  const folder = t.testdir({ iptables: IPTABLES, rules: 'INPUT -j ACCEPT\nDOCKER-USER -j RETURN\n' })
  chmodSync(join(folder, 'iptables'), 0o755)
  const fence = async (verb: string) =>
    await run([FENCE, verb], { variables: { PATH: `${folder}:${process.env.PATH}` } })
  const rules = () => readFileSync(join(folder, 'rules'), 'utf8').trimEnd().split('\n')
  return { fence, rules, write: (text: string) => writeFileSync(join(folder, 'rules'), text) }
}

t.test('containers of the swarm reach no machine, and nothing stands before that', async (t) => {
  const { fence, rules } = setUp(t)
  t.equal((await fence('look')).code, 1)
  t.equal((await fence('up')).code, 0)
  t.equal((await fence('look')).code, 0)
  for (const chain of ['INPUT', 'DOCKER-USER'])
    t.match(
      rules().find((rule) => rule.startsWith(chain)),
      /REJECT$/,
    )
  const [swarm] = rules().filter((rule) => rule.includes('2377'))
  t.match(swarm, '24007:24008,49152:60999', 'the volume’s bricks')
  t.ok(
    rules().includes('DOCKER-USER -i docker_gwbridge -d 169.254.0.0/16 -j REJECT'),
    'what a cloud tells its machines',
  )
})

interface Packet {
  readonly chain: 'INPUT' | 'DOCKER-USER'
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** NEW begins a connection; an answer is ESTABLISHED. */
  readonly state: 'NEW' | 'ESTABLISHED'
}

/** What iptables would do, of the conditions that our rules have. */
const isRefused = (rules: readonly string[], { chain, protocol, port, state }: Packet): boolean =>
  rules.some((rule) => {
    const [, but] = / ! --dport (\d+)/.exec(rule) ?? []
    const [, list] = / --dports (\S+)/.exec(rule) ?? []
    const isListed = (each: string) => {
      const [from, to = from] = each.split(':').map(Number)
      return port >= Number(from) && port <= Number(to)
    }
    return (
      rule.startsWith(`${chain} `) &&
      rule.endsWith(' -j REJECT') &&
      rule.includes(` -p ${protocol} `) &&
      (!rule.includes(' --ctstate NEW ') || state === 'NEW') &&
      (but === undefined || port !== Number(but)) &&
      (list === undefined || list.split(',').some(isListed))
    )
  })

t.test('only who begins a connection is refused: a browser’s port may be one of a brick’s', async (t) => {
  const { fence, rules } = setUp(t)
  await fence('up')
  for (const [chain, protocol, port] of [
    ['INPUT', 'tcp', 50_000],
    ['INPUT', 'udp', 50_000],
    ['DOCKER-USER', 'tcp', 50_000],
    ['DOCKER-USER', 'udp', 4789],
  ] as const) {
    const packet = { chain, protocol, port }
    t.ok(isRefused(rules(), { ...packet, state: 'NEW' }), `${chain} ${protocol}/${port}: a notebook begins nothing`)
    t.notOk(isRefused(rules(), { ...packet, state: 'ESTABLISHED' }), `${chain} ${protocol}/${port}: an answer passes`)
  }
  const names = { chain: 'INPUT', protocol: 'udp', port: 53, state: 'NEW' } as const
  t.notOk(isRefused(rules(), names), 'names are asked of this machine')
  t.notOk(isRefused(rules(), { ...names, chain: 'DOCKER-USER', port: 443 }), 'the internet is there')
})

t.test('a second time adds nothing, and its end leaves what was there', async (t) => {
  const { fence, rules } = setUp(t)
  const before = rules()
  await fence('up')
  const once = rules()
  await fence('up')
  t.strictSame(rules(), once)
  t.equal((await fence('down')).code, 0)
  t.strictSame(rules(), before)
})

t.test('what somebody has taken away is told', async (t) => {
  const { fence, rules, write } = setUp(t)
  await fence('up')
  write(`${rules().slice(1).join('\n')}\n`)
  t.match(await fence('look'), { code: 1, stdout: /^it lacks: \S+ -i docker_gwbridge/ })
  await fence('up')
  t.equal((await fence('look')).code, 0)
})
