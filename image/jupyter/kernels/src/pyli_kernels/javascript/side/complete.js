import { builtinModules } from 'node:module'
import { before, holders, lastChain, lookUp } from './scope.js'

/* What may stand where the cursor is. */

const keywords =
  'async await break case catch class const continue debugger default delete do else export extends false finally for function if import in instanceof let new null return static super switch this throw true try typeof undefined var void while with yield'.split(
    ' ',
  )

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u
const specifier = /(?:\brequire\(|\bimport\(|\bfrom\s|\bimport\s)\s*['"]([^'"\n]*)$/

export function complete(code, cursor) {
  const text = before(code, cursor)
  const [typed, names] = candidates(text)
  const matches = [...new Set(names)].filter((name) => name.startsWith(typed)).sort()
  return { matches, cursor_start: cursor - Array.from(typed).length, cursor_end: cursor }
}

/** What is typed of a word already, and the words that may be meant. */
function candidates(text) {
  const [, module] = specifier.exec(text) ?? []
  if (module !== undefined) return [module, builtinModules.flatMap((name) => [name, `node:${name}`])]
  const names = lastChain(text)
  if (!names) return ['', []]
  const typed = names.pop()
  if (names.length === 0) return [typed, [...keywords, ...properties(globalThis)]]
  const value = lookUp(names)
  return [typed, value ? properties(value[0]) : []]
}

const properties = (value) =>
  [...holders(value)].flatMap((holder) => Object.getOwnPropertyNames(holder)).filter((name) => identifier.test(name))
