import { parseSync } from '@babel/core'
import { readMagics } from './magics.js'

const parserOpts = { sourceType: 'module', strictMode: false, allowReturnOutsideFunction: true, plugins: ['jsx'] }

/** Whether a cell is whole: { status: 'complete' | 'incomplete' | 'invalid', indent } as Jupyter wants it. */
export function completeness(source) {
  let code = source
  try {
    code = readMagics(source).code
    parseSync(code, { babelrc: false, configFile: false, parserOpts })
    return { status: 'complete' }
  } catch (error) {
    // What ends too early is unexpected where nothing comes any more, or not terminated.
    const isOpen = /^Unterminated(?!String)/.test(error.reasonCode) || error.pos >= code.trimEnd().length
    return isOpen ? { status: 'incomplete', indent: '' } : { status: 'invalid' }
  }
}
