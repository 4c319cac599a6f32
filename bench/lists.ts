import { countsOrEnd } from './counts.ts'
import { machine } from './machine.ts'
import { cpuTime, endAll, startAndHear } from './processes.ts'
import { startGateway } from './subjects.ts'

/**
 * What questions to the whole cluster cost: CPU time of the gateway for each answered list of all kernels, and for each
 * search of a kernel that nobody knows, with the questions that each backend was asked for it.
 */
const { backends, kernels, rounds } = countsOrEnd({
  script: 'bench:lists',
  about: 'what lists of all kernels and searches for one that nobody has cost the gateway',
  counts: {
    backends: { usually: 50, about: 'servers' },
    kernels: { usually: 2_000, about: 'kernels, shared out among them' },
    rounds: { usually: 200, about: 'lists, and searches' },
  },
})

try {
  const many = [`--many=${backends}`, `--kernels=${kernels}`]
  const { ports } = await startAndHear(process.execPath, [new URL('jupyter.ts', import.meta.url).pathname, ...many])
  const questionsOf = async () => {
    const counts = ports.map(async (port) => (await (await fetch(`http://127.0.0.1:${port}/asked`)).json()) as number)
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  const gateway = await startGateway({
    ports,
    flags: ['--list-max-age=1h', '--survey-every=1h', '--gone-after=2h', '--probe-every=1h'],
  })
  const ask = async (path: string) => (await fetch(gateway.url + path)).text()
  const listed = JSON.parse(await ask('api/kernels')) as unknown[]

  const list = await costOf(() => ask('api/kernels'))
  const before = await questionsOf()
  let searched = 0
  const search = await costOf(() => ask(`api/kernels/0-0-0-0-${searched++}`))
  const questions = (await questionsOf()) - before

  async function costOf(act: () => Promise<unknown>): Promise<number> {
    const begun = cpuTime(gateway.pid)
    for (let round = 0; round < rounds; round++) await act()
    return (cpuTime(gateway.pid) - begun) / rounds / 1_000
  }

  process.stdout.write(
    [
      machine(),
      `${ports.length} backends, ${listed.length} kernels, ${rounds} rounds; CPU milliseconds of the gateway`,
      `list of all kernels                  ${list.toFixed(1)}`,
      `search of a kernel that nobody has   ${search.toFixed(1)}, ${(questions / rounds / ports.length).toFixed(2)} questions to each backend`,
      '',
    ].join('\n'),
  )
} finally {
  await endAll()
}
