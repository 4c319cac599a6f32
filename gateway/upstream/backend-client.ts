import type { BackendClient, BackendRequest, Dispatch, ResponseHandler } from './client.ts'
import { Connections } from './connections.ts'
import { Dispatched } from './dispatched.ts'
import { requestHead } from './request-head.ts'

export interface BackendClientOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds, as all times here. */
  readonly connectTimeout: number
  /** How many connections may wait for a next request. */
  readonly maxIdle?: number
  /** How long one may wait. Shorter than the backend's own patience, and fewer requests meet a closing connection. */
  readonly idleTimeout?: number
  /** Told what a handler threw: a mistake of ours, which its exchange has ended with. By default it ends the process. */
  readonly onHandlerError?: (error: unknown) => void
}

/**
 * A client to one backend. `dispatch` throws TypeError for a request that cannot be written without becoming two; all
 * else is told to the handler, and never before `dispatch` has returned.
 *
 * After `close` it still sends, over connections that are not kept.
 */
export function createBackendClient(options: BackendClientOptions): BackendClient {
  const { host, port, connectTimeout, maxIdle = 64, idleTimeout = 60_000, onHandlerError = endProcess } = options
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const connections = new Connections({ host, port, connectTimeout, maxIdle, idleTimeout })
  return {
    dispatch(request: BackendRequest, handler: ResponseHandler): Dispatch {
      const head = requestHead(request, authority)
      return new Dispatched({ request, head, handler, connections, onHandlerError })
    },
    close(): void {
      connections.close()
    },
  }
}

/** As an uncaught exception, and not inside a socket's event, which would be left half done. */
function endProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
