import type { Kernel } from '@jupyterlab/services'
import { execute, type LabClient } from '../../whole/support/lab-client.ts'
import { until } from '../../whole/support/until.ts'

/** The server that a kernel runs in, by its own words: `n2-1`. */
export const whereabouts = (kernel: Kernel.IKernelConnection): Promise<string> =>
  execute(kernel, 'import socket; print(socket.gethostname())')

export const nodeOf = (server: string): string => server.replace(/-\d+$/, '')

/** Starts kernels until each of so many servers has one, and gives one of each, by its server. */
export async function oneInEach(client: LabClient, servers: number): Promise<Map<string, Kernel.IKernelConnection>> {
  const found = new Map<string, Kernel.IKernelConnection>()
  await until(`a kernel in each of ${servers} servers`, async () => {
    const kernel = await client.kernels.startNew({ name: 'python3' })
    const server = await whereabouts(kernel)
    if (found.has(server)) await kernel.shutdown()
    else found.set(server, kernel)
    return found.size >= servers
  })
  return found
}
