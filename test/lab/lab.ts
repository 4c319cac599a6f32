import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { run } from '../../provisioner/host/run.ts'
import { findEngine } from '../../provisioner/image/engine.ts'
import { progressOn } from '../../provisioner/local/progress.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'
import { nodeImage } from './image.ts'
import { Lab } from './machines.ts'
import { type LabOptions, parseLabOptions, usage } from './options.ts'

// npm run lab: a few machines on one, to try a cluster on and to test it.

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
const progress = progressOn(process.stdout)

async function act(lab: Lab, options: LabOptions): Promise<void> {
  const { verb, node, command, nodes } = options
  switch (verb) {
    case 'up': {
      const image = await nodeImage(await findEngine(), options, progress, stop.signal)
      await lab.up(nodes, image)
      for (let n = 1; n <= nodes; n++) progress.say(`n${n} is up, ${await lab.address(n)}`)
      return progress.say(`npm run lab -- shell 1${lab.name === 'pyli-lab' ? '' : ` --name ${lab.name}`}`)
    }
    case 'shell':
      return interactive(['exec', '--interactive', '--tty', lab.container(node), 'bash', '-l'])
    case 'run':
      return interactive(['exec', '--interactive', lab.container(node), ...command])
    case 'down':
      return lab.down()
    default:
      return lab[verb](node)
  }
}

/** With our terminal and our exit code. */
async function interactive(args: readonly string[]): Promise<void> {
  const child = spawn('docker', args, { stdio: 'inherit' })
  const [code] = (await once(child, 'close')) as [number | null]
  process.exitCode = code ?? 1
}

const args = process.argv.slice(2)
try {
  if (args.length === 0 || args[0] === '--help') console.log(usage)
  else {
    const options = parseLabOptions(args)
    await act(new Lab(options.name, run), options)
  }
} catch (error) {
  if (!(error instanceof Trouble)) throw error
  console.error(error.message)
  process.exitCode = 1
}
