import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { compare } from './compare.ts'
import { machine } from './machine.ts'
import { type BenchOptions, help, type PlayOptions, parseOptions } from './options.ts'
import { type Peer, peers } from './peers/peers.ts'
import { endAll, stayAway } from './processes.ts'
import type { Results, Row } from './report/record.ts'
import { memoryTableOf, speedTableOf, tableOf } from './report/table.ts'
import { folder, makeCertificate } from './subjects.ts'
import { play } from './users/play.ts'
import { works } from './works/works.ts'

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** Who is here, and how those are got who are not. */
async function findPeers(
  wanted: BenchOptions['peers'],
): Promise<{ present: Peer[]; versions: Record<string, string> }> {
  const present: Peer[] = []
  const versions: Record<string, string> = { pyli: 'this one', node: process.version }
  for (const peer of peers) {
    if (wanted && !wanted.includes(peer.name)) continue
    const version = await peer.version()
    if (version === undefined) {
      say(`${peer.name} is not here and is left out: ${peer.howToGet}`)
      continue
    }
    present.push(peer)
    versions[peer.name] = version
  }
  return { present, versions }
}

async function bench(options: BenchOptions): Promise<Results> {
  await stayAway()
  await makeCertificate()
  const { present, versions } = await findPeers(options.peers)
  const { rounds, seconds, browser, profile } = options
  const nodeFlags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const rows: Row[] = []
  for (const work of works) {
    if (options.only.length > 0 && !options.only.includes(work.name)) continue
    for (const form of options.quick ? work.quickForms : work.forms) {
      rows.push(await compare(work, form, { peers: present, rounds, seconds, browser, nodeFlags, say }))
    }
  }
  return { machine: machine(), date: new Date().toISOString(), rounds, versions, rows }
}

function print(results: Results): void {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`)
  process.stdout.write(
    `${results.machine}\n${versions.join(', ')}\n\n` +
      `CPU time of each proxy, median of ${results.rounds} rounds; ratio: ours to theirs, below 1 is better\n` +
      `${tableOf(results)}\n${speedTableOf(results)}`,
  )
  if (results.rows.some(({ memory }) => memory)) process.stdout.write(`\n${memoryTableOf(results)}`)
}

/** The exit code says whether all of them could work. */
async function playUsers({ url, tokenFile, caFile, users, seconds }: PlayOptions): Promise<void> {
  const token = readFileSync(tokenFile, 'utf8').trim()
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8')
  const meter = await play({ gateway: { url, token, ca }, users, seconds, signal: stopping.signal, say })
  process.stdout.write(meter.report())
  if (meter.failed > 0) process.exitCode = 1
}

/** What was begun is cleaned up: users leave, and what was started ends. A second signal does not wait. */
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    stopping.abort()
    process.exitCode = 130
    await endAll()
  })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(help)
  } else if ('url' in options) {
    await playUsers(options)
  } else {
    const results = await bench(options)
    print(results)
    if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
  }
} catch (error) {
  say((error as Error).message)
  process.exitCode = 1
} finally {
  await endAll()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
