import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seconds } from '../../gateway/config/units.ts'
import { storageHere } from '../cluster/kept-settings.ts'
import type { Machine } from '../cluster/machine.ts'
import { listNodes } from '../cluster/nodes.ts'
import { known, type Told, told } from '../host/told.ts'
import { Trouble } from '../local/trouble.ts'
import { type GatewayAdmin, gatewayAdmin } from '../stack/gateway-admin.ts'
import { viewStack } from '../stack/swarm.ts'
import { storageOf } from '../storage/choose.ts'
import { certificateHere } from './certificate.ts'
import {
  backendStatuses,
  type CertificatesStatus,
  nodeStatus,
  type Status,
  type StorageStatus,
  serviceStatuses,
} from './view.ts'

/** Storage asks a volume that may stall for a quarter of a minute. */
const LONGEST = seconds(40)
const SHORT = seconds(15)

/** Each part by itself and for a limited time: half of a cluster may be away. */
export async function gather(machine: Machine, gateway: GatewayAdmin = gatewayAdmin()): Promise<Status> {
  const { engine, clock } = machine
  const [version, nodes, stack, storage, backends, certificates] = await Promise.all([
    ownVersion(),
    told(listNodes(engine).catch(explain), SHORT),
    told(viewStack(engine).catch(explain), SHORT),
    told(storageStatus(machine), LONGEST),
    told(gateway.backends(), SHORT),
    told(certificateStatus(clock()), SHORT),
  ])
  const view = known(stack)
  return {
    machine: machine.name,
    version,
    nodes: map(nodes, (all) => all.map(nodeStatus)),
    storage,
    services: map(stack, serviceStatuses),
    backends: map(backends, (all) => backendStatuses(all, view)),
    certificates,
  }
}

const map = <T, R>(answer: Told<T>, change: (value: T) => R): Told<R> =>
  'value' in answer ? { value: change(answer.value) } : answer

/** What an engine says on a machine that is none of the managers is long. */
function explain(error: Error & { statusCode?: number; code?: string }): never {
  if (error.statusCode === 503) throw new Trouble('only a manager knows: run this on the first machine')
  if (error.code === 'EACCES') throw new Trouble('only root may ask the engine: run this with sudo')
  if (error.code !== undefined) throw new Trouble(`the engine does not answer (${error.code})`)
  throw error
}

async function storageStatus(machine: Machine): Promise<StorageStatus> {
  const choice = await storageHere()
  if (choice === undefined) throw new Trouble('this machine is in no cluster of pyli')
  return { kind: choice.kind, ...(await storageOf(choice, machine).look()) }
}

async function certificateStatus(now: number): Promise<CertificatesStatus> {
  const [gateway, ca] = await Promise.all([certificateHere('gateway', now), certificateHere('ca', now)])
  return { ...(gateway && { gateway }), ...(ca && { ca }) }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
