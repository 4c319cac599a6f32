import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import vm from 'node:vm'
import { compile } from './compile.js'
import { complete } from './complete.js'
import { completeness } from './completeness.js'
import { bundle, display, prompt } from './display.js'
import { failure, interrupted, nameOf, sources, traceback } from './failure.js'
import { inspection } from './inspection.js'
import { readMagics } from './magics.js'
import { open, send, sync } from './wire.js'

/* The Node side: runs cells and answers (see PROTOCOL.md). */

/** The cell that runs: its id, and what ends the wait for it. */
let running = null

const requests = {
  execute: ({ id, code, count }) => execute(id, code, count),
  complete: ({ code, cursor }) => complete(code, cursor),
  inspect: ({ code, cursor }) => ({ data: inspection(code, cursor) }),
  is_complete: ({ code }) => completeness(code),
}

async function onRequest({ type, id, ...content }) {
  const answer = await requests[type]({ id, ...content })
  if (answer) send({ type: 'reply', id, ...answer })
}

/** What is awaited goes on in the background, for nothing in JavaScript can end it; the cell itself is over. */
function onInterrupt() {
  running?.end(interrupted)
}

/** Run a cell to its end, or to the interrupt. An interrupt may throw us out of here; then `onInterrupt` answers. */
async function execute(id, source, count) {
  const { promise, resolve } = Promise.withResolvers()
  running = { end: resolve }
  run(source, nameOf(count)).then(resolve, (error) => resolve(failure(error)))
  promise.then((answer) => {
    running = null
    send({ type: 'reply', id, ...answer })
  })
}

async function run(source, name) {
  sources.set(name, source)
  const { code, presets } = readMagics(source)
  const { names, functions, main } = await compile(code, { filename: name, presets })
  names.forEach(makeRoom)
  if (functions) script(functions, name)
  const values = await script(main, name)
  const shown = Array.isArray(values) && values[0] !== undefined ? { result: await bundle(values[0]) } : {}
  return { status: 'ok', ...shown }
}

/** Imports are relative to the working directory. */
function script(code, filename) {
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  return new vm.Script(code, { filename, importModuleDynamically }).runInThisContext()
}

/** Give a name a plain property. Some that Node has are getters, such as crypto, and would swallow an assignment. */
function makeRoom(name) {
  const property = Object.getOwnPropertyDescriptor(globalThis, name)
  if (property?.writable || property?.configurable === false) return
  Object.defineProperty(globalThis, name, { value: undefined, writable: true, configurable: true, enumerable: true })
}

/** What is written to one stream after the other is published in that order, though they are two pipes. */
function keepOrder(...streams) {
  let last = streams[0]
  for (const stream of streams) {
    // Node goes on when a pipe is full and writes the rest later, which may be after the cell's end.
    stream._handle.setBlocking(true)
    const write = stream.write.bind(stream)
    stream.write = (...parameters) => {
      if (last !== stream) sync()
      last = stream
      return write(...parameters)
    }
  }
}

/** An error that no cell waits for, such as a timer's, is told and ends nothing. */
function tell(error) {
  const text = error instanceof Error ? traceback(error).join('\n') : inspect(error)
  process.stderr.write(`Uncaught ${text}\n`)
}

function furnish() {
  const folder = process.cwd()
  const require = createRequire(join(folder, 'cell.js'))
  const module = { exports: {} }
  const things = { require, module, exports: module.exports, __dirname: folder, display, prompt }
  for (const [name, value] of Object.entries(things))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
  console.clear = () => display.clear()
}

const [requestsDescriptor, repliesDescriptor] = process.argv.splice(-2).map(Number)
process.on('uncaughtException', tell)
process.on('unhandledRejection', tell)
// The kernel sends it to the whole group, for the sake of programs that a cell started and waits for.
process.on('SIGINT', () => {})
keepOrder(process.stdout, process.stderr)
furnish()
open({ requests: requestsDescriptor, replies: repliesDescriptor, onRequest, onInterrupt })
send({ type: 'ready', version: process.versions.node })
