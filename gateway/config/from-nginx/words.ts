/** What ends the program's reading of an nginx configuration: one sentence, with file and line. */
export class Unreadable extends Error {}

export interface Place {
  readonly file: string
  readonly line: number
}

export type Token = {
  readonly line: number
} & ({ readonly kind: 'word'; readonly text: string } | { readonly kind: ';' | '{' | '}' })

const isSpace = (letter: string | undefined): boolean => /^[ \t\r\n]$/.test(letter ?? '')

/**
 * Splits nginx's language as nginx does: `;` and `{` end a word and `}` does not, quotes and `#` count only where a word
 * begins, and the brace of `${name}` belongs to its word.
 */
export function* wordsOf(text: string, file: string): Generator<Token> {
  const letters = text.startsWith('\uFEFF') ? text.slice(1) : text
  let line = 1
  let at = 0

  while (at < letters.length) {
    const letter = letters[at] as string
    if (letter === '\n') line++
    if (isSpace(letter)) {
      at++
    } else if (letter === '#') {
      const end = letters.indexOf('\n', at)
      at = end < 0 ? letters.length : end
    } else if (letter === ';' || letter === '{' || letter === '}') {
      yield { kind: letter, line }
      at++
    } else {
      const end = letter === '"' || letter === "'" ? quotedEnd(letters, at) : bareEnd(letters, at)
      if (end === undefined)
        throw new Unreadable(`${file}:${line}: the quote ${letter} is opened here and never closed`)
      const word = letters.slice(at, end)
      yield { kind: 'word', text: unescaped(end > at && isQuote(letter) ? word.slice(1, -1) : word), line }
      line += word.split('\n').length - 1
      at = end
      const next = letters[at]
      if (isQuote(letter) && next !== undefined && !isSpace(next) && !';{)'.includes(next)) {
        throw new Unreadable(`${file}:${line}: "${next}" stands right behind a closing quote, where a space must be`)
      }
    }
  }
}

const isQuote = (letter: string): boolean => letter === '"' || letter === "'"

/** Behind the closing quote, or undefined if there is none. */
function quotedEnd(letters: string, start: number): number | undefined {
  for (let at = start + 1; at < letters.length; at++) {
    if (letters[at] === '\\') at++
    else if (letters[at] === letters[start]) return at + 1
  }
  return undefined
}

function bareEnd(letters: string, start: number): number {
  let at = start
  while (at < letters.length) {
    const letter = letters[at] as string
    if (letter === '\\') at += 2
    else if (letter === '$' && letters[at + 1] === '{') at += 2
    else if (isSpace(letter) || letter === ';' || letter === '{') break
    else at++
  }
  return Math.min(at, letters.length)
}

const escapes: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', '"': '"', "'": "'", '\\': '\\' }

/** A backslash before any other letter stays: regular expressions are full of them. */
function unescaped(word: string): string {
  return word.replace(/\\([trn"'\\])/g, (_, letter: string) => escapes[letter] as string)
}
