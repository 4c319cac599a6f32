import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { networkInterfaces, userInfo } from 'node:os'
import { dirname } from 'node:path'
import { seconds } from '../../gateway/config/units.ts'
import { reach } from '../cluster/address.ts'
import { keptSettings, settingsHere, storageHere } from '../cluster/kept-settings.ts'
import type { Machine } from '../cluster/machine.ts'
import { type Membership, managersOf, membershipOf, SWARM_PORT, type SwarmInfo } from '../cluster/swarm.ts'
import { isThere, readIfThere } from '../host/files.ts'
import { kernelHas } from '../host/kernel.ts'
import { succeed } from '../host/run.ts'
import { known, told } from '../host/told.ts'
import { Trouble } from '../local/trouble.ts'
import { RANDOM_SECRETS, sourceOf } from '../stack/secrets.ts'
import { listNetworks, type StackView, viewStack } from '../stack/swarm.ts'
import { certificateHere, type PairName } from '../status/certificate.ts'
import { storageOf } from '../storage/choose.ts'
import { isOnRootDisk } from '../storage/gluster/brick.ts'
import { Gluster } from '../storage/gluster/cli.ts'
import { PORTS, VOLUME } from '../storage/gluster/plan.ts'
import type { ClockFacts, EngineFacts, Facts, KernelFacts, NetworkFacts, Reached, StorageFacts } from './facts.ts'
import { clockSkews, distinct, readDisks, readListeners, targets } from './read.ts'

const SHORT = seconds(15)
const LONGEST = seconds(45)

/** All that the checks look at. Nothing is changed, and no part makes the others wait for ever. */
export async function gather(machine: Machine): Promise<Facts> {
  const { run, engine, clock } = machine
  const info = await told(engineInfo(machine), SHORT)
  const swarm = known(info)
  const isManager = swarm?.membership === 'manager'
  const stack = isManager ? await told(viewStack(engine), SHORT) : undefined
  const view = stack && known(stack)
  const settings = (await keptSettings()) === undefined ? undefined : await settingsHere()
  const [storage, listeners, reached, network, disks, certificates, clockIs, kernel] = await Promise.all([
    storageFacts(machine),
    told(succeed(run, ['ss', '-Hltunp'], { limit: SHORT }).then(readListeners), SHORT),
    told(tryTheOthers(machine, swarm, view), LONGEST),
    told(networkFacts(machine, swarm), SHORT),
    told(diskFacts(machine), SHORT),
    told(allCertificates(clock()), SHORT),
    told(clockFacts(machine, view), SHORT),
    kernelFacts(machine),
  ])
  return {
    machine: machine.name,
    isRoot: userInfo().uid === 0,
    engine: info,
    settings,
    storage,
    listeners,
    reached,
    clock: clockIs,
    network,
    kernel,
    disks,
    stack,
    certificates,
    missingSecrets: settings === undefined ? [] : await missingSecrets(),
  }
}

interface EngineInfo extends EngineFacts {
  readonly swarm: SwarmInfo
}

async function engineInfo({ engine }: Machine): Promise<EngineInfo> {
  const [{ Version, ApiVersion }, { Swarm }] = await Promise.all([
    engine.version(),
    engine.info() as Promise<{ Swarm: SwarmInfo }>,
  ]).catch((error: NodeJS.ErrnoException) => {
    throw new Trouble(error.code ?? error.message)
  })
  return { version: Version, api: ApiVersion, membership: memberOf(Swarm), swarm: Swarm }
}

/** Locked or broken is told by the engine's own steps; here it is only not a member that works. */
function memberOf(info: SwarmInfo): Membership {
  try {
    return membershipOf(info)
  } catch {
    return 'joining'
  }
}

async function storageFacts(machine: Machine): Promise<StorageFacts | undefined> {
  const choice = await storageHere()
  if (choice === undefined) return undefined
  const [state, onRoot] = await Promise.all([
    told(storageOf(choice, machine).look(), LONGEST),
    choice.kind === 'gluster' ? told(isOnRootDisk(machine, choice.brick), SHORT) : undefined,
  ])
  return { choice, state, isOnRootDisk: onRoot }
}

