import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a run has measured, by what it is; the parts write it, and the table in stack/README.md is made of it. */
const FILE = join(import.meta.dirname, '..', '..', '..', '.pyli', 'lab', 'times.json')

export interface Time {
  readonly what: string
  readonly seconds: number
}

export const readTimes = (): Time[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Time[]) : [])

export function forgetTimes(): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, '[]')
}

/** Also told on the spot. */
export function measured(what: string, seconds: number): void {
  const rounded = Math.round(seconds * 10) / 10
  console.error(`${what}: ${rounded} s`)
  mkdirSync(dirname(FILE), { recursive: true })
  const others = readTimes().filter((time) => time.what !== what)
  writeFileSync(FILE, JSON.stringify([...others, { what, seconds: rounded }], undefined, 2))
}

/** Since it was called. */
export function watch(): () => number {
  const began = performance.now()
  return () => (performance.now() - began) / 1000
}
