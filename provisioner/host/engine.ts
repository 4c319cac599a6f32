import type Docker from 'dockerode'
import { seconds } from '../../gateway/config/units.ts'
import type { Step } from '../cluster/settle.ts'
import { Trouble } from '../local/trouble.ts'
import { containersAreFenced } from './fence.ts'
import { fileHolds } from './files.ts'
import { packagesAreInstalled } from './packages.ts'
import { type Run, succeed } from './run.ts'
import { serviceRuns } from './services.ts'

const FILE = '/etc/docker/daemon.json'

/**
 * What a stack file cannot say. `security_opt` is ignored there, and a log without limits fills the disk on which the
 * swarm's own state lies.
 */
const wanted = {
  'no-new-privileges': true,
  'log-driver': 'json-file',
  'log-opts': { 'max-size': '10m', 'max-file': '3' },
} as const

/** An engine on this machine, Debian's where there is none, set up before it first starts. */
export const engineRuns = (run: Run, engine: Docker, file = FILE): Step[] => [
  fileHolds({
    title: "the engine's settings",
    path: file,
    mode: 0o644,
    content: (present) => daemonJson(present, file),
  }),
  packagesAreInstalled(run, ['ca-certificates', 'iptables']),
  commandIsThere(run, 'dockerd', 'docker.io'),
  commandIsThere(run, 'docker', 'docker-cli'), // a package of its own since Debian 13, and part of docker.io before
  serviceRuns(run, 'docker'),
  {
    title: 'the engine answers',
    look: async () => answer(engine),
    patience: seconds(60),
    advice: '`journalctl -u docker` says why it does not.',
  },
  {
    title: 'the engine has taken its settings',
    async look() {
      const { SecurityOptions = [] } = await engine.info()
      const hasTaken = (SecurityOptions as string[]).includes('name=no-new-privileges')
      return hasTaken ? undefined : 'it has not been restarted since'
    },
    change: async () => void (await succeed(run, ['systemctl', 'restart', 'docker'])),
    patience: seconds(60),
  },
  ...containersAreFenced(run),
]

/** Wherever it is from: an engine of Docker's own packages stays, of which Debian's would take the place. */
function commandIsThere(run: Run, command: string, origin: string): Step {
  const step = packagesAreInstalled(run, [origin])
  return {
    ...step,
    title: `${command}, or Debian's ${origin}`,
    async look() {
      const { code } = await run(['sh', '-c', 'command -v "$1"', 'sh', command])
      return code === 0 ? undefined : step.look()
    },
  }
}

/** The operator's own settings stay, except where they contradict what the cluster needs. */
export function daemonJson(present: string | undefined, file = FILE): string {
  const own = present === undefined || present.trim() === '' ? {} : parse(present, file)
  if (own['live-restore'] === true) {
    throw new Trouble(`${file} has "live-restore", with which an engine refuses to be part of a swarm: take it out.`)
  }
  const logs = own['log-driver'] === undefined ? {} : { 'log-driver': own['log-driver'], 'log-opts': own['log-opts'] }
  return `${JSON.stringify({ ...own, ...wanted, ...logs }, null, 2)}\n`
}

function parse(text: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new Trouble(`${file} is not JSON (${(error as Error).message}): mend it, the engine cannot read it either.`)
  }
}

async function answer(engine: Docker): Promise<string | undefined> {
  try {
    await engine.ping()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}
