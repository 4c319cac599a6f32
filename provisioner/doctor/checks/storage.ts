import { known } from '../../host/told.ts'
import { MOUNT } from '../../storage/storage.ts'
import type { Facts } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

export function storage({ storage }: Facts): Finding[] {
  if (storage === undefined) return []
  return [...volume(storage.state), ...rootDisk(storage)]
}

function volume(state: NonNullable<Facts['storage']>['state']): Finding[] {
  const found = known(state)
  if (found === undefined) {
    const why = 'unknown' in state ? state.unknown : ''
    return [
      bad(`how storage is cannot be told: ${why}`, '`systemctl status glusterd pyli-volume` tells what does not run'),
    ]
  }
  const { health, lines } = found
  const told = lines.join('; ')
  switch (health) {
    case 'well':
      return [ok(`the volume is mounted, and all of it is there (${lines[0]})`)]
    case 'degraded':
      return [
        warn(`storage is degraded: ${told}`, 'bring back what is away or does not run; what it missed heals by itself'),
      ]
    case 'down':
      return [
        bad(
          `notebooks cannot be used here: ${told}`,
          `\`journalctl -u pyli-volume\` tells why ${MOUNT} is not mounted; without a majority of bricks nobody can write`,
        ),
      ]
  }
}

function rootDisk({ choice, isOnRootDisk }: NonNullable<Facts['storage']>): Finding[] {
  if (choice.kind !== 'gluster' || isOnRootDisk === undefined || known(isOnRootDisk) !== true) return []
  const what = `Gluster’s copy (${choice.brick}) is on the disk of the system, which notebooks could fill until the machine stops`
  return [
    choice.allowsRootDisk
      ? warn(what, 'watch its free space, or give it a disk of its own')
      : bad(what, 'is its own disk mounted? Otherwise give one with --brick, or allow it with --root-disk allow'),
  ]
}
