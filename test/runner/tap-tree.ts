import { type FinalResults, Parser, type Result } from 'tap-parser'

/** What a test file printed, as nested as it was written. */
export interface TapNode {
  readonly entries: readonly TapEntry[]
  /** Undefined if nothing says how it ended. */
  readonly results: FinalResults | undefined
}

/** An assertion, or a test within: then `child` tells of it, and the point is what its parent made of it. */
export interface TapEntry {
  readonly point: Result
  readonly child?: TapNode
}

interface Growing {
  entries: TapEntry[]
  results: FinalResults | undefined
}

/** Takes the output of a test file as it comes. `words` are its lines that are not TAP. */
export class TapReader {
  readonly words: string[] = []
  readonly #root: Growing
  readonly #parser = new Parser()

  constructor() {
    this.#root = grow(this.#parser)
    this.#parser.on('extra', (line: string) => this.words.push(line.trimEnd()))
  }

  write(chunk: Buffer): void {
    this.#parser.write(chunk)
  }

  end(): TapNode {
    this.#parser.end()
    return this.#root
  }
}

function grow(parser: Parser): Growing {
  const node: Growing = { entries: [], results: undefined }
  let child: TapNode | undefined
  parser.on('child', (inner: Parser) => {
    child = grow(inner)
  })
  parser.on('assert', (point: Result) => {
    node.entries.push(point.closingTestPoint && child !== undefined ? { point, child } : { point })
    child = undefined
  })
  parser.on('complete', (results: FinalResults) => {
    node.results = results
  })
  return node
}
