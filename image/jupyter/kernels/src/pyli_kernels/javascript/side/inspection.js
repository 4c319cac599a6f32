import { inspect } from 'node:util'
import { before, lastChain, lookUp } from './scope.js'

/* What is known of what stands at the cursor. */

const sourceLines = 40

/** A description as { format: text }, empty where nothing is known. */
export function inspection(code, cursor) {
  const text = before(code, cursor)
  const [rest] = /^[\p{ID_Continue}$]*/u.exec(code.slice(text.length))
  // In the arguments of a call it is the function that one wants to know of.
  const names = lastChain((text + rest).replace(/\([^()]*$/, ''))
  const value = names && lookUp(names)
  return value ? { 'text/plain': describe(names.join('.'), value[0]) } : {}
}

function describe(name, value) {
  if (typeof value !== 'function') return `${typeName(value)} ${name} = ${inspect(value, { depth: 2 })}`
  const lines = Function.prototype.toString.call(value).split('\n')
  const source = lines.length > sourceLines ? [...lines.slice(0, sourceLines), '…'] : lines
  return `${name}: a function of ${value.length} parameter${value.length === 1 ? '' : 's'}\n\n${source.join('\n')}`
}

function typeName(value) {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  return value.constructor?.name || 'object'
}
