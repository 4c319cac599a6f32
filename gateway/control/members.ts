import type { Config } from '../config/config.ts'
import { formatAddress } from '../config/forms/address.ts'
import type { Cluster } from '../jupyter/cluster.ts'
import { kinds } from '../jupyter/models.ts'
import type { Log } from '../observe/log.ts'
import type { Backend } from '../pool/backend.ts'
import { discover } from './discover.ts'
import type { Discovery } from './discovery.ts'
import type { Drains } from './drains.ts'
import { Roster } from './roster.ts'
import { StateFile } from './state-file.ts'

export interface MembersOptions {
  readonly config: Pick<Config, 'forgetAfter' | 'state'>
  readonly discovery: Discovery
  readonly cluster: Cluster
  readonly drains: Drains
  readonly log: Log
  readonly now: () => number
  readonly random: () => number
  readonly signal: AbortSignal
}

/** Keeps the pool at what discovery says, and at what was known before. Returns what must be flushed at the end. */
export function keepMembers(options: MembersOptions): StateFile {
  const { config, discovery, cluster, drains, log, now, random, signal } = options
  const { pool } = cluster
  const isIdle = (backend: Backend) => backend.inFlight === 0 && hasNothing(cluster, backend)
  const isGone = (backend: Backend) => cluster.isGone(backend)
  const roster = new Roster({ pool, now, isGone, isIdle, forgetAfter: config.forgetAfter })
  const stateFile = new StateFile({ file: config.state, pool, log })
  void stateFile.read().then((known) => {
    for (const { host, port, drained } of known) {
      if (drained) drains.hear({ key: formatAddress({ host, port }), verdict: 'drain', at: 0 })
    }
    const afterFirst = () => known.forEach((address) => void roster.remembered(address))
    return discover({ discovery, roster, afterFirst, log, signal, random })
  })
  return stateFile
}

/** As far as it was asked: where nothing is known, there may be something. */
function hasNothing({ survey }: Cluster, backend: Backend): boolean {
  return kinds.every((kind) => survey.last(backend, kind)?.entries.length === 0)
}
