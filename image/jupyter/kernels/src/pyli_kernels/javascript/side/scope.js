/* What stands for the words at the cursor, found without running what the user wrote. */

const chain = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|\]|\))(?:\??\.[\p{ID_Continue}$]*)*$/u

/** The text before the cursor, which the kernel counts in characters and we in UTF-16. */
export const before = (code, cursor) => Array.from(code).slice(0, cursor).join('')

/** The last chain of names in a text, `a.b.c`, as its parts; undefined where there is none. */
export function lastChain(text) {
  const [found] = chain.exec(text) ?? []
  return found && !/^[\])]/.test(found) ? found.replaceAll('?.', '.').split('.') : undefined
}

/** The value of a chain of names, in an array; undefined where there is none. Getters of the user's are not run. */
export function lookUp(names) {
  let value = globalThis
  for (const name of names) {
    const holder = holderOf(value, name)
    if (!holder) return undefined
    const property = Object.getOwnPropertyDescriptor(holder, name)
    // Those of the global object, such as crypto, and of Node's own are there to be read.
    if (property.get && !/\[native code\]/.test(property.get.toString()) && holder !== globalThis) return undefined
    try {
      value = value[name]
    } catch {
      return undefined
    }
  }
  return [value]
}

function holderOf(value, name) {
  for (const holder of holders(value)) if (Object.hasOwn(holder, name)) return holder
  return undefined
}

/** An object and those that it inherits from. */
export function* holders(value) {
  let holder = value === null || value === undefined ? null : Object(value)
  for (; holder !== null; holder = Object.getPrototypeOf(holder)) yield holder
}
