import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:net'
import type { Test } from 'tap'

const channel = 'tracing:net.server.listen:asyncStart'

/** Every server that begins to listen in this process from now on, until the test ends. */
export function listening(t: Test): readonly Server[] {
  const servers: Server[] = []
  const hear = (message: unknown) => void servers.push((message as { server: Server }).server)
  subscribe(channel, hear)
  t.teardown(() => unsubscribe(channel, hear))
  return servers
}
