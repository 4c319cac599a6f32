import { type Form, textForm } from './form.ts'

export const path: Form<string> = textForm(
  (text) => text.trim() !== '' && !text.includes('\0'),
  'name a file or folder',
)

/** No system allows more. */
const SOCKET_BYTES = 107

export const socketPath: Form<string> = textForm(
  (text) => text.trim() !== '' && !text.includes('\0') && Buffer.byteLength(text) <= SOCKET_BYTES,
  `name a file, in ${SOCKET_BYTES} bytes at most`,
)

/** It travels in an Authorization header, where a line break would start a header of its own. */
export const token: Form<string> = textForm(
  (text) => /^[\x21-\x7e]*$/.test(text),
  'hold one line of printable ASCII without spaces',
)

/** Sessions are signed with it, so that whoever has one could guess a short token without asking us. */
export const adminToken: Form<string> = textForm(
  (text) => /^[\x21-\x7e]{16,}$/.test(text),
  'hold one line of 16 or more characters, printable ASCII without spaces',
)

/**
 * Begins and ends with a slash when read. Percent signs are refused, and dots alone: a prefix is compared byte for
 * byte, and what could be spelt in two ways would match in one of them.
 */
export const baseUrl: Form<string> = {
  read(text) {
    if (text === '' || text === '/') return { value: '/' }
    const segments = text.replace(/^\//, '').replace(/\/$/, '').split('/')
    const sound = segments.every((segment) => /^[\w.~@-]+$/.test(segment) && !/^\.+$/.test(segment))
    if (!sound) return { must: 'be a path of letters, digits and - . _ ~ @ between single slashes' }
    return { value: `/${segments.join('/')}/` }
  },
  write: (value) => value,
}

/** Sent as it is written, so no more than a request line can hold. */
export const probePath: Form<string> = textForm(
  (text) => /^[\x21\x22\x24-\x7e]+$/.test(text) && !text.startsWith('//'),
  'be a path, with or without a query',
)
