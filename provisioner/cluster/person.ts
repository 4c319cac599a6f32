import { createInterface } from 'node:readline/promises'
import type { Context, Input } from '../context.ts'
import { Trouble } from '../local/trouble.ts'

/** Asks who sits at the terminal. Throws Trouble where nobody does. */
export async function confirm(
  { input, progress, stop }: Context,
  question: string,
  otherwise: string,
): Promise<boolean> {
  if (input.isTTY !== true) throw new Trouble(`Nobody is here to be asked: ${otherwise}`)
  progress.say(question)
  const lines = createInterface({ input })
  try {
    const answer = await lines.question('', { signal: stop })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}

/** A secret: what a pipe brings or a person types, which is not shown. */
export async function readSecret({ input, progress, stop }: Context, what: string): Promise<string> {
  if (input.isTTY === true) {
    progress.say(`${what}, which is not shown while you type or paste it:`)
    return typed(input, stop)
  }
  let text = ''
  input.setEncoding('utf8')
  for await (const chunk of input) text += chunk
  return text.trim()
}

const ENTER = /[\r\n]/
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACE = /[\b\u007f]/

function typed(input: Input, stop: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const hear = (chunk: string) => {
    for (const key of chunk) {
      if (ENTER.test(key) || key === CTRL_D) return resolve(text.trim())
      if (key === CTRL_C) return reject(new Trouble('Nothing was typed.'))
      text = BACKSPACE.test(key) ? text.slice(0, -1) : text + key
    }
  }
  const give = () => reject(stop.reason)
  input.setRawMode?.(true) // so that the terminal shows nothing
  input.setEncoding('utf8')
  input.on('data', hear)
  stop.addEventListener('abort', give)
  return promise.finally(() => {
    input.setRawMode?.(false)
    input.off('data', hear)
    input.pause()
    stop.removeEventListener('abort', give)
  })
}
