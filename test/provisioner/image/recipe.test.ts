import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildArgs, languages } from '../../../provisioner/image/languages.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'image', 'jupyter')
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8')
const dockerfile = read('Dockerfile')

t.test('the Dockerfile has an argument for each language, and no other', async (t) => {
  const declared = new Set(Array.from(dockerfile.matchAll(/^ARG ([A-Z]+)/gm), ([, name]) => name))
  t.strictSame([...declared].sort(), ['BASE', ...Object.keys(buildArgs(languages))].sort())
  t.strictSame(buildArgs(['python', 'r']).R, '1')
  t.strictSame(buildArgs(['python', 'r']).PHP, '')
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
