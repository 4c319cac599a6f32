import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { measuring, newHistogram } from './asker.ts'
import { smallBackends } from './backends.ts'
import { open } from './connect.ts'
import type { Done, Subject, Work } from './work.ts'

const form = { tls: true, connections: 16 }
const settings = { unit: 'connection', forms: [form], quickForms: [form], startBackends: smallBackends } as const

/** ECDSA P-256, as the certificate of the bench is. */
export const full: Work = {
  ...settings,
  name: 'handshake-full',
  perform: (subject, { connections }, { seconds }) => shakeHands(subject, connections, seconds, undefined),
}

export const resumed: Work = {
  ...settings,
  name: 'handshake-resumed',
  perform: async (subject, { connections }, { seconds }) =>
    shakeHands(subject, connections, seconds, await sessionOf(subject)),
}

/** Opens connections and ends them in order, so many at a time. */
async function shakeHands(subject: Subject, atOnce: number, seconds: number, session?: Buffer): Promise<Done> {
  const latencies = newHistogram()
  let units = 0
  const measured = measuring(subject)
  const end = performance.now() + seconds * 1_000
  const lane = async () => {
    while (performance.now() < end) {
      const begun = performance.now()
      const socket = (await open(subject, session)) as TLSSocket
      latencies.recordValue((performance.now() - begun) * 1_000)
      if (socket.isSessionReused() !== (session !== undefined)) throw new Error('a session was not what it should be')
      socket.on('error', () => {}) // a reset, for tickets that nobody read
      socket.resume().end()
      await once(socket, 'close')
      units++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const { cpu, seconds: elapsed } = measured()
  return { units, seconds: elapsed, cost: cpu / units, latencies }
}

/** TLS 1.3 sends it behind the handshake. */
async function sessionOf(subject: Subject): Promise<Buffer> {
  const socket = (await open(subject)) as TLSSocket
  const [session] = (await once(socket, 'session')) as [Buffer]
  socket.destroy()
  return session
}
