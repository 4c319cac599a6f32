import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, ms } from '../../gateway/config/units.ts'

/**
 * Which processes are ours is read from the system, never remembered: each one is started with OWNER in its environment,
 * and whatever it starts inherits that. So the kernels and shells of a Jupyter server are found although each lives in a
 * session of its own, also when the server was killed and they were handed to init. Pid files could name a stranger
 * after a reboot; the environment of a living process cannot.
 *
 * Needs Linux's /proc. Elsewhere nothing is found, and a stop reaches only the process groups that we started ourselves.
 */
export const OWNER = 'PYLI_OWNER'

/** What the owner variable says: the folder of the run, and the part of it. */
export const ownerOf = (stateDir: string, part: string): string => `${stateDir}#${part}`

const pidsOf = (folder: string): number[] => {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return []
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // the process ended, or belongs to someone else
  }
}

/** Fields of /proc/PID/stat after the name, which may itself hold spaces and parentheses. */
const statOf = (pid: number): string[] => {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

const parentOf = (pid: number): number => Number(statOf(pid)[1] ?? 0)

/** A zombie has ended: only its parent has not yet asked how. */
const isAlive = (pid: number): boolean => !['Z', 'X', ''].includes(statOf(pid)[0] ?? '')

/** Names one life of a pid: pids are given again, but not in the same clock tick of the same boot. */
export function lifeOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined
  return `${read('/proc/sys/kernel/random/boot_id').trim()}/${statOf(pid)[19]}`
}

function ancestorsOf(pid: number): Set<number> {
  const ancestors = new Set<number>()
  for (let at = pid; at > 0 && !ancestors.has(at); at = parentOf(at)) ancestors.add(at)
  return ancestors
}

/** All living processes of a run (`part` undefined) or of one part of it. */
export function ownedBy(stateDir: string, part?: string): number[] {
  const wanted = `${OWNER}=${ownerOf(stateDir, part ?? '')}`
  return carriersOf((entry) => (part === undefined ? entry.startsWith(wanted) : entry === wanted))
}

/**
 * All living processes with such an entry in the environment that they were started with, and their descendants, which
 * may have cleared it. Never ourselves or those above us: someone may start Pyli in a terminal that Pyli serves.
 */
export function carriersOf(isWanted: (entry: string) => boolean): number[] {
  const spared = ancestorsOf(process.pid)
  const alive = pidsOf('/proc').filter((pid) => !spared.has(pid) && isAlive(pid))
  const carriers = new Set(alive.filter((pid) => read(`/proc/${pid}/environ`).split('\0').some(isWanted)))
  const parents = new Map(alive.map((pid) => [pid, parentOf(pid)]))
  for (let before = -1; before !== carriers.size; ) {
    before = carriers.size
    for (const [pid, parent] of parents) if (carriers.has(parent)) carriers.add(pid)
  }
  return [...carriers]
}

export function signal(pids: Iterable<number>, name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // ended meanwhile
    }
  }
}

/** Resolves with whether `done` came true in time. */
export async function eventually(done: () => boolean, within: Ms, every: Ms = ms(50)): Promise<boolean> {
  for (const deadline = Date.now() + within; !done(); await sleep(every)) {
    if (Date.now() >= deadline) return false
  }
  return true
}

/** Ends whatever is left of a run or of a part: asks, waits, then does not ask. Resolves with how many there were. */
export async function endOwned(stateDir: string, part: string | undefined, patience: Ms): Promise<number> {
  const found = ownedBy(stateDir, part)
  signal(found, 'SIGTERM')
  const gone = () => ownedBy(stateDir, part).length === 0
  if (await eventually(gone, patience)) return found.length
  killOwned(stateDir, part)
  return found.length
}

/** At once and for good. Twice, because a process may have started another one while we read the list. */
export function killOwned(stateDir: string, part?: string): void {
  signal(ownedBy(stateDir, part), 'SIGKILL')
  signal(ownedBy(stateDir, part), 'SIGKILL')
}
