import { join } from 'node:path'
import { startAndHear } from '../processes.ts'
import type { Backends } from './work.ts'

const program = (name: string): string => join(import.meta.dirname, '..', name)

/** Two that cost next to nothing and answer all with one small model. */
export async function smallBackends(): Promise<Backends> {
  const two = [program('backend.ts'), program('backend.ts')].map((path) => startAndHear(process.execPath, [path]))
  return { ports: (await Promise.all(two)).flatMap(({ ports }) => ports) }
}

/** Two with kernels, whose sockets echo, and files of any size. */
export async function jupyterBackends(): Promise<Backends> {
  const one = () => startAndHear(process.execPath, [program('jupyter.ts'), '--kernels=50', '--any-kernel'])
  const two = await Promise.all([one(), one()])
  return { ports: two.flatMap(({ ports }) => ports) }
}
