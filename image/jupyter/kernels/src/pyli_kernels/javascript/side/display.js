import { inspect } from 'node:util'
import { ask, send, sync } from './wire.js'

/* Values in the formats that a notebook can show, and the function `display` that cells have. */

/** A method of this name gives a value's own formats, as in Deno: { 'text/html': '<b>hi</b>' }. */
const method = Symbol.for('Jupyter.display')

const signatures = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
]

/** A value in all formats that there are for it. */
export async function bundle(value) {
  if (typeof value?.[method] === 'function') {
    const data = await value[method]()
    return { data: encoded({ 'text/plain': inspect(value), ...data }), metadata: {} }
  }
  const [picture] = signatures.find(([, bytes]) => isPicture(value, bytes)) ?? []
  const data = { 'text/plain': inspect(value, { depth: 4 }), ...(picture ? { [picture]: value } : {}) }
  return { data: encoded(data), metadata: {} }
}

const isPicture = (value, bytes) => value instanceof Uint8Array && bytes.every((byte, index) => value[index] === byte)

/** Bytes go as base64. */
function encoded(data) {
  const entries = Object.entries(data)
  const text = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)
  return Object.fromEntries(entries.map(([format, value]) => [format, text(value)]))
}

function show(data, { metadata = {}, id, update = false } = {}) {
  sync()
  send({ type: 'display', data: encoded(data), metadata, update, transient: id ? { display_id: id } : {} })
  sync()
}

/** Show a value now, in the best format that there is for it. */
export async function display(value, options) {
  show((await bundle(value)).data, options)
}

const as = (format) => (value, options) =>
  show({ [format]: value, 'text/plain': String(value).slice(0, 1000) }, options)

/** Show HTML, SVG, Markdown, LaTeX or JSON, or the bytes of a picture. */
display.html = as('text/html')
display.svg = as('image/svg+xml')
display.markdown = as('text/markdown')
display.latex = as('text/latex')
display.png = (bytes, options) => show({ 'image/png': bytes, 'text/plain': 'PNG picture' }, options)
display.jpeg = (bytes, options) => show({ 'image/jpeg': bytes, 'text/plain': 'JPEG picture' }, options)
display.json = (value, options) => show({ 'application/json': value, 'text/plain': inspect(value) }, options)

/** Show formats of one's own: { 'text/html': …, 'text/plain': … }. */
display.raw = show

/** Clear what the cell has shown; with `wait` once something new comes. */
display.clear = ({ wait = false } = {}) => {
  sync()
  send({ type: 'clear_output', wait })
}

/** Ask the user for a line. Null where there is nobody to ask. */
export function prompt(text = '') {
  sync()
  return ask({ type: 'input', prompt: String(text), password: false }).value
}
