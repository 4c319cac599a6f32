import { known } from '../../host/told.ts'
import type { EngineFacts, Facts } from '../facts.ts'
import { bad, type Finding, ok, warn } from '../finding.ts'

/** Debian 12's engine (20.10): the oldest with all that the stack needs. */
const OLDEST = '1.41'
/** Debian 13's has 1.45; from here servers are asked every 2 s while they start (start_interval). */
const GOOD = '1.44'

/** Is there an engine, and can it what we need. */
export function engine(facts: Facts): Finding[] {
  const found = known(facts.engine)
  if (found !== undefined) return [age(found), membership(found, facts)]
  const why = 'unknown' in facts.engine ? facts.engine.unknown : ''
  const isMember = facts.storage !== undefined
  return [
    isMember
      ? bad(`the engine does not answer: ${why}`, '`systemctl status docker` and `journalctl -u docker` tell why')
      : warn(`no engine answers: ${why}`, '`pyli manager` or `pyli worker` installs and starts one'),
  ]
}

function age({ version, api }: EngineFacts): Finding {
  const what = `the engine is ${version}, with API ${api}`
  if (isBelow(api, OLDEST))
    return bad(`${what}, which is too old`, `install one with API ${OLDEST} or newer: Debian 12 and 13 have it`)
  if (isBelow(api, GOOD))
    return warn(
      `${what}: new servers are used up to 15 s later`,
      `API ${GOOD} (Debian 13) asks them more often while they start`,
    )
  return ok(what)
}

/** Numbers with a dot, which are no fractions: 1.9 is below 1.41. */
function isBelow(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}

function membership({ membership }: EngineFacts, { storage, settings }: Facts): Finding {
  if (membership === 'joining')
    return warn('the engine is just joining the swarm', 'if that lasts, `docker info` tells why')
  if (membership === 'none' && storage !== undefined) {
    const again = settings === undefined ? 'pyli worker HOST' : 'pyli manager'
    return bad('this machine belongs to a cluster of pyli, and is in no swarm', `\`${again}\` brings it back`)
  }
  if (membership !== 'none' && storage === undefined) {
    return bad(
      'this machine is in a swarm that is not of pyli',
      '`docker swarm leave` first, if that swarm may lose it',
    )
  }
  return ok(membership === 'none' ? 'this machine is in no swarm' : `this machine is a ${membership} of the swarm`)
}
