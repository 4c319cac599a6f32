import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { minutes } from '../../../gateway/config/units.ts'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { within } from '../../whole/support/until.ts'
import { part } from '../support/part.ts'
import { authorities, door, lab, MANAGER, on, WORKERS } from '../support/the-lab.ts'
import { measured, watch } from '../support/times.ts'

const LIMIT = minutes(45)

/** A person's terminal on a machine: what stays on it, line by line. Resolves with the program's code. */
async function terminal(node: number, argv: readonly string[], hear: (line: string) => void): Promise<number> {
  const child = spawn('docker', ['exec', '--tty', lab.container(node), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let partial = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    // What was written over again is not on the screen any more.
    for (const line of lines) hear(stripVTControlCharacters(line.trimEnd().split('\r').at(-1) ?? ''))
  })
  const [code] = (await once(child, 'close')) as [number]
  return code
}

part(
  '`make` on n1 and the line that it prints on n2 and n3 make a cluster that runs a cell',
  async (t) => {
    const took = watch()
    const ca = await authorities()
    const options = [
      '--flavour=small',
      '--base=debootstrap',
      '--brick=/data/brick',
      ...(ca === '' ? [] : [`--ca=${ca}`]),
    ].join(' ')

    const { promise: invited, resolve: invite } = Promise.withResolvers<string>()
    const said: string[] = []
    const sections = new Map<string, number>()
    let [section, since] = ['This machine', 0]
    const manager = terminal(MANAGER, ['make', `OPTIONS=${options}`], (line) => {
      said.push(line)
      console.error(`  ${took().toFixed(0).padStart(4)}  ${hidden(line)}`)
      if (line.includes('| make worker')) invite(line.trim())
      if (/^[A-Z][\w ]+$/.test(line)) {
        sections.set(section, (sections.get(section) ?? 0) + took() - since)
        ;[section, since] = [line, took()]
      }
    })
    const line = await Promise.race([
      invited,
      manager.then((code) => {
        throw new Error(`make ended with ${code}, and told nobody how to join`)
      }),
    ])

    // As people paste it: the line comes by the shell's standard input, and is nobody's argument.
    const workers = WORKERS.map(async (node) => {
      await on(node, ['bash', '-s'], { input: `cd /opt/pyli && ${line}\n`, limit: LIMIT })
      measured(`from \`make\` to \`make worker\` being done on n${node}`, took())
    })
    await within('make worker on n2 and n3', Promise.all(workers), LIMIT)
    const code = await within('make on n1', manager, LIMIT)
    t.equal(code, 0, 'make has succeeded')
    sections.set(section, (sections.get(section) ?? 0) + took() - since)
    measured('from `make` to its end', took())
    for (const [name, seconds] of sections) measured(`of it: ${name}`, seconds)

    const { url, token } = await door()
    t.ok(
      said.some((each) => each.startsWith(`${url}lab?token=${token}`)),
      'it tells the address to open',
    )
    const client = await new LabClient({ url, token }).ready()
    t.teardown(() => client.dispose())
    const kernel = await client.kernels.startNew({ name: 'python3' })
    t.equal(await execute(kernel, 'print("hello world")'), 'hello world')
    measured('from `make` to the first cell', took())
    await kernel.shutdown()
  },
  LIMIT,
)

const hidden = (line: string): string => line.replace(/SWMTKN-\S+|token=\S+/g, '[hidden]')
