import { parseArgs } from 'node:util'
import { peers } from './peers/peers.ts'
import { type WorkName, workNames } from './report/record.ts'

const peerNames = peers.map(({ name }) => name)

export interface BenchOptions {
  readonly only: readonly WorkName[]
  /** Absent: all that are found. */
  readonly peers: readonly string[] | undefined
  readonly quick: boolean
  readonly rounds: number
  readonly seconds: number
  readonly browser: boolean
  readonly json: string | undefined
  readonly picture: string | undefined
  readonly profile: string | undefined
}

export const help = `npm run bench [-- OPTIONS]      what work costs us and every other proxy that is found here, side by side

  --only NAME,…    some works: ${workNames.join(', ')}
  --quick          three short rounds of fewer forms: to see which way it goes, not to be told
  --rounds COUNT   rounds of each (5)
  --seconds TIME   of each round and proxy (3)
  --peers NAME,…   these alone: ${peerNames.join(', ')}; none for us alone
  --browser        small requests have a browser's headers, not only Host
  --json FILE      also writes the results there
  --picture FILE   also draws them there, as SVG
  --profile DIR    CPU profiles of the gateway, for Chrome's developer tools
`

/** Throws with a sentence for what cannot be meant. */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      peers: { type: 'string' },
      browser: { type: 'boolean', default: false },
      json: { type: 'string' },
      picture: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const { quick, browser, json, picture, profile } = values
  return {
    only: values.only.flatMap((names) => names.split(',').map(workNamed)),
    peers: values.peers === 'none' ? [] : values.peers?.split(',').map(peerNamed),
    quick,
    rounds: numberOf('--rounds', values.rounds, quick ? 3 : 5),
    seconds: numberOf('--seconds', values.seconds, quick ? 1 : 3),
    browser,
    json,
    picture,
    profile,
  }
}

function peerNamed(name: string): string {
  if (!peerNames.includes(name)) throw new Error(`--peers: "${name}" is none; there are ${peerNames.join(', ')}`)
  return name
}

function workNamed(name: string): WorkName {
  const found = workNames.find((each) => each === name)
  if (!found) throw new Error(`--only: there is no work "${name}"; there are ${workNames.join(', ')}`)
  return found
}

function numberOf(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!(number > 0) || number > 3_600) throw new Error(`${flag} must be a number above 0, got "${text}"`)
  return number
}
