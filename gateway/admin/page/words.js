/** @import { BackendOverview } from '../overview.ts' */

/**
 * As long as one needs to know it: 40 s, 12 min, 3 h 20 min, 5 days.
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 10 && minutes % 60 > 0) return `${hours} h ${minutes % 60} min`
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/**
 * @param {number} count
 * @param {string} one
 */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`
}

// Made once: to make one costs more than to write a thousand numbers with it.
const numbers = new Intl.NumberFormat('en')
const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const hours = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const names = new Intl.Collator('en', { numeric: true })

/** @param {number} count */
export const number = (count) => numbers.format(count)

/** @param {number | string} at */
export const clock = (at) => clocks.format(new Date(at))

/** @param {number | string} at */
export const hour = (at) => hours.format(new Date(at))

/** @param {number | string} at */
export const day = (at) => days.format(new Date(at))

/**
 * As people order names: exercise-9 before exercise-10.
 * @param {string} a
 * @param {string} b
 */
export const byName = (a, b) => names.compare(a, b)

/** @param {number | string} at */
export const dayAndTime = (at) => `${day(at)}, ${clock(at)}`

/** @param {number} daysLeft */
export function ends(daysLeft) {
  return daysLeft < 0 ? `ended ${counted(-daysLeft, 'day')} ago` : `ends in ${counted(daysLeft, 'day')}`
}

/**
 * Whether somebody new may be sent there.
 * @param {BackendOverview} backend
 */
export const takesNewcomers = ({ state }) => state === 'ready' || state === 'slow'
