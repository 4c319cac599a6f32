import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Context } from '../../../provisioner/context.ts'
import { image } from '../../../provisioner/image/image.ts'
import { silent } from '../../../provisioner/local/progress.ts'

t.test('a build that somebody stops is told as that, and counts as failed', async (t) => {
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = `unix://${t.testdir()}/no-engine.sock`
  t.teardown(() => {
    if (before === undefined) delete process.env.DOCKER_HOST
    else process.env.DOCKER_HOST = before
  })
  const context: Context = {
    environment: {},
    progress: silent,
    input: new PassThrough(),
    isWatched: false,
    stop: AbortSignal.abort(),
    onExit() {},
  }
  await t.rejects(image.run(['build'], context), { name: 'Interrupted', message: /`pyli image build`.* goes on/ })
})
