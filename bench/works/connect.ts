import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Subject } from './work.ts'

const host = '127.0.0.1'

/** A client's connection, open. Who it is to is not looked at: certificates here are made for one run. */
export async function open({ port, tls }: Pick<Subject, 'port' | 'tls'>, session?: Buffer): Promise<Socket> {
  if (!tls) {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    return socket
  }
  const socket: TLSSocket = connectTls({
    host,
    port,
    rejectUnauthorized: false,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
    ...(session && { session }),
  })
  socket.setNoDelay(true)
  await once(socket, 'secureConnect')
  return socket
}

/** Some at a time, so that nobody's queue of new connections overflows. */
export async function openMany<T>(count: number, openOne: (index: number) => Promise<T>, atOnce = 32): Promise<T[]> {
  const all: T[] = []
  while (all.length < count) {
    const batch = Array.from({ length: Math.min(atOnce, count - all.length) }, (_, i) => openOne(all.length + i))
    all.push(...(await Promise.all(batch)))
  }
  return all
}
