/** Everything is written as text: names of notebooks and reasons of failures come from others. */

/**
 * @template {Element} E
 * @param {string} id
 * @param {new (...args: never[]) => E} kind
 * @returns {E}
 */
export function byId(id, kind) {
  const found = document.getElementById(id)
  if (found instanceof kind) return found
  throw new Error(`the page has no ${id}`)
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{ class?: string, title?: string, type?: string, role?: string }} [props]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/**
 * Leaves alone what already says so: what is selected stays selected, and nothing is read out twice.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/**
 * One element for each entry, in their order. One that stays keeps its element, and with it the focus.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} entries
 * @param {(entry: T) => string} keyOf
 * @param {(entry: T) => { element: HTMLElement, update: (entry: T) => void }} begin
 */
export function keep(parent, entries, keyOf, begin) {
  const kept = known.get(parent) ?? new Map()
  known.set(parent, kept)
  const keys = new Set(entries.map(keyOf))
  for (const [key, { element }] of kept) {
    if (keys.has(key)) continue
    element.remove()
    kept.delete(key)
  }
  entries.forEach((entry, place) => {
    const key = keyOf(entry)
    const item = kept.get(key) ?? begin(entry)
    kept.set(key, item)
    item.update(entry)
    const there = parent.children[place]
    if (there !== item.element) parent.insertBefore(item.element, there ?? null)
  })
}

/** @type {WeakMap<Element, Map<string, { element: HTMLElement, update: (entry: any) => void }>>} */
const known = new WeakMap()

/**
 * A row of a table, and its cells by their names. The roles are said, because on a phone a row is no table's row to CSS,
 * and browsers then forget that it is one.
 * @template {string} C
 * @param {Readonly<Record<C, string>>} columns the name of each, as it is told where there is no heading above it
 */
export function row(columns) {
  const element = make('tr', { role: 'row' })
  const cells = /** @type {Record<C, HTMLElement>} */ ({})
  for (const [name, label] of /** @type {[C, string][]} */ (Object.entries(columns))) {
    const isFirst = element.children.length === 0
    const cell = make(isFirst ? 'th' : 'td', { class: name, role: isFirst ? 'rowheader' : 'cell' })
    if (isFirst) cell.setAttribute('scope', 'row')
    cell.dataset.label = label
    cells[name] = cell
    element.append(cell)
  }
  return { element, cells }
}
