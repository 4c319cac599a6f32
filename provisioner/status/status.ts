import { readCommandLine, refuseRest, tellOptions } from '../cluster/command-line.ts'
import { thisMachine } from '../cluster/this-machine.ts'
import type { Command } from '../context.ts'
import { plainly } from '../host/told.ts'
import { gather } from './gather.ts'
import { inWords } from './words.ts'

const switches = { json: { about: 'for programs: each part as it is, or {"unknown": why}' } }

/** `pyli status`. */
export const status: Command = {
  about: 'tells how a cluster is: machines, storage, services, servers with their kernels, certificates',
  help: () => `Usage: pyli status [options]

Tells how the cluster is: machines, storage, services, Jupyter servers with their kernels, certificates. On the first
machine it knows most, and needs root for that. What cannot be told is unknown, with the reason; it takes 40 s at most.

${tellOptions([], switches)}`,
  run: async (args, context) => {
    const line = readCommandLine('status', args, [], switches)
    refuseRest('status', line)
    const { nodes, storage, services, backends, certificates, ...plain } = await gather(thisMachine(context))
    if (!line.switches.has('json'))
      return context.progress.say(inWords({ ...plain, nodes, storage, services, backends, certificates }))
    const parts = Object.entries({ nodes, storage, services, backends, certificates })
    const told = Object.fromEntries(parts.map(([name, answer]) => [name, plainly<unknown>(answer)]))
    context.progress.say(JSON.stringify({ ...plain, ...told }, null, 2))
  },
}
