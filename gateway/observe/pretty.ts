import { prettyFactory } from 'pino-pretty'

type Fields = Readonly<Record<string, unknown>>

const shared = { translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }

/**
 * From a line of JSON to one that a person reads. An exchange is told by what one looks for, in columns; of everything
 * else all fields are shown, behind its words.
 */
export function prettifier(colorize: boolean): (line: string) => string {
  const exchange = prettyFactory({ ...shared, colorize, hideObject: true, messageFormat: exchangeWords })
  const other = prettyFactory({ ...shared, colorize, singleLine: true })
  return (line) => (line.includes(exchangeMark) ? exchange(line) : other(line).replace(highControls, escaped))
}

/** No other message has it: pino writes the message last, and within a value quotes are escaped. */
const exchangeMark = ',"msg":"exchange"}'

/** `GET    200 /api/kernels  10.0.0.2:8888  3.1 ms`, and why it failed. */
export function exchangeWords(fields: Fields): string {
  const { method, status, path, backend = 'gateway', totalMs, failure, detail } = fields
  const why = [failure, detail].filter(Boolean).join(': ')
  const parts = [`${status ?? '---'} ${path}`, backend, time(Number(totalMs)), why]
  return `${String(method).padEnd(6)} ${parts.filter(Boolean).join('  ')}`.replace(controls, escaped)
}

/** A WebSocket's hours are not read in milliseconds. */
function time(milliseconds: number): string {
  if (milliseconds < 10_000) return `${milliseconds} ms`
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 600 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** What a client puts into a path must not move the cursor of a terminal. */
const controls = /\p{Cc}/gu
/** Those that JSON leaves as they are, and that some terminals obey. */
const highControls = /[\u0080-\u009f]/g
const escaped = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
