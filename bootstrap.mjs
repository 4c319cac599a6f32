// `npm start` and `npm test` pass through here, on whatever Node the machine has: plain JavaScript without dependencies.
// It installs the packages, one of which is the Node that the project is written for, and hands over to that one.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(fileURLToPath(import.meta.url))
const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')
const OLDEST_NODE = 20

const COMMANDS = {
  install: [], // nothing more
  start: ['provisioner/main.ts', 'local'],
  test: ['test/run.ts'],
  pyli: ['provisioner/main.ts'],
}

/** npm passes on the signal that the terminal has sent to us as well: what comes that close together is one. */
const ONE_SIGNAL_MS = 500

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
let stopChild = () => {}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

function checkThisNode() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return
  fail(`Node ${OLDEST_NODE} or newer is needed to begin with, and this is ${process.version}: install a newer one.`)
}

/** Read from what npm itself noted at the end of its last installation, so an interrupted one does not count. */
function isInstalled() {
  try {
    const packagesOf = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages
    const wanted = packagesOf('package-lock.json')
    const present = packagesOf('node_modules/.package-lock.json')
    return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
      if (path === '') return true // the project itself
      const found = present[path]
      if (found === undefined) return optional === true // a binary for another system
      return found.version === version && found.integrity === integrity
    })
  } catch {
    return false
  }
}

/** The npm that runs us, which need not be the first on PATH. */
function npm(...args) {
  const { npm_execpath: self } = process.env
  return self?.endsWith('npm-cli.js') ? [process.execPath, [self, ...args]] : ['npm', args]
}

async function install() {
  if (isInstalled()) return
  console.log('Installing npm packages, and with them Node itself (once, about a minute)')
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  const stillHere = setInterval(() => console.log(`  still installing npm packages (${seconds()} s)`), 10_000)

  const [command, args] = npm('ci', '--no-audit', '--no-fund', '--loglevel=error')
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  stopChild = () => process.kill(-child.pid, 'SIGKILL') // asked kindly, npm goes on to the end, for most of a minute
  const said = []
  child.stdout.on('data', (chunk) => said.push(chunk))
  child.stderr.on('data', (chunk) => said.push(chunk))
  const end = await endOf(child)
  stopChild = () => {}
  clearInterval(stillHere)

  if (wasTold) process.exit(128 + constants.signals[wasTold])
  if (end.error) fail(`npm could not be started (${end.error.message}): install npm, which comes with Node.`)
  if (end.code !== 0) {
    process.stderr.write(Buffer.concat(said))
    fail(
      'The npm packages could not be installed (npm says why above). Is the internet within reach? Start again to try again.',
    )
  }
}

function checkPinnedNode() {
  if (!existsSync(PINNED_NODE)) {
    fail('npm did not run the install script of the package `node`: run `npm rebuild node --ignore-scripts=false`.')
  }
  const { status, stderr, error } = spawnSync(PINNED_NODE, ['--version'], { encoding: 'utf8' })
  if (status === 0) return
  if (stderr?.includes('libatomic')) {
    fail('Node 26 needs the library libatomic1: install it (on Debian and Ubuntu: apt install libatomic1).')
  }
  const why = (error?.message ?? stderr).trim().split('\n')[0]
  fail(`The Node that the project brings along does not run on this machine: ${why}`)
}

function endOf(running) {
  return new Promise((resolve) => {
    running.once('error', (error) => resolve({ error }))
    running.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

let wasTold
let toldAt = 0

function passOn(signal) {
  if (signal === wasTold && Date.now() - toldAt < ONE_SIGNAL_MS) return
  wasTold = signal
  toldAt = Date.now()
  stopChild(signal)
}

/** An npm that is killed hard passes nothing on. Only for npm: who starts us with `&` from a shell may well leave. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const npmItself = process.ppid
  const look = setInterval(() => {
    if (process.ppid === npmItself) return
    clearInterval(look)
    passOn('SIGTERM')
  }, 1000)
  look.unref()
}

/**
 * In a process group of its own, so that Ctrl-C reaches it through us and therefore once. Should we be killed hard, it
 * sees its channel close and stops by itself.
 */
async function handOver([script, ...before], args) {
  const child = spawn(PINNED_NODE, [join(ROOT, script), ...before, ...args], {
    stdio: [name === 'pyli' ? 'inherit' : 'ignore', 'inherit', 'inherit', 'ipc'], // pyli asks people, and reads pipes
    detached: true,
  })
  stopChild = (told) => child.kill(told)
  const { code, signal, error } = await endOf(child)
  if (error) fail(error.message)
  process.exit(code ?? 128 + constants.signals[signal])
}

const [name, ...args] = process.argv.slice(2)
const command = COMMANDS[name]

checkThisNode()
if (command === undefined) fail(`Say \`node bootstrap.mjs ${Object.keys(COMMANDS).join('|')}\`.`)
for (const signal of signals) process.on(signal, () => passOn(signal))
stopWithNpm()
await install()
checkPinnedNode()
if (command.length > 0) await handOver(command, args)
