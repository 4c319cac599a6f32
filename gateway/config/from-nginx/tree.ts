import { type Place, type Token, Unreadable, wordsOf } from './words.ts'

export interface Directive extends Place {
  readonly name: string
  readonly args: readonly string[]
  /** What stands in its braces, or in the files that it includes; undefined for one that ends with a semicolon. */
  readonly block: readonly Directive[] | undefined
}

/** Their braces hold entries of a table, not directives. */
const tables = new Set(['types', 'map', 'geo', 'split_clients', 'charset_map'])

/** What walks through the tree later calls itself for each block in a block. */
const deepest = 100

interface Open {
  readonly words: readonly string[]
  readonly line: number
  readonly block: Directive[]
}

/** The directives of one file, nested as their braces are. Includes are not followed here. */
export function readTree(text: string, file: string): readonly Directive[] {
  const top: Open = { words: [], line: 0, block: [] }
  const open: Open[] = [top]
  let words: string[] = []
  let line = 1

  for (const token of wordsOf(text, file)) {
    const innermost = open.at(-1) as Open
    if (token.kind === 'word') {
      if (words.length === 0) line = token.line
      words.push(token.text)
      continue
    }
    const unexpected = token.kind === '}' ? words.length > 0 || open.length === 1 : words.length === 0
    if (unexpected) throw new Unreadable(`${file}:${token.line}: ${complaint(token, words)}`)
    if (token.kind === ';') innermost.block.push(directive(file, { words, line }, undefined))
    else if (token.kind === '{') {
      if (open.length > deepest) throw new Unreadable(`${file}:${line}: blocks are nested over ${deepest} deep`)
      open.push(opened(file, words, line))
    } else {
      open.pop()
      const block = tables.has(innermost.words[0] as string) ? [] : innermost.block
      open.at(-1)?.block.push(directive(file, innermost, block))
    }
    words = []
  }

  const unclosed = open.at(-1) as Open
  if (words.length > 0) throw new Unreadable(`${file}:${line}: "${words[0]}" is not ended by ";" before the file ends`)
  if (unclosed !== top)
    throw new Unreadable(`${file}:${unclosed.line}: the "{" of "${unclosed.words[0]}" is never closed`)
  return top.block
}

function directive(file: string, { words, line }: Pick<Open, 'words' | 'line'>, block: Directive['block']): Directive {
  const [name = '', ...args] = words
  return { file, line, name, args, block }
}

function opened(file: string, words: readonly string[], line: number): Open {
  // OpenResty's blocks hold a program, whose braces and quotes are another language's.
  if (words[0]?.endsWith('_by_lua_block')) {
    throw new Unreadable(`${file}:${line}: ${words[0]} holds a program in Lua, which cannot be read; take it out first`)
  }
  return { words, line, block: [] }
}

function complaint({ kind }: Token, words: readonly string[]): string {
  if (kind === '}' && words.length > 0) return `"${words[0]}" is not ended by ";" before "}"`
  return kind === '}' ? '"}" closes nothing' : `"${kind}" stands where a directive must begin`
}
