import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { minutes } from '../../gateway/config/units.ts'
import { type Machine, SECRETS } from '../cluster/machine.ts'
import type { Step } from '../cluster/settle.ts'
import { readIfThere } from '../host/files.ts'
import { newSecret, renewSecret, secretSteps, sourceOf, writeSecret } from './secrets.ts'
import { stillThere, tasksNamed } from './serving.ts'
import { viewStack } from './swarm.ts'

/** What can be rotated, and what people notice of it. */
export const ROTATED = {
  'admin-token': 'Gateways are replaced, and JupyterLab reconnects within seconds. Operators log in again.',
  'jupyter-cookie-secret':
    'Servers are replaced one after the other, and no kernel is lost. People log in again with the token; pages that are open go on.',
  'jupyter-token':
    'Servers are replaced one after the other, and no kernel is lost. Who is logged in stays; who comes anew needs the new token.',
} as const
export type Rotated = keyof typeof ROTATED

/** A server ends an hour after it was told to, at the latest (stack.yml). */
const DRAINS = minutes(65)

export function rotationSteps(machine: Machine, name: Rotated, deploy: () => Step[], folder = SECRETS): Step[] {
  const replaced = () => [...secretSteps(machine, folder), ...deploy()]
  if (name === 'jupyter-token') return tokenSteps(machine, replaced, folder)
  let isRenewed = false
  return [
    {
      title: `a new ${name}`,
      look: async () => (isRenewed ? undefined : 'it is still the old one'),
      async change() {
        await renewSecret(name, folder)
        isRenewed = true
      },
    },
    ...replaced(),
  ]
}

/**
 * A gateway that knows one token alone would lose either the servers that still drain with the old one or those that have
 * begun with the new one. So gateways learn the new one first, and servers get it then; the old one stays with the
 * gateways, as no server takes it any more once it has ended. Where this was interrupted it goes on.
 */
function tokenSteps({ engine }: Machine, replaced: () => Step[], folder: string): Step[] {
  const paths = { token: sourceOf('jupyter-token', folder), former: sourceOf('jupyter-former-token', folder) }
  const nextPath = join(folder, 'jupyter-next-token')
  const read = async () => {
    const [token, former, next] = await Promise.all([paths.token, paths.former, nextPath].map(readIfThere))
    return { token: token ?? '', former: former ?? '', next: next ?? '' }
  }
  return [
    {
      title: 'no server drains with the token of an earlier rotation',
      async look() {
        if ((await read()).next !== '') return undefined // of this one
        const tasks = tasksNamed('jupyter', await viewStack(engine))
        const draining = stillThere({ tasks }).filter(({ DesiredState }) => DesiredState !== 'running')
        return draining.length === 0 ? undefined : `${draining.length} do`
      },
      patience: DRAINS,
      advice: 'Run this again to wait on.',
    },
    {
      title: 'a new jupyter-token',
      look: async () => ((await read()).next === '' ? 'there is none yet' : undefined),
      change: () => writeSecret(nextPath, newSecret('jupyter-token')),
    },
    {
      title: 'gateways are told of it',
      async look() {
        const { token, former, next } = await read()
        return former === next || token === next ? undefined : 'they are not'
      },
      change: async () => writeSecret(paths.former, (await read()).next),
    },
    ...replaced(),
    {
      title: 'it takes the place of the old one',
      async look() {
        const { token, next } = await read()
        return token === next ? undefined : 'it does not'
      },
      async change() {
        const { token, next } = await read()
        await writeSecret(paths.former, token)
        await writeSecret(paths.token, next)
      },
    },
    ...replaced(),
    {
      title: 'the rotation is over',
      look: async () => ((await read()).next === '' ? undefined : 'it is not'),
      change: () => rm(nextPath),
    },
  ]
}
