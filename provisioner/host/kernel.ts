import { seconds } from '../../gateway/config/units.ts'
import type { Step } from '../cluster/settle.ts'
import { Trouble } from '../local/trouble.ts'
import { isThere } from './files.ts'
import type { Run } from './run.ts'

const LIMIT = seconds(5)

/** Whether it is built in, loaded, or there to be loaded; undefined where nobody can tell. */
export async function kernelHas(run: Run, module: string, option: string): Promise<boolean | undefined> {
  if (await isThere(`/sys/module/${module}`)) return true
  const configuration = await run(['zcat', '/proc/config.gz'], { limit: LIMIT }).catch(() => undefined)
  if (configuration?.code === 0) return new RegExp(`^CONFIG_${option}=[ym]$`, 'm').test(configuration.stdout)
  const probe = await run(['modprobe', '--dry-run', '--quiet', module], { limit: LIMIT }).catch(() => undefined)
  return probe === undefined ? undefined : probe.code === 0
}

/** Before anything is changed: without it the gateway would get a port at which nobody is answered. */
export const kernelHasMesh = (run: Run, has = kernelHas): Step => ({
  title: 'the kernel has IP_VS, for the mesh of --with ingress',
  async look() {
    if ((await has(run, 'ip_vs', 'IP_VS')) !== false) return undefined
    throw new Trouble(
      "This machine's kernel has no IP_VS, without which the mesh of --with ingress carries nothing: take one that has, as each of Debian's, or leave ingress out.",
    )
  },
})
