import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** Parts of what may be had. Beyond the first new work is shed; below the second it is taken again. */
const high = 0.85
const low = 0.75

/** Bytes in use, and the bytes at which the process dies. */
export interface MemoryUse {
  readonly used: number
  readonly limit: number
}

/** What the process says of itself. */
export interface ProcessMemory {
  readonly resident: number
  /** Of its cgroup; 0, or more than the machine has, where there is none. */
  readonly constrained: number
}

/** Whether this process is about to run out of memory, with a gap between yes and no so that it does not flutter. */
export class MemoryPressure {
  readonly #read: () => readonly MemoryUse[]
  #shedding = false

  constructor(read: () => readonly MemoryUse[]) {
    this.#read = read
  }

  get shedding(): boolean {
    return this.#shedding
  }

  /** Looks anew. Returns whether the verdict has changed. */
  look(): boolean {
    const fullest = Math.max(0, ...this.#read().map(({ used, limit }) => used / limit))
    const before = this.#shedding
    this.#shedding = before ? fullest >= low : fullest > high
    return this.#shedding !== before
  }
}

/**
 * Our own use alone, of the heap and of what the machine or cgroup gives: page cache and other programs are none of our
 * doing, and shedding would not help. Processes that share a gateway are taken to be alike.
 */
export function memoryUses({ resident, constrained }: ProcessMemory, processes: number): MemoryUse[] {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  const machine = totalmem()
  const given = constrained > 0 && constrained < machine ? constrained : machine
  return [
    { used, limit },
    { used: resident * processes, limit: given },
  ]
}
