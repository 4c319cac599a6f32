import type { Address } from '../config/config.ts'
import { address as addressForm, formatAddress } from '../config/forms/address.ts'

/** A backend as the next gateway is told of it. */
export interface Known extends Address {
  /** An operator had it drained, and has not restored it. */
  readonly drained: boolean
}

const version = 1

/** The text of a state file. */
export function writeKnown(known: readonly Known[]): string {
  const backends = known.map(({ drained, ...address }) => ({
    address: formatAddress(address),
    ...(drained && { drained }),
  }))
  return `${JSON.stringify({ version, backends }, undefined, 2)}\n`
}

/** What a state file says. Throws an Error with a sentence for one that is not ours. */
export function readKnown(text: string): Known[] {
  const state = parse(text)
  if (state.version !== version) throw new Error(`the state file has version ${state.version}, not ${version}`)
  if (!Array.isArray(state.backends)) throw new Error('the state file has no list of backends')
  return state.backends.map(readBackend)
}

function parse(text: string): { version?: unknown; backends?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // as below
  }
  throw new Error('the state file holds no JSON object')
}

function readBackend(entry: unknown): Known {
  const { address, drained } = (entry ?? {}) as { address?: unknown; drained?: unknown }
  const reading = addressForm({ leastPort: 1 }).read(String(address))
  if ('must' in reading) throw new Error(`the state file names a backend that must ${reading.must}`)
  return { ...reading.value, drained: drained === true }
}
