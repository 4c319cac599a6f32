import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const longest = 250

/** All of the project's own TypeScript below a folder, as paths from the root. None where there is no such folder. */
function sources(folder: string): string[] {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name))
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The code alone: what comments say of `process` or `import` is not meant. */
function codeOf(path: string): string {
  return read(path).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}

/** The project's files that a file imports, as paths from the root. */
function imports(path: string): string[] {
  const specifiers = codeOf(path).matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'(\.[^']+)'/g)
  return Array.from(specifiers, ([, specifier = '']) => relative(root, join(root, dirname(path), specifier)))
}

const lower = ['observe', 'config', 'http1']
const middle = ['jupyter', 'upstream', 'pool', 'limits', ...lower]
const upper = ['front', 'request', 'control', 'admin']

/** What each part of the gateway may import beside itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['program.ts'],
  'program.ts': ['gateway.ts', 'redirect.ts', 'control', 'workers', ...lower],
  'gateway.ts': ['backends.ts', 'clock.ts', 'cache', 'workers', ...upper, ...middle],
  'backends.ts': ['clock.ts', 'request', 'control', 'workers', ...middle],
  'clock.ts': [],
  'redirect.ts': ['request', 'limits', ...lower],
  front: ['request', ...lower],
  workers: [...upper, ...middle],
  request: [...middle, 'cache'],
  cache: ['http1'],
  control: middle,
  admin: middle,
  jupyter: ['upstream', 'pool', ...lower],
  upstream: lower,
  limits: ['config'],
  pool: lower,
  observe: ['config'],
  config: [],
  http1: [],
}

/** The part of the gateway that a path below gateway/ belongs to. */
const partOf = (path: string): string => path.split('/')[1] as string

t.test('the arrows between the gateway’s folders go one way', async (t) => {
  const files = sources('gateway')
  t.ok(files.length > 50, 'there are files to look at')
  for (const file of files) {
    const from = partOf(file)
    const allowed = arrows[from]
    if (!allowed) {
      t.fail(`${file}: no arrow is known from ${from}`)
      continue
    }
    for (const target of imports(file)) {
      if (!target.startsWith('gateway/')) t.fail(`${file} imports ${target}, which is outside of the gateway`)
      else if (partOf(target) !== from && !allowed.includes(partOf(target))) t.fail(`${file} imports ${target}`)
    }
  }
})

t.test('the pool and the client to backends know nothing of Jupyter, nor of each other', async (t) => {
  for (const [folder, strangers] of [
    ['pool', ['jupyter', 'request', 'upstream']],
    ['upstream', ['jupyter', 'request', 'pool']],
  ] as const) {
    const targets = sources(`gateway/${folder}`).flatMap(imports).map(partOf)
    t.same(
      targets.filter((part) => (strangers as readonly string[]).includes(part)),
      [],
      folder,
    )
  }
})

/**
 * What a cluster's CA does as a gateway's own does: making keys and certificates, reading their names, and telling how it
 * is trusted. And how folders are made, where Node's own way never ends.
 */
const ofTheProvisioner = [
  ...['identity.ts', 'issue.ts', 'names.ts', 'trust-advice.ts'].map((name) => `certificates/${name}`),
  'folders.ts',
].map((path) => `gateway/control/${path}`)

t.test(
  'the provisioner and the benchmarks take of the gateway its configuration, and what a CA and folders need',
  async (t) => {
    for (const file of [...sources('provisioner'), ...sources('bench')]) {
      for (const target of imports(file)) {
        if (!target.startsWith('gateway/')) continue
        if (file === 'bench/micro.ts') continue // it measures the gateway's parts one by one
        const isShared = file.startsWith('provisioner/') && ofTheProvisioner.includes(target)
        t.ok(target.startsWith('gateway/config/') || isShared, `${file} imports ${target}`)
      }
    }
  },
)

t.test('no program imports tests', async (t) => {
  for (const file of [...sources('gateway'), ...sources('provisioner'), ...sources('bench')]) {
    for (const target of imports(file)) t.notOk(target.startsWith('test/'), `${file} imports ${target}`)
  }
})

/** A way to put something off, and nothing of the process itself. */
const harmless = ['nextTick']
/** The provisioner starts, names and signals processes: that is its work. It reads no arguments and ends nobody's process. */
const supervision = ['pid', 'kill', 'execPath', 'env']

t.test('arguments, output, signals and exit are the main files’ alone', async (t) => {
  const mains = ['gateway/main.ts', 'gateway/program.ts', 'provisioner/main.ts']
  for (const file of [...sources('gateway'), ...sources('provisioner')]) {
    if (mains.includes(file)) continue
    const code = codeOf(file)
    const allowed = file.startsWith('provisioner/') ? [...harmless, ...supervision] : harmless
    t.notMatch(code, /from '(?:node:)?process'|globalThis\.process/, file)
    for (const [, name = ''] of code.matchAll(/(?<![\w.'/])process(?:\.(\w+)|\[)|[=(]\s*process\b(?![.\w])/g)) {
      if (!allowed.includes(name)) t.fail(`${file} touches process.${name}`)
    }
  }
})

/** A table, of which nobody reads more than one entry. */
const tables = ['gateway/config/options.ts']

t.test(`no file of the gateway is over ${longest} lines`, async (t) => {
  for (const file of sources('gateway')) {
    const lines = read(file).split('\n').length - 1
    t.ok(lines <= longest || tables.includes(file), `${file} has ${lines}`)
  }
})

/** The folders that the README's tree names, each with the folder it stands in. */
function treeOf(readme: string): string[] {
  const [, tree = ''] = /## Where things are\s+```\n([\s\S]*?)```/.exec(readme) ?? []
  let parent = ''
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( *)([\w-]+)\/\s/.exec(line) ?? []
    if (name === undefined) return []
    if (indent === '') parent = name
    return [indent === '' ? name : join(parent, name)]
  })
}

t.test(
  'the README’s tree and the folders are the same',
  { skip: !existsSync(join(root, 'README.md')) && 'there is no README yet' },
  async (t) => {
    const told = treeOf(read('README.md'))
    t.ok(told.length > 8, `${told}`)
    for (const folder of told) t.ok(existsSync(join(root, folder)), `${folder} is there`)
    const isFolder = (name: string) => statSync(join(root, 'gateway', name)).isDirectory()
    for (const name of readdirSync(join(root, 'gateway')).filter(isFolder)) {
      t.ok(told.includes(`gateway/${name}`), `the README tells of gateway/${name}`)
    }
  },
)

t.test('each folder of the gateway has its tests', async (t) => {
  for (const part of Object.keys(arrows)) {
    if (!part.endsWith('.ts'))
      t.ok(
        sources(`test/${part}`).some((path) => path.endsWith('.test.ts')),
        `test/${part}`,
      )
  }
})
