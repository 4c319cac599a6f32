import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { seconds } from '../../gateway/config/units.ts'
import { eventually, lifeOf } from '../../provisioner/local/processes.ts'

const LOCK = JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } })

/** A project of four files, whose command tells what happens to it. */
const RECORDER = `
import { appendFileSync } from 'node:fs'
const note = (text) => appendFileSync(import.meta.dirname + '/../notes', text + '\\n')
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
  process.on(signal, () => { note(signal); setTimeout(() => process.exit(7), 300) })
}
setTimeout(() => {}, 60_000)
note('ready ' + process.argv.slice(2).join(' '))
`

async function project(t: Test) {
  const root = await mkdtemp(join(tmpdir(), 'pyli-test-'))
  // The recorder writes its last note when the bootstrap above it is gone.
  t.teardown(() => rm(root, { recursive: true, force: true, maxRetries: 10 }))
  const put = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  await copyFile(join(import.meta.dirname, '..', '..', 'bootstrap.mjs'), join(root, 'bootstrap.mjs'))
  await put('package.json', '{ "type": "module" }')
  await put('package-lock.json', LOCK)
  await put('node_modules/.package-lock.json', LOCK)
  await put('provisioner/main.ts', RECORDER)
  await mkdir(join(root, 'node_modules', 'node', 'bin'), { recursive: true })
  await symlink(process.execPath, join(root, 'node_modules', 'node', 'bin', 'node'))

  const notes = () => readFile(join(root, 'notes'), 'utf8').catch(() => '')
  const start = (environment = {}): ChildProcess & { said: string } => {
    const env = { ...process.env, ...environment }
    const child = spawn(process.execPath, [join(root, 'bootstrap.mjs'), 'start', '--x', 'y'], { env })
    const running = Object.assign(child, { said: '' })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (running.said += chunk))
    t.teardown(() => child.kill('SIGKILL'))
    return running
  }
  const noted = async (text: string) => {
    let seen = ''
    const has = () => {
      notes().then((now) => (seen = now))
      return seen.includes(text)
    }
    return eventually(has, seconds(10))
  }
  return { root, put, start, notes, noted }
}

t.test('hands over to the pinned Node with all arguments, and ends as that ends', async (t) => {
  const { start, noted, notes } = await project(t)
  const child = start()
  t.ok(await noted('ready local --x y'))
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  t.strictSame(await ended, [7, null])
  t.equal(await notes(), 'ready local --x y\nSIGTERM\n')
})

t.test('a signal that npm and the terminal both send arrives once', async (t) => {
  const { start, noted, notes } = await project(t)
  const child = start()
  t.ok(await noted('ready'))
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  await noted('SIGINT')
  child.kill('SIGINT')
  await ended
  t.equal((await notes()).match(/SIGINT/g)?.length, 1)
})

t.test('killed hard, it lets its child know', async (t) => {
  const { start, noted } = await project(t)
  const child = start()
  t.ok(await noted('ready'))
  child.kill('SIGKILL')
  t.ok(await noted('disconnect'))
})

t.test('under an npm that is killed hard, it stops', async (t) => {
  const { root, noted } = await project(t)
  // Where npm stands: above us, and with this variable set.
  const npm = spawn('sh', ['-c', `"${process.execPath}" "${join(root, 'bootstrap.mjs')}" start & wait`], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: 'ignore',
  })
  t.ok(await noted('ready'))
  npm.kill('SIGKILL')
  t.ok(await noted('SIGTERM'))
})

/** An npm that says so and does what it is told to by a line of shell. */
async function fakeNpm(root: string, line: string): Promise<{ PATH: string; npm_execpath: string }> {
  await mkdir(join(root, 'bin'))
  await writeFile(join(root, 'bin', 'npm'), `#!/bin/sh\necho "npm $*" >> ${root}/notes\n${line}\n`)
  await chmod(join(root, 'bin', 'npm'), 0o755)
  return { PATH: `${join(root, 'bin')}:${process.env.PATH}`, npm_execpath: '' }
}

for (const [what, path, content] of [
  ['that is of another lock file', 'node_modules/.package-lock.json', LOCK.replace('1.0.0', '0.9.0')],
  ['that was interrupted', 'node_modules/.package-lock.json', ''],
  ['that lacks a package', 'node_modules/.package-lock.json', '{ "packages": {} }'],
] as const) {
  t.test(`an installation ${what} is made anew`, async (t) => {
    const { root, put, start, noted, notes } = await project(t)
    await put(path, content)
    const child = start(await fakeNpm(root, 'true'))
    t.ok(await noted('ready'))
    t.match(await notes(), /^npm ci /)
    t.match(child.said, 'Installing npm packages')
  })
}

t.test('told to stop while npm installs, it ends npm and all that npm runs', async (t) => {
  const { root, put, start, notes, noted } = await project(t)
  await put('node_modules/.package-lock.json', '')
  const child = start(await fakeNpm(root, 'trap "" TERM; sleep 60 & echo "pid $!" >> "$(dirname "$0")/../notes"; wait'))
  t.ok(await noted('pid '))
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  t.strictSame(await ended, [143, null])
  const pid = Number(/pid (\d+)/.exec(await notes())?.[1])
  t.ok(await eventually(() => lifeOf(pid) === undefined, seconds(2)))
})

t.test('a package for another system may be missing', async (t) => {
  const { root, put, start, noted, notes } = await project(t)
  const { packages } = JSON.parse(LOCK)
  const more = { ...packages, 'node_modules/b': { version: '1.0.0', optional: true } }
  await put('package-lock.json', JSON.stringify({ packages: more }))
  start(await fakeNpm(root, 'true'))
  t.ok(await noted('ready'))
  t.notMatch(await notes(), 'npm ci')
})

t.test('what is wrong is told in one sentence', async (t) => {
  const { root, put, start } = await project(t)
  await put('node_modules/.package-lock.json', '')
  const environment = await fakeNpm(root, 'echo "npm error 404" >&2; exit 1')
  const noPackages = start(environment)
  t.strictSame(await once(noPackages, 'close'), [1, null])
  t.match(noPackages.said, /npm error 404\nThe npm packages could not be installed/)

  await put('node_modules/.package-lock.json', LOCK)
  const node = join(root, 'node_modules', 'node', 'bin', 'node')
  await rm(node)
  const noNode = start(environment)
  t.strictSame(await once(noNode, 'close'), [1, null])
  t.match(noNode.said, 'npm did not run the install script of the package `node`')

  const loader = 'node: error while loading shared libraries: libatomic.so.1: cannot open shared object file'
  await writeFile(node, `#!/bin/sh\necho "${loader}" >&2\nexit 127\n`, { mode: 0o755 })
  const noLibrary = start(environment)
  t.strictSame(await once(noLibrary, 'close'), [1, null])
  t.match(noLibrary.said, 'Node 26 needs the library libatomic1: install it')
})
