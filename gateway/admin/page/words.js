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

/** @param {number} count */
export const number = (count) => new Intl.NumberFormat('en').format(count)

/** @param {number | string} at */
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB')

/** @param {number | string} at */
export const day = (at) => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** @param {number | string} at */
export const dayAndTime = (at) => `${day(at)}, ${clock(at)}`

/** Fewer days than these are left: somebody must see to it. */
export const soon = 21

/** @param {number} daysLeft */
export function ends(daysLeft) {
  return daysLeft < 0 ? `ended ${counted(-daysLeft, 'day')} ago` : `ends in ${counted(daysLeft, 'day')}`
}

/**
 * Whether somebody new may be sent there.
 * @param {BackendOverview} backend
 */
export const takesNewcomers = ({ state }) => state === 'ready' || state === 'slow'
