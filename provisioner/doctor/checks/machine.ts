import { known } from '../../host/told.ts'
import { TUNING_FILE } from '../../stack/tuning.ts'
import type { Disk, Facts } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

const GIB = 1024 ** 3
/** What VXLAN puts around each packet. */
const VXLAN = 50
/** In seconds. A swarm's certificates hold from their making, and people's sessions end by the clock. */
const MOST_SKEW = 5

export function rights({ isRoot }: Facts): Finding[] {
  return isRoot ? [] : [warn('some of what follows only root can see', 'run it with sudo')]
}

export function clock({ clock }: Facts): Finding[] {
  const { isSynchronized, skews } = known(clock) ?? { isSynchronized: undefined, skews: [] }
  const wrong = skews.filter(({ seconds }) => Math.abs(seconds) > MOST_SKEW)
  const daemon = 'let it follow a time server (on Debian: apt install systemd-timesyncd)'
  if (wrong.length > 0) {
    return wrong.map(({ node, seconds }) =>
      bad(
        `the clock of ${node} is ${Math.abs(Math.round(seconds))} s ${seconds > 0 ? 'ahead of' : 'behind'} this one’s`,
        daemon,
      ),
    )
  }
  if (isSynchronized === false) return [warn('the clock follows no time server', daemon)]
  if (isSynchronized) return [ok('the clock follows a time server')]
  if (skews.length > 0) return [ok('the machines’ clocks agree')]
  return [
    warn(
      'whether the clock is right is unknown',
      '`timedatectl` tells, if it is installed; clocks must agree within seconds',
    ),
  ]
}

export function network({ network }: Facts): Finding[] {
  const found = known(network)
  if (found === undefined) return []
  const { device, mtu, overlays } = found
  const tooBig = overlays.filter((overlay) => overlay.mtu + VXLAN > mtu)
  if (tooBig.length === 0) return [ok(`${device} carries packets of ${mtu} bytes, enough for the swarm’s networks`)]
  return tooBig.map((overlay) =>
    bad(
      `${device} carries packets of ${mtu} bytes, and the network ${overlay.name} makes some of ${overlay.mtu + VXLAN}: what is long hangs`,
      `write PYLI_MTU=${mtu - VXLAN} into ${TUNING_FILE} of the first machine, then \`pyli stack rm\` and \`pyli stack deploy\`: a network that is there cannot be changed`,
    ),
  )
}

export function kernel({ kernel: { vxlan, fuse, ipVs }, storage, settings }: Facts): Finding[] {
  const usesFuse = storage === undefined || storage.choice.kind === 'gluster'
  return [
    module('VXLAN, for networks between machines', vxlan),
    ...(usesFuse ? [module('FUSE, for Gluster', fuse)] : []),
    settings?.overrides.includes('ingress')
      ? module('IP_VS, for the mesh of --with ingress', ipVs)
      : ok(
          ipVs === false
            ? 'the kernel has no IP_VS: harmless, as nothing here needs it (but --with ingress)'
            : 'the kernel has IP_VS, or may have it, which nothing here needs',
        ),
  ]
}

function module(what: string, isThere: boolean | undefined): Finding {
  if (isThere) return ok(`the kernel has ${what}`)
  return isThere === false
    ? bad(`the kernel has no ${what}`, 'use one that has: every one of Debian’s')
    : warn(`whether the kernel has ${what} is unknown`, '`modprobe` tells')
}

/** A full one stops the engine, the swarm's own state, or everybody's saving. */
export function disks({ disks }: Facts): Finding[] {
  const found = known(disks)
  if (found === undefined) return [warn('how full the disks are is unknown', '`df -h` tells')]
  const findings = found.map(judgeDisk).filter((each) => each !== undefined)
  return findings.length > 0
    ? findings
    : [ok(`the disks have room (${found.map(({ place, free }) => `${place} ${sized(free)}`).join(', ')})`)]
}

function judgeDisk({ place, size, free, freeInodes }: Disk): Finding | undefined {
  const todo =
    'make room: `docker image prune` on the engine’s disk, old notebooks on Gluster’s; or give it a bigger disk'
  if (free < Math.min(GIB, size * 0.02)) return bad(`${place} is full: ${sized(free)} of ${sized(size)} are free`, todo)
  if (freeInodes < 0.02) return bad(`${place} has no room for more files`, todo)
  if (free < Math.min(5 * GIB, size * 0.1))
    return warn(`${place} is nearly full: ${sized(free)} of ${sized(size)} are free`, todo)
  return undefined
}

const sized = (bytes: number): string =>
  bytes < GIB ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${Math.round(bytes / GIB)} GiB`
