import { type Log, redactTarget, writeLine } from '../observe/log.ts'
import type { Account } from './account.ts'
import { failures } from './failure.ts'
import type { Settled } from './settle.ts'

/** Beyond this a path is cut, so that a line is written whole even where several processes write to one pipe. */
const longestPath = 1_000
export const longestDetail = 400

/** A client that left before the answer began has heard no status: the failure's own stands here. */
export function statusOf({ status, failure }: Account): number {
  return status || (failure === undefined ? 0 : failures[failure].status)
}

/** The access log's line of an exchange that has ended. Tokens are hidden. */
export function logExchange(log: Log, { account, client, head }: Settled): void {
  if (!log.isLevelEnabled('info')) return
  const { startedAt, askedAt, headAt, answeredAt, detail } = account
  const fields =
    known(',"id":', account.id) +
    text(',"client":', client.address) +
    text(',"method":', cut(head.method, 32)) +
    text(',"path":', cut(redactTarget(head.target), longestPath)) +
    known(',"route":', account.route) +
    known(',"backend":', account.backend) +
    plain(',"status":', statusOf(account)) +
    plain(',"bytesIn":', account.bytesIn) +
    plain(',"bytesOut":', account.bytesOut) +
    // Until the last backend that was tried was asked: in locks, for a lease, for one that could not be reached.
    plain(',"waitMs":', time(startedAt, askedAt)) +
    plain(',"headMs":', time(askedAt, headAt)) +
    plain(',"firstByteMs":', time(startedAt, answeredAt)) +
    plain(',"totalMs":', time(startedAt, performance.now())) +
    text(',"tls":', client.tls?.version) +
    plain(',"resumed":', client.tls?.resumed) +
    known(',"failure":', account.failure) +
    text(',"detail":', detail && cut(detail, longestDetail))
  // In what others have said credentials are looked for; all else is redacted above.
  writeLine(log, 'exchange', fields, { isRedacted: detail === undefined })
}

// Fields of a line, each with its name, and nothing for what is not known. By hand, and of few pieces, as every exchange
// has a line: an object for JSON.stringify costs three times as much CPU, and was a quarter of all garbage.

function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  return needsNoEscape.test(value) ? `${name}"${value}"` : name + JSON.stringify(value)
}

/** What we have spelt or matched ourselves, and needs no escape. */
function known(name: string, value: string | undefined): string {
  return value === undefined ? '' : `${name}"${value}"`
}

function plain(name: string, value: number | string | boolean | undefined): string {
  return value === undefined ? '' : `${name}${value}`
}

/** What JSON writes as it is. */
const needsNoEscape = /^[ !#-[\]-~]*$/

export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…[cut]` : text
}

/** In tenths, and put together of whole numbers: of small ones V8 has the text, and no other is made so fast. */
function time(from: number | undefined, to: number | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined
  const tenths = Math.max(0, Math.round((to - from) * 10))
  const rest = tenths % 10
  return rest === 0 ? `${tenths / 10}` : `${(tenths - rest) / 10}.${rest}`
}
