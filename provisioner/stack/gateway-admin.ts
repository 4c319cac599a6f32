import { request } from 'node:http'
import { seconds } from '../../gateway/config/units.ts'
import { readIfThere } from '../host/files.ts'
import { Trouble } from '../local/trouble.ts'
import { sourceOf } from './secrets.ts'

/** In the volume of the gateway on this machine, which only root reads. */
const ADMIN_SOCKET = '/var/lib/docker/volumes/pyli_gateway/_data/admin.sock'

/** What `GET /overview` tells of each server, as far as it is read here. */
export interface BackendView {
  /** `host:port`. */
  readonly address: string
  readonly state: string
  /** Why it is so, where that is not plain. */
  readonly reason?: string
  readonly kernels: readonly {
    /** Of its kind: python3. */
    readonly name?: string
    readonly state: string
    readonly connections: number
    readonly paths: readonly string[]
  }[]
}

/** This machine's gateway, as its operators see it. */
export interface GatewayAdmin {
  backends(): Promise<readonly BackendView[]>
  /** False where the gateway knows no such backend. */
  tell(address: string, verb: 'drain' | 'restore'): Promise<boolean>
}

export const gatewayAdmin = (socketPath = ADMIN_SOCKET, token = readToken): GatewayAdmin => ({
  async backends() {
    const { status, body } = await ask(socketPath, 'GET', '/overview', await token())
    if (status !== 200) throw new Trouble(`The gateway does not tell of its servers: it answers ${status}.`)
    return (body as { readonly backends: readonly BackendView[] }).backends
  },
  async tell(address, verb) {
    const { status } = await ask(socketPath, 'POST', `/backends/${address}/${verb}`, await token())
    if (status !== 200 && status !== 404)
      throw new Trouble(`The gateway could not ${verb} ${address}: it answers ${status}.`)
    return status === 200
  },
})

const readToken = async (): Promise<string> => (await readIfThere(sourceOf('admin-token'))) ?? ''

function ask(
  socketPath: string,
  method: string,
  path: string,
  token: string,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}`, Host: 'localhost' }
    request({ socketPath, method, path, headers, timeout: seconds(10) }, async (response) => {
      try {
        const text = (await response.toArray()).join('')
        resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) })
      } catch (error) {
        reject(error)
      }
    })
      .on('timeout', () => reject(new Trouble('The gateway of this machine does not answer.')))
      .on('error', (error: NodeJS.ErrnoException) =>
        reject(new Trouble(`The gateway of this machine is not reached (${error.code}): does its service run?`)),
      )
      .end()
  })
}
