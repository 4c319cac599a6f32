import type { Kernel } from '@jupyterlab/services'
import type { Test } from 'tap'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { whereabouts } from './kernels.ts'
import type { Door } from './the-lab.ts'

/** Somebody at work: a kernel with a variable in it, over one WebSocket that stays open. */
export interface Person {
  readonly kernel: Kernel.IKernelConnection
  readonly server: string
  readonly secret: string
}

export async function people(client: LabClient, count: number): Promise<Person[]> {
  const all: Person[] = []
  for (let n = 0; n < count; n++) {
    const kernel = await client.kernels.startNew({ name: 'python3' })
    const secret = crypto.randomUUID()
    await execute(kernel, `held = '${secret}'`)
    all.push({ kernel, server: await whereabouts(kernel), secret })
  }
  return all
}

/** What the kernel says that it holds; the reason, where it says nothing. */
export const heldBy = ({ kernel }: Person): Promise<string> => execute(kernel, 'print(held)').catch(String)

/** Over a new connection of a newcomer's browser. */
export async function heldForNewcomers(door: Door, person: Person): Promise<string> {
  const client = new LabClient(door)
  const connection = client.kernels.connectTo({ model: person.kernel.model })
  try {
    return await execute(connection, 'print(held)').catch(String)
  } finally {
    connection.dispose()
    client.dispose()
  }
}

/** Whatever became of their servers, nobody has lost a kernel: neither who stayed, nor who comes again. */
export async function nobodyLost(t: Test, door: Door, all: readonly Person[]): Promise<void> {
  for (const person of all) {
    t.equal(await heldBy(person), person.secret, `${person.server}: over the connection that was open`)
    t.equal(await heldForNewcomers(door, person), person.secret, `${person.server}: over a new one`)
  }
}
