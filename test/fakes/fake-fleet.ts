import { Colleagues } from '../../gateway/workers/colleagues.ts'
import type { ToWorker } from '../../gateway/workers/messages.ts'
import { Switchboard } from '../../gateway/workers/switchboard.ts'

export interface FakeWorker {
  readonly number: number
  readonly peers: Colleagues
  /** As if its process had been killed. */
  die(): void
}

/** Several workers at one switchboard. Messages take a turn of the event loop in each direction, in order. */
export function fakeFleet(count: number): { switchboard: Switchboard; workers: FakeWorker[] } {
  const switchboard = new Switchboard()
  const workers = Array.from({ length: count }, (_, i): FakeWorker => {
    const number = i + 1
    let alive = true
    const peers = new Colleagues((message) => {
      if (alive) setImmediate(() => switchboard.take(number, structuredClone(message)))
    })
    const deliver = (message: ToWorker) => alive && peers.take(message)
    switchboard.join(number, (message) => void setImmediate(() => deliver(structuredClone(message))))
    switchboard.take(number, { kind: 'listening', address: { address: '::', family: 'IPv6', port: 1 } })
    const die = () => {
      alive = false
      switchboard.leave(number)
    }
    return { number, peers, die }
  })
  return { switchboard, workers }
}
