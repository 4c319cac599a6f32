import { chmod, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'

/**
 * Listens on a Unix socket, which is reached by whoever may open its file: this user, and root. One that a killed gateway
 * has left behind is taken over, one that somebody answers at is not.
 */
export async function listenAtSocket(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path)
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') {
      throw new Error(`--admin-socket ${path} cannot be made (${code}): its folder must be there, and be ours to write`)
    }
    if (await isAnswered(path)) {
      throw new Error(`--admin-socket ${path} is another program's; choose another file`)
    }
    await rm(path)
    await listen(server, path)
  }
  await chmod(path, 0o600)
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
