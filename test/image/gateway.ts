import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Test } from 'tap'
import { minutes, seconds } from '../../gateway/config/units.ts'
import { buildImage } from '../../provisioner/image/build.ts'
import { gatewayRecipe, type Recipe } from '../../provisioner/image/recipe.ts'
import { silent } from '../../provisioner/local/progress.ts'
import { until } from '../whole/support/until.ts'
import { ended, runIn } from './support/engine.ts'

/** In MB. */
const MOST = 250
const HEALTH = ['/usr/local/bin/node', '/opt/pyli/image/gateway/health.ts']

/** The other image, with the same base and authorities. */
export function testGateway(t: Test, engine: Docker, ground: Recipe, prefix: string): void {
  t.test("the gateway's image", async (t) => {
    t.setTimeout(minutes(20))
    const recipe = gatewayRecipe({ base: ground.base, authorities: ground.authorities })
    const { tag, bytes } = await buildImage(engine, recipe, { progress: silent, stop: new AbortController().signal })
    t.ok(bytes / 1e6 < MOST, `${Math.round(bytes / 1e6)} of ${MOST} MB`)

    const start = async (t: Test, flags: readonly string[]) => {
      const container = await engine.createContainer({
        Image: tag,
        name: `${prefix}-gateway`,
        Cmd: ['--backends=static:127.0.0.1:1', ...flags],
        Env: ['PYLI_TOKEN=a-token-of-the-test'],
        HostConfig: {
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          Tmpfs: { '/var/lib/pyli': 'uid=1001,gid=1001' },
        },
      })
      t.teardown(() => container.remove({ v: true, force: true }))
      await container.start()
      return container
    }

    await t.test('over a read-only root and without rights it is healthy, and ends when it is told', async (t) => {
      const container = await start(t, [])
      await until('it is well', async () => (await runIn(container, HEALTH)).code === 0)
      const { output } = await runIn(container, ['/usr/local/bin/node', '-p', 'String(process.getuid())'])
      t.equal(output, '1001\n')
      const { Titles, Processes } = await container.top()
      const command = Titles.indexOf('CMD')
      t.match(Processes[0]?.[command], /^\/usr\/local\/bin\/node \/opt\/pyli\/gateway\/main\.ts /, 'nothing is between')
      await container.kill({ signal: 'SIGTERM' })
      t.equal(await ended(container, seconds(30)), 0)
    })

    await t.test('its health is asked where its options say, and is no matter of course', async (t) => {
      const container = await start(t, ['--admin=0.0.0.0:9191'])
      await until('it is well', async () => (await runIn(container, HEALTH)).code === 0)
      await container.pause()
      await container.unpause()
      await container.kill({ signal: 'SIGSTOP' })
      await sleep(200)
      t.match(await runIn(container, HEALTH), { code: 1, output: /does not answer/ })
      await container.kill({ signal: 'SIGCONT' })
      await until('it is well again', async () => (await runIn(container, HEALTH)).code === 0)
    })

    await t.test('wrong options end it with a sentence', async (t) => {
      const container = await start(t, ['--listen=nowhere'])
      t.not(await ended(container, seconds(30)), 0)
      t.match(String(await container.logs({ stdout: true, stderr: true })), /--listen must look like host:port/)
    })
  })
}
