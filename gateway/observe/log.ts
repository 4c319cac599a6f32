import { isatty } from 'node:tty'
import { type DestinationStream, type Logger, pino } from 'pino'
import { FileOutlet } from './file-outlet.ts'
import { Gathering } from './gathering.ts'
import { isPipe, neverWait, Outlet } from './outlet.ts'
import { prettifier } from './pretty.ts'

export type Log = Logger

const hidden = '[hidden]'

/** Where lines go. */
export interface Destination extends DestinationStream {
  /** How many lines were lost because nobody read them. */
  readonly dropped?: number
  /** Writes what waits, as far as that is possible. The process is about to end. */
  flushSync?(): void
}

/** JSON for machines, one line a message; `pretty` for people. Without a destination both go to standard output. */
export function createLog(kind: 'json' | 'pretty' | 'off', destination?: Destination): Log {
  if (kind === 'off') return pino({ enabled: false })
  const target =
    destination ?? standardOutput((lines) => log.warn({ lines }, `${lines} lines of this log were dropped`))
  const log: Log = pino(settings, kind === 'json' ? target : prettified(target, !destination && isatty(1)))
  return log
}

/** Lines that nobody read in time. */
export function droppedLines(log: Log): number {
  return destinationOf(log)?.dropped ?? 0
}

/** For the end of the process. */
export function flushLog(log: Log): void {
  destinationOf(log)?.flushSync?.()
}

/**
 * One line of level info, past pino: what each exchange writes costs a tenth this way, and is of the same form. `fields`
 * are JSON, each with its comma in front. Those that could hold a credential are the caller's to redact, or to tell of.
 */
export function writeLine(log: Log, message: string, fields: string, { isRedacted = true } = {}): void {
  if (!log.isLevelEnabled('info')) return
  const line = `{"level":"info","time":"${isoTime()}"${fields},"msg":"${message}"}\n`
  destinationOf(log)?.write(isRedacted ? line : hideSecrets(line))
}

function destinationOf(log: Log): Destination | undefined {
  return (log as unknown as Record<symbol, Destination | undefined>)[pino.symbols.streamSym]
}

let lastSecond = 0
let lastText = ''

/** Many lines are written in one second, and its text costs more than the rest of the line. */
function isoTime(): string {
  const time = Date.now()
  const milliseconds = time % 1_000
  if (time - milliseconds !== lastSecond) {
    lastSecond = time - milliseconds
    lastText = new Date(lastSecond).toISOString().slice(0, -'000Z'.length)
  }
  return `${lastText}${String(milliseconds).padStart(3, '0')}Z`
}

function standardOutput(onRecovered: (lines: number) => void): Destination {
  if (!isPipe(1)) return new Gathering(new FileOutlet(1))
  neverWait(1)
  return new Outlet(1, onRecovered)
}

/** In this thread: pino's own way, a worker, would print the last lines of a dying process late or not at all. */
function prettified(destination: Destination, colorize: boolean): Destination {
  const prettify = prettifier(colorize)
  return {
    write: (line) => destination.write(prettify(line)),
    flushSync: () => destination.flushSync?.(),
    get dropped() {
      return destination.dropped ?? 0
    },
  }
}

/**
 * No line is meant to hold a credential. Should one do so after all, in whatever field, header list or error message, it is
 * hidden here. Over the finished text and not with pino's `redact`: that needs to know where to look, down to the letter
 * case, and took fifteen times as long as the whole line does without.
 */
function hideSecrets(line: string): string {
  if (!mayHoldSecret.test(line)) return line
  return line.replace(secretField, `$1"${hidden}"`).replace(secretInUrl, `$1${hidden}`)
}

// A name, then its value: a field, or the next entry of a list of headers; a text, or a list of texts. A name that is
// itself a value (`"failure":"cookie","status":401`) is told by the colon after what follows it.
const text = String.raw`"(?:[^"\\]|\\.)*"`
const secretName = '"(?:(?:proxy-)?authorization|(?:set-)?cookie|token)"'
const secretField = new RegExp(`(${secretName}[:,])(?:${text}|\\[(?:${text},?)*\\])(?!:)`, 'gi')
const mayHoldSecret = /authorization"|cookie"|token["=]/i
const secretInUrl = /([?&]token=)[^&"\s\\[]+/gi

const settings = {
  timestamp: () => `,"time":"${isoTime()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
  hooks: { streamWrite: hideSecrets },
}

/**
 * A request target as it may be logged: values of `token` in the query are hidden, the rest stays byte for byte. A value
 * that holds a whole query with a token, as `next` does on the way to the login page, is hidden with it.
 */
export function redactTarget(target: string): string {
  const query = target.indexOf('?') + 1
  if (query === 0 || !mayHoldToken.test(target)) return target
  const parts = target.slice(query).split('&')
  return target.slice(0, query) + parts.map(redactParameter).join('&')
}

/** Most have neither, and to look at each parameter costs more than the rest of the line. */
const mayHoldToken = /token|%/i

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=')
  const name = equals === -1 ? '' : decoded(parameter.slice(0, equals))
  const value = parameter.slice(equals + 1)
  if (value === '') return parameter
  const secret = name.toLowerCase() === 'token' || /[?&]token=./i.test(decoded(value))
  return secret ? parameter.slice(0, equals + 1) + hidden : parameter
}

/** As a server decodes it: what is no valid escape stays. Only ASCII matters here, so each escape is a character. */
function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
