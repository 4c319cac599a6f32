import { seconds } from '../../../gateway/config/units.ts'
import { followedBy, type Step } from '../../cluster/settle.ts'
import { fileHolds } from '../../host/files.ts'
import { succeed } from '../../host/run.ts'
import { serviceRuns } from '../../host/services.ts'
import { told } from '../../host/told.ts'
import { Trouble } from '../../local/trouble.ts'
import type { Mount } from '../fstab.ts'
import { erased, mounted, unmounted, whyNotMounted } from '../mounting.ts'
import type { Host, Storage, StorageNode } from '../storage.ts'
import { brickHasItsPlace } from './brick.ts'
import { Gluster } from './cli.ts'
import { judge } from './judge.ts'
import {
  creation,
  missingPeer,
  optionsFor,
  refuseForeign,
  tooFew,
  unknownAddresses,
  unset,
  VOLUME,
  type Wanted,
  withPorts,
} from './plan.ts'

/** Each question to Gluster ends by itself before that. */
const LIMIT = seconds(30)
const SETTINGS = '/etc/glusterfs/glusterd.vol'

/** A copy on each of three machines. What is there is read first and by what it is, never guessed from an error. */
export function gluster(machine: Host, wanted: Wanted): Storage {
  const cli = new Gluster(machine.run)
  const ours = () => cli.volume(VOLUME)
  return {
    kind: 'gluster',
    packages: ['glusterfs-server', 'glusterfs-client'],
    prepare: () => [
      ports(machine),
      serviceRuns(machine.run, 'glusterd'),
      answers(cli),
      brickHasItsPlace(machine, cli, wanted),
    ],
    create: (nodes) => [
      {
        title: 'there are machines enough for its copies',
        look: async () => tooFew(wanted, nodes),
      },
      ...nodes.filter(({ name }) => name !== machine.name).map((node) => isPeer(cli, node)),
      {
        title: `the volume ${VOLUME} is there`,
        async look() {
          const volume = await ours()
          if (volume === undefined) return 'it is not'
          refuseForeign(volume, wanted, nodes, await cli.peers())
          return undefined
        },
        change: () => cli.tell(...creation(wanted, nodes)),
        patience: seconds(10),
      },
      {
        title: 'it has its options',
        async look() {
          const volume = await ours()
          const words = volume === undefined ? ['all'] : unset(volume, optionsFor(wanted, nodes, volume))
          return words.length === 0 ? undefined : `not set: ${words.filter((_, i) => i % 2 === 0).join(', ')}`
        },
        async change() {
          const volume = await ours()
          if (volume !== undefined)
            await cli.tell('volume', 'set', VOLUME, ...unset(volume, optionsFor(wanted, nodes, volume)))
        },
      },
      {
        title: 'it is started',
        look: async () => ((await ours())?.isStarted ? undefined : 'it is not'),
        change: () => cli.tell('volume', 'start', VOLUME),
        patience: seconds(20),
      },
    ],
    mount: () => [
      {
        title: `the first machine has made the volume ${VOLUME}`,
        look: async () => ((await ours())?.isStarted ? undefined : 'not yet'),
        advice: '`pyli status` on the first machine tells what it waits for.',
      },
      knowsAddresses(cli),
      ...mounted(machine, () => source(cli)),
    ],
    async look() {
      const [version, peers, volume, processes, backlog, mount] = await Promise.all([
        told(cli.version(), LIMIT),
        told(cli.peers(), LIMIT),
        told(ours(), LIMIT),
        told(cli.processes(VOLUME), LIMIT),
        told(cli.backlog(VOLUME), LIMIT),
        told(whyNotMounted(machine), LIMIT),
      ])
      return judge({ version, peers, volume, processes, backlog, mount })
    },
    remove: ({ erase }) => [
      ...(erase === 'here' ? [nobodyUses(cli)] : []),
      ...unmounted(machine),
      ...(erase === 'everywhere' ? [volumeIsGone(cli)] : []),
      ...(erase === 'nothing' ? [] : [erased(machine, wanted.brick)]),
    ],
  }
}

const ports = (machine: Host): Step =>
  followedBy(
    fileHolds({
      title: "Gluster's ports are a range",
      path: (machine.root ?? '') + SETTINGS,
      mode: 0o644,
      content: (present) => withPorts(present ?? ''),
    }),
    () => succeed(machine.run, ['systemctl', 'try-restart', 'glusterd'], { limit: seconds(60) }),
  )

const answers = (cli: Gluster): Step => ({
  title: 'Gluster answers',
  look: () =>
    cli.peers().then(
      () => undefined,
      ({ message }: Error) => message,
    ),
  patience: seconds(30),
})

const isPeer = (cli: Gluster, node: StorageNode): Step => ({
  title: `${node.name} is in Gluster's pool`,
  look: async () => missingPeer(await cli.peers(), node),
  async change() {
    const isKnown = (await cli.peers()).some(({ hosts }) => hosts.includes(node.address))
    if (!isKnown) await cli.tell('peer', 'probe', node.address)
  },
  patience: seconds(60),
  advice: `Gluster must run there, and port 24007 be open between all machines.`,
})

/** Both ways, as the one that was probed knows the other by what its address resolves to. */
const knowsAddresses = (cli: Gluster): Step => {
  const unknown = async () => {
    const volume = await cli.volume(VOLUME)
    return volume === undefined ? [] : unknownAddresses(volume, await cli.peers())
  }
  return {
    title: 'the machines with bricks are known by their addresses',
    async look() {
      const addresses = await unknown()
      return addresses.length === 0 ? undefined : `${addresses.join(', ')} ${addresses.length === 1 ? 'is' : 'are'} not`
    },
    async change() {
      for (const address of await unknown()) await cli.tell('peer', 'probe', address)
    },
    patience: seconds(20),
  }
}

/** This machine's own Gluster tells where the bricks are, and the others when it does not run yet. */
async function source(cli: Gluster): Promise<Mount> {
  const volume = await cli.volume(VOLUME)
  if (volume === undefined) throw new Trouble(`There is no volume ${VOLUME} yet: the first machine makes it.`)
  const others = volume.bricks.map(({ host }) => host).join(':')
  return {
    source: `localhost:/${VOLUME}`,
    type: 'glusterfs',
    options: ['_netdev', 'noauto', 'noatime', `backup-volfile-servers=${others}`],
  }
}

const isGone = (cli: Gluster) => async () => ((await cli.volume(VOLUME)) === undefined ? undefined : 'it is there')

/** Before anything is done: a copy of what others use stays. */
const nobodyUses = (cli: Gluster): Step => ({
  title: `no machine uses the volume ${VOLUME}`,
  look: isGone(cli),
  advice:
    "It is everybody's: `pyli down` deletes it on the first machine, and then its copy on this one. Nothing was changed.",
})

const volumeIsGone = (cli: Gluster): Step => ({
  title: `the volume ${VOLUME} is gone, with all its notebooks`,
  look: isGone(cli),
  async change() {
    if ((await cli.volume(VOLUME))?.isStarted) await cli.tell('volume', 'stop', VOLUME, 'force')
    await cli.tell('volume', 'delete', VOLUME)
  },
})
