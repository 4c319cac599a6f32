import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { followedBy, type Step } from '../cluster/settle.ts'
import { fileHolds } from './files.ts'
import { type Run, succeed } from './run.ts'
import { serviceRuns } from './services.ts'

const FENCE = '/usr/local/lib/pyli/fence'
const UNIT = 'pyli-fence.service'

const source = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'fence', name), 'utf8')

/** On every machine, once its engine runs. The script says what containers of the swarm may not reach, and why. */
export const containersAreFenced = (run: Run): Step[] => [
  fileHolds({
    title: 'what fences containers off',
    path: FENCE,
    mode: 0o755,
    content: () => source('fence'),
  }),
  followedBy(
    fileHolds({
      title: 'its unit',
      path: `/etc/systemd/system/${UNIT}`,
      mode: 0o644,
      content: () => source(UNIT),
    }),
    () => succeed(run, ['systemctl', 'daemon-reload']),
  ),
  serviceRuns(run, UNIT),
  {
    title: 'containers do not reach what is the machines’ own',
    async look() {
      const { code, stdout, stderr } = await run([FENCE, 'look'])
      return code === 0 ? undefined : (stdout.trim() || stderr.trim()).split('\n')[0]
    },
    change: async () => void (await succeed(run, [FENCE, 'up'])),
  },
]
