/** Classes of octets, as tables: an index is cheaper than comparisons, and heads are read octet by octet. */

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a
export const SEMICOLON = 0x3b

/** 1 for what a method or field name is made of (tchar, RFC 9110 5.6.2). */
export const isTokenOctet = table((octet) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(octet)))

/** 1 for what a field value or reason may hold: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5). No other control character. */
export const isTextOctet = table((octet) => octet === HTAB || (octet >= SP && octet !== 0x7f))

/** The value of a hexadecimal digit; 16 for any other octet. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, octet) => {
  const digit = String.fromCharCode(octet)
  return /[0-9A-Fa-f]/.test(digit) ? Number.parseInt(digit, 16) : 16
})

function table(belongs: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (belongs(octet) ? 1 : 0))
}
