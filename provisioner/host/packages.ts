import type { Step } from '../cluster/settle.ts'
import { type Run, succeed } from './run.ts'

/** What apt and dpkg must not do: ask anybody, or fail because another one of them runs just now. */
const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', '-o', 'DPkg::Lock::Timeout=300'] as const

/** Nobody is there to agree to more: what would take another package away fails instead. */
const HARMLESS = ['--yes', '--no-remove', '--no-install-recommends'] as const

/** Debian's packages, without what they recommend. Nothing that is installed is updated. */
export const packagesAreInstalled = (run: Run, names: readonly string[]): Step => ({
  title: `Debian's ${names.join(', ')}`,
  async look() {
    const missing = await missingOf(run, names)
    return missing.length === 0
      ? undefined
      : `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`
  },
  // Not ended by Ctrl-C: a package that is half installed is worse than a minute's wait.
  async change() {
    await succeed(run, ['dpkg', '--configure', '-a']) // what somebody has pulled the plug on
    await succeed(run, [...APT, 'update'])
    await succeed(run, [...APT, 'install', ...HARMLESS, ...(await missingOf(run, names))])
  },
})

async function missingOf(run: Run, names: readonly string[]): Promise<string[]> {
  const { stdout } = await run(['dpkg-query', '--show', `--showformat=\${Package} \${db:Status-Status}\\n`, ...names])
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')))
  return names.filter((name) => !installed.has(`${name} installed`))
}
