import { LRUCache } from 'lru-cache'
import type { Log } from '../observe/log.ts'
import type { Duplicate } from './lists.ts'

/** Two processes under one id is what must never be. Said once a minute for each, as every page asks for the lists. */
export function duplicateAlarm(log: Log): (duplicate: Duplicate) => void {
  const said = new LRUCache<string, true>({ max: 1_000, ttl: 60_000 })
  return ({ kind, id, backends }) => {
    if (said.has(id)) return
    said.set(id, true)
    log.error({ kind, id, backends: backends.map(({ key }) => key) }, 'two backends have the same id')
  }
}
