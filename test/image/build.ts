import { randomUUID } from 'node:crypto'
import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { Test } from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { type Built, buildImage } from '../../provisioner/image/build.ts'
import type { Flavour } from '../../provisioner/image/languages.ts'
import type { Recipe } from '../../provisioner/image/recipe.ts'

/** In MB. */
const MOST = { small: 450, full: 3300 } as const

export interface MeasuredBuild extends Built {
  readonly seconds: number
  /** Nothing of it was there before. */
  readonly isWhole: boolean
}

/** Each line that people would see of a build. */
async function build(engine: Docker, recipe: Recipe): Promise<{ built: Built; lines: string[] }> {
  const lines: string[] = []
  const progress = { say: (text: string) => void lines.push(text), doing() {} }
  const built = await buildImage(engine, recipe, { progress, stop: new AbortController().signal })
  return { built, lines }
}

const isCached = (line: string): boolean => line.endsWith('as before')

export async function testBuild(t: Test, engine: Docker, flavour: Flavour, recipe: Recipe): Promise<MeasuredBuild> {
  const began = Date.now()
  const { built, lines } = await build(engine, recipe)
  const seconds = Math.round((Date.now() - began) / 1000)
  const isWhole = !lines.some(isCached)
  const megabytes = Math.round(built.bytes / 1e6)
  t.comment(`${built.tag}: ${megabytes} MB, in ${seconds} s${isWhole ? '' : ', with steps that were there'}`)
  t.ok(megabytes <= MOST[flavour], `${megabytes} of ${MOST[flavour]} MB`)
  return { ...built, seconds, isWhole }
}

const tagIsThere = (engine: Docker, tag: string): Promise<boolean> =>
  engine
    .getImage(tag)
    .inspect()
    .then(() => true)
    .catch(() => false)

/** The same recipe over a copy of its folder, in which a line is added to one file: one that no earlier run has built. */
async function changed(t: Test, recipe: Recipe, file: string): Promise<Recipe> {
  const folder = t.testdir({})
  for (const entry of recipe.entries) await cp(join(recipe.folder, entry), join(folder, entry), { recursive: true })
  await appendFile(join(folder, file), `# changed: ${randomUUID()}\n`)
  return { ...recipe, folder, tag: 'pyli-jupyter:changed' }
}

export function testOtherBuilds(t: Test, engine: Docker, recipe: Recipe): void {
  t.test('built again, nothing is built', async (t) => {
    const { lines } = await build(engine, recipe)
    const anew = lines.filter((line) => /^ +\d+\/\d+ +(RUN|COPY|ADD)/.test(line) && !isCached(line))
    t.same(anew, [])
  })

  t.test('of a changed list that one is installed anew, and nothing before it', async (t) => {
    t.setTimeout(minutes(15))
    const { lines } = await build(engine, await changed(t, recipe, 'languages/bash/requirements.txt'))
    await engine.getImage('pyli-jupyter:changed').remove()
    const work = lines.filter((line) => /^ +\d+\/\d+ +(RUN|COPY)/.test(line))
    const first = work.findIndex((line) => !isCached(line))
    t.match(work[first], /COPY languages\/ languages\//)
    t.ok(work.slice(0, first).filter((line) => line.includes('RUN')).length >= 5, 'what was built before it')
    const lab = work.find((line) => line.includes('RUN environment /opt/jupyter --requirement'))
    t.ok(lab && isCached(lab), 'and the server, which comes later, stands as it was')
  })

  t.test('what cannot be reached ends it with a sentence that helps, and nothing is tagged', async (t) => {
    const away = await changed(t, recipe, 'build/packages.txt')
    await t.rejects(build(engine, { ...away, args: { ...away.args, http_proxy: 'http://127.0.0.1:9' } }), {
      name: 'Trouble',
      message: /nothing was tagged\. Step \d+\/\d+ failed: RUN debian [\s\S]*A source of packages is out of reach/,
    })
    await t.rejects(build(engine, { ...away, base: 'pyli-no-such-base:1' }), {
      name: 'Trouble',
      message: /nothing was tagged[\s\S]*--base names another one/,
    })
    t.notOk(await tagIsThere(engine, away.tag))
  })

  t.test('a build that is stopped tags nothing', async (t) => {
    const stop = new AbortController()
    const progress = { say: () => {}, doing: (text: string) => void (/^11\//.test(text) && stop.abort()) }
    const slow = await changed(t, recipe, 'build/requirements.txt')
    await t.rejects(buildImage(engine, slow, { progress, stop: stop.signal }))
    t.notOk(await tagIsThere(engine, slow.tag))
  })
}
