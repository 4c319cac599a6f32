import t from 'tap'
import { minutes } from '../../gateway/config/units.ts'
import { findEngine } from '../../provisioner/image/engine.ts'
import { type Flavour, flavours } from '../../provisioner/image/languages.ts'
import { jupyterRecipe } from '../../provisioner/image/recipe.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'
import { testBuild, testOtherBuilds } from './build.ts'
import { testContainers } from './containers.ts'
import { testGateway } from './gateway.ts'
import { testExamplesInLab } from './lab.ts'
import { testLanguage } from './language.ts'
import { testRest } from './rest.ts'
import { groundHere, removeLeftovers } from './support/engine.ts'
import { languageTests } from './support/languages.ts'
import { serversOf } from './support/servers.ts'
import { type Measured, writeTable } from './support/table.ts'

/** Builds a flavour, and tests in containers of it all that the images promise. */
export async function testImage(flavour: Flavour): Promise<void> {
  t.setTimeout(minutes(90))
  const engine = await findEngine().catch((error: Error) => error)
  if (engine instanceof Error) {
    if (!(engine instanceof Trouble)) throw engine
    t.plan(0, engine.message)
    return
  }
  const prefix = `pyli-image-${flavour}`
  await removeLeftovers(engine, prefix)
  t.teardown(() => removeLeftovers(engine, prefix))

  const recipe = jupyterRecipe(flavour, await groundHere(engine))
  const build = await testBuild(t, engine, flavour, recipe)
  const start = serversOf(engine, recipe.tag, prefix)
  const atRest = await testRest(t, start)
  const measured: Measured[] = []
  const chosen: readonly string[] = flavours[flavour]
  const languages = languageTests.filter((each) => chosen.includes(each.language))
  await t.test('languages', async (t) => {
    const server = await start(t)
    for (const language of languages) {
      await t.test(language.example, async (t) => void measured.push(await testLanguage(t, server, language)))
    }
  })
  testContainers(t, engine, start, {
    image: recipe.tag,
    name: `${prefix}-wrong`,
    port: 0,
    notebooks: `${prefix}-notebooks`,
  })
  const examples = languages.map(({ example }) => example).sort((a, b) => a.localeCompare(b))
  testExamplesInLab(t, start, examples)
  // Whatever the flavour: once is enough, and in the one that CI builds.
  if (flavour === 'small') {
    testOtherBuilds(t, engine, recipe)
    testGateway(t, engine, recipe, prefix)
  } else {
    await writeTable({ build, atRest, measured, layers: await engine.getImage(recipe.tag).history() })
  }
}
