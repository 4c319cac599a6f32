import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import type { Test } from 'tap'
import { endServer, type RunningServer, startServer } from '../../../provisioner/image/server.ts'
import type { Target } from './kernel-client.ts'

export type TestServer = RunningServer & Target

export type Start = (t: Test, environment?: Readonly<Record<string, string>>, notebooks?: string) => Promise<TestServer>

/** Servers of one image that share token, cookie secret and notebooks, as those of a cluster do. They end with the test. */
export function serversOf(engine: Docker, image: string, prefix: string): Start {
  const secrets = { token: randomBytes(24).toString('hex'), cookieSecret: randomBytes(32).toString('hex') }
  let count = 0
  return async (t, environment = {}, notebooks = `${prefix}-notebooks`) => {
    const plan = { image, name: `${prefix}-${++count}`, port: 0, notebooks, environment }
    const server = await startServer(engine, plan, secrets)
    t.teardown(() => endServer(server).catch(() => {})) // it may have ended in the test
    return { ...server, token: secrets.token }
  }
}
