/* The lines that stand before a cell's code and are no JavaScript. */

export class UnknownMagic extends Error {
  name = 'UnknownMagic'
}

/**
 * A cell's own text and whether Babel's presets are wanted for it. Magic lines count only above the first line of code:
 * further down a % may stand in a template string. They leave their line empty, so that all others keep their number.
 * Throws UnknownMagic.
 */
export function readMagics(source) {
  const lines = source.split('\n')
  let presets = false
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    if (!line.startsWith('%')) break
    const [magic, argument] = line.trim().split(/\s+/)
    if (magic === '%%babel') presets = true
    else if (magic !== '%load_ext' || argument !== 'babel')
      throw new UnknownMagic(`There is no ${line.trim()} here; there are %load_ext babel and %%babel.`)
    lines[index] = ''
  }
  return { code: lines.join('\n'), presets }
}