/** A manager knows every machine; a worker its managers, and Gluster's peers. */
async function tryTheOthers(
  machine: Machine,
  info: EngineInfo | undefined,
  view: StackView | undefined,
): Promise<Reached[]> {
  if (info === undefined || info.membership === 'none') return []
  const own = info.swarm.NodeAddr ?? ''
  const managers = managersOf(info.swarm)
  const members = [...managers, ...(view?.nodes ?? []).filter(({ isReady }) => isReady).map(({ address }) => address)]
  const wanted = targets([
    ...managers.map((to) => ({ to, port: SWARM_PORT, what: 'the swarm’s managers' })),
    ...members.map((to) => ({ to, port: 7946, what: 'the swarm’s machines' })),
    ...((await storageHere())?.kind === 'gluster' ? await glusterTargets(machine) : []),
  ]).filter(({ to }) => to !== own)
  return Promise.all(
    wanted.map(async (target) => {
      const reached = await reach(target.to, target.port, seconds(4))
      return { ...target, why: 'why' in reached ? reached.why : undefined }
    }),
  )
}

async function glusterTargets({ run }: Machine): Promise<Omit<Reached, 'why'>[]> {
  const gluster = new Gluster(run)
  const [peers, processes] = await Promise.all([told(gluster.peers(), SHORT), told(gluster.processes(VOLUME), SHORT)])
  const addresses = (known(peers) ?? []).flatMap(({ hosts }) => hosts.find((host) => isIP(host) !== 0) ?? [])
  return [
    ...addresses.map((to) => ({ to, port: PORTS.daemon, what: 'Gluster' })),
    ...(known(processes) ?? []).flatMap(({ host, port }) =>
      port === undefined ? [] : [{ to: host, port, what: 'Gluster’s copy there' }],
    ),
  ]
}

async function clockFacts({ run }: Machine, view: StackView | undefined): Promise<ClockFacts> {
  const argv = ['timedatectl', 'show', '--property', 'NTPSynchronized', '--value'] as const
  const said = await run(argv, { limit: SHORT }).catch(() => undefined) // not everybody has it
  const word = said?.stdout.trim()
  return {
    isSynchronized: word === 'yes' ? true : word === 'no' ? false : undefined,
    skews: view === undefined ? [] : clockSkews(view),
  }
}

async function networkFacts({ engine }: Machine, info: EngineInfo | undefined): Promise<NetworkFacts> {
  const own = info?.swarm.NodeAddr
  const device = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === own))?.[0]
  if (own === undefined || device === undefined) throw new Trouble('this machine is in no swarm')
  const networks = await listNetworks(engine)
  return {
    device,
    mtu: Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8')),
    overlays: networks.map(({ Name, Options }) => ({
      name: Name,
      mtu: Number(Options?.['com.docker.network.driver.mtu'] ?? 1450),
    })),
  }
}

/** Of local file systems alone: the volume's own could never answer. */
async function diskFacts(machine: Machine): Promise<ReturnType<typeof distinct>> {
  const choice = await storageHere()
  const own = choice?.kind === 'gluster' ? [dirname(choice.brick)] : choice?.kind === 'local' ? [choice.folder] : []
  const places = await Promise.all(
    ['/', '/var/lib/docker', ...own].map(async (place) => ((await isThere(place)) ? [place] : [])),
  )
  const { stdout } = await machine.run(
    ['df', '--output=target,size,avail,itotal,iavail', '--block-size=1', ...places.flat()],
    { limit: SHORT },
  )
  return distinct(readDisks(stdout))
}

async function kernelFacts({ run }: Machine): Promise<KernelFacts> {
  const [vxlan, fuse, ipVs] = await Promise.all([
    kernelHas(run, 'vxlan', 'VXLAN'),
    kernelHas(run, 'fuse', 'FUSE_FS'),
    kernelHas(run, 'ip_vs', 'IP_VS'),
  ])
  return { vxlan, fuse, ipVs }
}

async function allCertificates(now: number): Promise<Record<string, Awaited<ReturnType<typeof certificateHere>>>> {
  const names: readonly PairName[] = ['ca', 'gateway', 'registry', 'engine']
  const all = await Promise.all(names.map(async (name) => [name, await certificateHere(name, now)] as const))
  return Object.fromEntries(all.filter(([, state]) => state !== undefined))
}

async function missingSecrets(): Promise<string[]> {
  const contents = await Promise.all(RANDOM_SECRETS.map(async (name) => [name, await readIfThere(sourceOf(name))]))
  return contents.filter(([, content]) => !content).map(([name]) => String(name))
}
