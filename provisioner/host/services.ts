import { seconds } from '../../gateway/config/units.ts'
import type { Step } from '../cluster/settle.ts'
import { type Run, succeed } from './run.ts'

/** A unit of systemd's, running now and after a restart of the machine. */
export const serviceRuns = (run: Run, unit: string): Step => ({
  title: `${unit} runs`,
  async look() {
    const [isActive, isEnabled] = await Promise.all([
      run(['systemctl', 'is-active', unit]),
      run(['systemctl', 'is-enabled', unit]),
    ])
    if (isActive.code !== 0) return isActive.stdout.trim() || 'it does not run'
    return isEnabled.code === 0 ? undefined : 'it would not run after a restart of this machine'
  },
  change: async () => void (await succeed(run, ['systemctl', 'enable', '--now', unit])),
  patience: seconds(30),
  advice: `\`journalctl -u ${unit}\` says why.`,
})
