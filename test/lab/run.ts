import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { minutes } from '../../gateway/config/units.ts'
import { run } from '../../provisioner/host/run.ts'
import { findEngine } from '../../provisioner/image/engine.ts'
import { progressOn } from '../../provisioner/local/progress.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'
import { fileLines, summary } from '../runner/report.ts'
import { endAllFiles, type FileReport, runFile } from '../runner/run-file.ts'
import { nodeImage } from './image.ts'
import { Lab } from './machines.ts'
import { BUSY } from './support/limits.ts'
import { LAB } from './support/the-lab.ts'
import { forgetTimes, readTimes } from './support/times.ts'
import { writeTable } from './table.ts'

// npm run test:lab: three fresh machines, and one part after the other on them. Not of `npm test`, as it takes most of an
// hour, root and a Docker engine: its parts are no *.test.ts.

/** In this order: each takes the cluster as the one before has left it. */
const parts = [
  'install',
  'notebooks',
  'spread',
  'secrets',
  'again',
  'mistakes',
  'portainer',
  'update',
  'scale',
  'killed-task',
  'gateway',
  'lost-node',
  'second-manager',
  'ingress',
  'fresh',
  'registry',
] as const

const usage = `npm run test:lab [-- PART…] [--name NAME] [--keep] [--bare] [--busy]

  PART    only these, after install where the lab is not up: ${parts.join(', ')}
  --name  the lab's (pyli-test)
  --keep  leave it up, so that parts can be run in it again
  --bare  of machines on which nothing is installed
  --busy  the machine does other things as well: where a part bounds how long something takes, it may take three times that
`
const PART_LIMIT = minutes(60)
const INTERRUPTED = 130

process.on('exit', endAllFiles)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(INTERRUPTED))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'pyli-test' },
    keep: { type: 'boolean', default: false },
    bare: { type: 'boolean', default: false },
    busy: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
})

async function runParts(): Promise<void> {
  const strangers = positionals.filter((name) => !(parts as readonly string[]).includes(name))
  if (strangers.length > 0) throw new Trouble(`There is no part ${strangers.join(', ')}.\n\n${usage}`)
  const lab = new Lab(values.name, run)
  const progress = progressOn(process.stdout)
  const isUp = await lab.isUp()
  const isWhole = positionals.length === 0
  if (isWhole && isUp) {
    throw new Trouble(
      `The lab ${values.name} is up: npm run lab -- down --name ${values.name}, or name the parts to run in it.`,
    )
  }
  if (!isUp) {
    forgetTimes()
    const image = await nodeImage(
      await findEngine(),
      { isBare: values.bare, authority: undefined },
      progress,
      stop.signal,
    )
    await lab.up(3, image)
  }
  const wanted = parts.filter((name) => isWhole || positionals.includes(name) || (name === 'install' && !isUp))
  const environment = { [LAB]: values.name, ...(values.busy ? { [BUSY]: 'yes' } : {}) }
  const reports: FileReport[] = []
  try {
    for (const name of wanted) {
      progress.say(`${new Date().toTimeString().slice(0, 8)}  ${name}`)
      const file = join('test', 'lab', 'parts', `${name}.ts`)
      const report = await runFile({ file, name, environment }, PART_LIMIT)
      reports.push(report)
      console.log(fileLines(report, true).join('\n'))
      if (name === 'install' && report.outcomes.some(({ kind }) => kind === 'failed')) break // nothing to test
    }
  } finally {
    if (!values.keep && !isUp) await lab.down()
  }
  const outcomes = reports.flatMap((report) => report.outcomes)
  const isGood = outcomes.every(({ kind }) => kind !== 'failed')
  if (isWhole && isGood && !values.busy) writeTable(readTimes())
  for (const { what, seconds } of readTimes()) console.log(`${String(seconds).padStart(8)} s  ${what}`)
  console.log(summary(outcomes))
  process.exitCode = isGood ? 0 : 1
}

const stop = new AbortController()
try {
  if (values.help) console.log(usage)
  else await runParts()
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error)
  process.exitCode = 1
}
