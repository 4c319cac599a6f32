import { readCommandLine, refuseRest, tellOptions } from '../cluster/command-line.ts'
import { thisMachine } from '../cluster/this-machine.ts'
import type { Command } from '../context.ts'
import { Trouble } from '../local/trouble.ts'
import { examine } from './checks/checks.ts'
import type { Finding } from './finding.ts'
import { gather } from './gather.ts'

const switches = { json: { about: 'for programs: a list of {level, what, todo}' } }

/** `pyli doctor`. */
export const doctor: Command = {
  about: 'tells what keeps this machine or its cluster from working, and what to do about it',
  help: () => `Usage: pyli doctor [options]

Looks at this machine, before or after it is one of a cluster, and on the first machine at the cluster, too: kernel, disks,
clock, engine, ports, the way to the other machines, storage, certificates, services, images. Changes nothing. It fails
where something does not work.

${tellOptions([], switches)}`,
  run: async (args, context) => {
    const line = readCommandLine('doctor', args, [], switches)
    refuseRest('doctor', line)
    context.progress.doing('looking, for 75 s at most')
    const findings = examine(await gather(thisMachine(context)))
    context.progress.say(
      line.switches.has('json') ? JSON.stringify(findings, null, 2) : findings.map(inWords).join('\n'),
    )
    const bad = findings.filter(({ level }) => level === 'bad').length
    if (bad > 0) throw new Trouble(`${bad} of ${findings.length} findings keep it from working.`)
  },
}

const marks: Readonly<Record<Finding['level'], string>> = { ok: '✓', warn: '!', bad: '✗' }

const inWords = ({ level, what, todo }: Finding): string =>
  `  ${marks[level]} ${what}${todo === undefined ? '' : `\n      ${todo}`}`
