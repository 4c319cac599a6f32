import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'

/* Errors as the client gets them: class, message, and the lines of the cells that led to them. */

/** Thrown, in a manner of speaking, where the user interrupts. */
export const interrupted = {
  status: 'error',
  ename: 'Interrupted',
  evalue: 'the cell was interrupted',
  traceback: ['Interrupted: the cell was interrupted'],
}

/** The text of each cell by the name that its frames have, to quote lines from. */
export const sources = new Map()

export const nameOf = (count) => `In [${count}]`

/** What the kernel is told of whatever a cell threw. */
export function failure(error) {
  if (error?.code === 'BABEL_PARSE_ERROR' || error?.code === 'BABEL_PARSER_SYNTAX_ERROR') return syntaxError(error)
  if (!isNativeError(error)) {
    const text = inspect(error)
    return { status: 'error', ename: 'Uncaught', evalue: text, traceback: [`Uncaught ${text}`] }
  }
  const ename = String(error.name)
  const evalue = String(error.message)
  return { status: 'error', ename, evalue, traceback: traceback(error) }
}

/** Babel's message is "In [3]: Unexpected token (2:5)", an empty line and the code around it. */
function syntaxError(error) {
  const [message, ...frame] = error.message.split('\n')
  const evalue = message.replace(/^.*?In \[\d+\]: /, '').replace(/ \(\d+:\d+\)$/, '')
  const place = error.loc ? [`In [${/In \[(\d+)\]/.exec(message)?.[1]}], line ${error.loc.line}`] : []
  return { status: 'error', ename: 'SyntaxError', evalue, traceback: [`SyntaxError: ${evalue}`, ...place, ...frame] }
}

/**
 * An error's class, message and place, and the calls that led to it.
 * @returns {string[]}
 */
export function traceback(error) {
  const lines = String(error.stack ?? '').split('\n')
  // Columns are those of the code that Babel wrote, so they are left out.
  const frames = lines.filter(isTheirs).map((line) => line.replace(/(In \[\d+\]:\d+):\d+/, '$1'))
  const [, name, line] = place.exec(frames.join('\n')) ?? []
  const where = name ? [`${name}, line ${line}`, `  ${lineOf(name, line)?.trim()}`] : []
  const cause = isNativeError(error.cause) ? ['', 'Caused by', ...traceback(error.cause)] : []
  return [`${error.name}: ${error.message}`, ...where, ...new Set(frames), ...cause]
}

const place = /(In \[\d+\]):(\d+)/
const side = new URL('.', import.meta.url).href
const lineOf = (name, line) => sources.get(name)?.split('\n')[Number(line) - 1]

/** Whether a line of a stack is a frame of the user's: not ours, not Node's, and not what is wrapped around a cell. */
function isTheirs(line) {
  if (!/^\s+at /.test(line) || line.includes(side) || /[( ]node:/.test(line)) return false
  const [, name, number] = place.exec(line) ?? []
  return name === undefined || lineOf(name, number) !== undefined
}
