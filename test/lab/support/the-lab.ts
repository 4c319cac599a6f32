import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ms, minutes } from '../../../gateway/config/units.ts'
import { type Argv, type Ran, run } from '../../../provisioner/host/run.ts'
import { trust } from '../../whole/support/cluster.ts'
import { Rest } from '../../whole/support/rest.ts'
import { Lab } from '../machines.ts'

/** By its name the parts of a run find the lab that they share. */
export const LAB = 'PYLI_LAB'
export const MANAGER = 1
export const WORKERS = [2, 3] as const

export const lab = new Lab(process.env[LAB] ?? 'pyli-lab', run)

/** What a program on a machine printed; its failure is ours. */
export async function on(node: number, argv: Argv, options: { input?: string; limit?: Ms } = {}): Promise<string> {
  const { code, stdout, stderr } = await lab.ran(node, argv, { limit: minutes(2), ...options })
  if (code !== 0) throw new Error(`n${node}: ${argv.join(' ')} ended with ${code}: ${stderr.trim() || stdout.trim()}`)
  return stdout
}

/** A shell's line there. Only for what no secret is in. */
export const shell = (node: number, line: string, limit: Ms = minutes(2)): Promise<string> =>
  on(node, ['bash', '-c', line], { limit })

/** On a machine of the lab: the authorities that its network needs, as its image has them. */
export const authorities = async (): Promise<string> =>
  (await shell(MANAGER, 'ls /usr/local/share/ca-certificates/*.crt 2>/dev/null | paste -sd,')).trim()

/** `pyli` as it is called on a machine, whatever it answers. */
export const pyli = (
  node: number,
  args: readonly string[],
  options: { input?: string; limit?: Ms } = {},
): Promise<Ran> => lab.ran(node, ['node', 'bootstrap.mjs', 'pyli', ...args], { limit: minutes(10), ...options })

/** The same on the first machine, where it must succeed: what it printed. */
export async function pyliDoes(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pyli(MANAGER, args, { limit: minutes(15) })
  if (code !== 0) throw new Error(`pyli ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout
}

/** The address that people open, from outside. */
export interface Door {
  readonly url: string
  readonly token: string
  readonly rest: Rest
}

/** Through the gateway of a manager, with the cluster's CA trusted by all of this process. */
export async function door(node = MANAGER): Promise<Door> {
  const [ca, token, address] = await Promise.all([
    on(MANAGER, ['cat', '/var/lib/pyli/tls/ca.pem']),
    on(MANAGER, ['cat', '/var/lib/pyli/secrets/jupyter-token']),
    lab.address(node),
  ])
  const file = join(await mkdtemp(join(tmpdir(), 'pyli-lab-')), 'ca.crt')
  await writeFile(file, ca)
  trust(file)
  const url = `https://${address}/`
  return { url, token: token.trim(), rest: new Rest(url, token.trim()) }
}
