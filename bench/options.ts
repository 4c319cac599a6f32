import { parseArgs } from 'node:util'
import { numberOf } from './counts.ts'
import { peers } from './peers/peers.ts'
import { type WorkName, workNames } from './report/record.ts'

const peerNames = peers.map(({ name }) => name)

/** Users to be played on a gateway that runs. */
export interface PlayOptions {
  readonly url: URL
  readonly tokenFile: string
  readonly caFile: string | undefined
  readonly users: number
  readonly seconds: number
}

export interface BenchOptions {
  readonly only: readonly WorkName[]
  /** Absent: all that are found. */
  readonly peers: readonly string[] | undefined
  readonly quick: boolean
  readonly rounds: number
  readonly seconds: number
  readonly browser: boolean
  readonly json: string | undefined
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
  --profile DIR    CPU profiles of the gateway, for Chrome's developer tools

npm run bench -- --url https://HOST/ --token-file FILE      plays users on a gateway that runs, and says what they met

  --users COUNT    who open JupyterLab, start a kernel, run cells, save, poll and leave (50)
  --seconds TIME   how long they work (60)
  --ca FILE        the authority of its certificate, where the system knows it not
`

/** Throws with a sentence for what cannot be meant. */
export function parseOptions(args: readonly string[]): BenchOptions | PlayOptions | 'help' {
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
      profile: { type: 'string' },
      url: { type: 'string' },
      'token-file': { type: 'string' },
      ca: { type: 'string' },
      users: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.url !== undefined) {
    const tokenFile = values['token-file']
    if (tokenFile === undefined) throw new Error('--url needs --token-file: a file with the Jupyter token')
    return {
      url: urlOf(values.url),
      tokenFile,
      caFile: values.ca,
      users: numberOf('--users', values.users, 50),
      seconds: numberOf('--seconds', values.seconds, 60),
    }
  }
  const { quick, browser, json, profile } = values
  return {
    only: values.only.flatMap((names) => names.split(',').map(workNamed)),
    peers: values.peers === 'none' ? [] : values.peers?.split(',').map(peerNamed),
    quick,
    rounds: numberOf('--rounds', values.rounds, quick ? 3 : 5),
    seconds: numberOf('--seconds', values.seconds, quick ? 1 : 3),
    browser,
    json,
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

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`--url must be like https://HOST/, got "${text}"`)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return new URL(url.pathname, url)
}
