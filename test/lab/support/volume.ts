import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { minutes, seconds } from '../../../gateway/config/units.ts'
import { until } from '../../whole/support/until.ts'
import { lab, MANAGER, on, shell } from './the-lab.ts'

export const NOTEBOOKS = '/srv/pyli/mounts/volume/notebooks'

/** Writes to the volume's disks, twice a second, on a machine; how long it had to wait at the most. */
export interface Writer {
  readonly longest: () => number
  stop(): Promise<void>
}

export async function writer(node: number): Promise<Writer> {
  // In the machine, as what is run there does not end with the client that began it.
  const writes = `/run/lab-writes-${process.hrtime.bigint()}`
  const line = `touch ${writes}; while [ -e ${writes} ]; do dd if=/etc/hostname of=${NOTEBOOKS}/writer-${node} conv=fsync status=none && date +%s%N || echo failed; sleep 0.5; done`
  const child = spawn('docker', ['exec', lab.container(node), 'bash', '-c', line], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = Date.now()
  let longest = 0
  let count = 0
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text === 'failed') return
    longest = Math.max(longest, Date.now() - last)
    last = Date.now()
    count++
  })
  await until('the first write', () => count > 0)
  return {
    longest: () => Math.max(longest, Date.now() - last) / 1000,
    stop: async () => {
      await on(node, ['rm', '--force', writes])
      child.kill()
    },
  }
}

/** By their content, and as they are read on a machine. */
export const checksums = (node: number): Promise<string> =>
  shell(node, `cd ${NOTEBOOKS}/kept && sha256sum * | sort -k2`)

export const makeNotebooks = (node: number): Promise<string> =>
  shell(
    node,
    `mkdir -p ${NOTEBOOKS}/kept && cd ${NOTEBOOKS}/kept && for n in $(seq 40); do head -c $((n * 4000)) /dev/urandom >notebook-$n.ipynb; done; sync`,
  )

async function summary(): Promise<{ readonly pending: number; readonly split: number }> {
  const told = await on(MANAGER, ['gluster', 'volume', 'heal', 'pyli', 'info', 'summary'], { limit: seconds(60) })
  const sum = (title: string) => {
    const counts = Array.from(told.matchAll(new RegExp(`${title}: (\\S+)`, 'g')), ([, count]) => Number(count))
    if (counts.length === 0 || counts.some(Number.isNaN)) throw new Error(`not known yet: ${told}`)
    return counts.reduce((all, each) => all + each, 0)
  }
  return { pending: sum('Total Number of entries'), split: sum('Number of entries in split-brain') }
}

/** Waits until no copy is behind another, with nothing done about it here: the cluster heals by itself. */
export const healed = (): Promise<unknown> =>
  until('all copies to be whole', async () => (await summary()).pending === 0, minutes(4), seconds(1))

export const splitBrain = async (): Promise<number> => (await summary()).split
