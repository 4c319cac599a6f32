import type { Worker } from 'node:cluster'

/** What Node's primary process sends along with a connection for a worker, and what the worker answers. */
interface ClusterMessage {
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
}

interface Handle {
  close(): void
}

/**
 * Closes the connections that were on their way to a worker when it died. Node keeps them until the worker answers
 * (internal/cluster/round_robin_handle.js, handoff), which it never will: the primary held them for ever, and their clients
 * waited in a handshake that nobody read.
 */
export function closeWhatWasHandedOver(worker: Worker): void {
  const { process: child } = worker
  const underWay = new Map<number, Handle>()
  const send = child.send.bind(child) as (...all: unknown[]) => boolean
  child.send = (message: unknown, handle?: unknown, ...rest: unknown[]) => {
    const { act, seq } = message as ClusterMessage
    if (act === 'newconn' && seq !== undefined && handle) underWay.set(seq, handle as Handle)
    return send(message, handle, ...rest)
  }
  child.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) underWay.delete(ack)
  })
  worker.once('exit', () => {
    for (const handle of underWay.values()) handle.close()
  })
}
