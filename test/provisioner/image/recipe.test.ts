import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { extract } from 'tar-fs'
import { buildContext, fingerprint } from '../../../provisioner/image/context.ts'
import { buildArgs, languages } from '../../../provisioner/image/languages.ts'
import { gatewayRecipe, jupyterRecipe } from '../../../provisioner/image/recipe.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'image', 'jupyter')
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8')
const dockerfile = read('Dockerfile')
const gatewayDockerfile = read('../gateway/Dockerfile').replaceAll('\\\n', ' ')

t.test('the Dockerfile has an argument for each language, and no other', async (t) => {
  const declared = new Set(Array.from(dockerfile.matchAll(/^ARG ([A-Z]+)/gm), ([, name]) => name))
  t.strictSame([...declared].sort(), ['BASE', ...Object.keys(buildArgs(languages))].sort())
  t.strictSame(buildArgs(['python', 'r']).R, '1')
  t.strictSame(buildArgs(['python', 'r']).PHP, '')
})

t.test('what a Dockerfile copies is given to the engine, and nothing that tests and tools leave', async (t) => {
  for (const recipe of [jupyterRecipe('full'), gatewayRecipe()]) {
    const folder = t.testdir({})
    await pipeline(buildContext(recipe), extract(folder))
    const text = readFileSync(join(recipe.folder, recipe.dockerfile), 'utf8').replaceAll('\\\n', ' ')
    for (const [, sources = ''] of text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)) {
      for (const source of sources.split(' ')) t.ok(existsSync(join(folder, source)), source)
    }
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    t.notOk(paths.find((path) => /node_modules|__pycache__|\.ipynb_checkpoints|(^|\/)tests(\/|$)/.test(path)))
  }
})

t.test('what an image is made of has a fingerprint, its name apart', async (t) => {
  const small = jupyterRecipe('small')
  const print = await fingerprint(small)
  t.match(print, /^[\da-f]{12}$/)
  t.equal(await fingerprint({ ...small, tag: 'other' }), print)
  for (const other of [
    jupyterRecipe('full'),
    gatewayRecipe(),
    jupyterRecipe('small', { base: 'debootstrap' }),
    jupyterRecipe('small', {
      authorities: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    }),
  ])
    t.not(await fingerprint(other), print)
})

t.test("the gateway's image leaves out packages that the gateway does not import", async (t) => {
  const root = join(FOLDER, '..', '..')
  const [, removed = ''] = /npm pkg delete (.*?) &&|npm pkg delete (.*)/.exec(gatewayDockerfile) ?? []
  const named = Array.from(removed.matchAll(/dependencies\.([\w-]+)/g), ([, name = '']) => name)
  t.ok(named.length > 0)
  const sources = readdirSync(join(root, 'gateway'), { recursive: true, encoding: 'utf8' })
  const text = sources
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(root, 'gateway', path), 'utf8'))
    .join('\n')
  for (const name of named) t.notMatch(text, new RegExp(`from '${name}'`), name)
})

t.test("what is not Debian's has an exact version", async (t) => {
  const lists = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /requirements\.txt$|tensorflow\.txt$|science\.txt$|kernels\.txt$/.test(path),
  )
  t.ok(lists.length >= 8)
  for (const path of lists) {
    for (const line of read(path)
      .split('\n')
      .filter((line) => line && !line.startsWith('#')))
      t.match(line, /^[\w.-]+==[\w.]+$/, path)
  }
  for (const language of ['javascript', 'typescript'])
    t.match(read(`languages/${language}/packages.txt`), /^[\w-]+@[\d.]+\n$/)
})

t.test('each language has an example in its kernel', async (t) => {
  for (const file of readdirSync(join(FOLDER, 'examples'))) {
    const { metadata, cells } = JSON.parse(read(join('examples', file)))
    const { name } = metadata.kernelspec
    t.ok(
      name === 'ir' ||
        name === 'php' ||
        name === 'javascript' ||
        existsSync(join(FOLDER, 'languages', name, 'kernel.json')),
      file,
    )
    t.match(cells[0], { cell_type: 'markdown' }, 'begins with a sentence')
    for (const cell of cells) t.ok(cell.cell_type === 'markdown' || cell.outputs.length === 0, 'and has not been run')
  }
})
