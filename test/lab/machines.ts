import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ms, minutes, ms } from '../../gateway/config/units.ts'
import { type Argv, type Ran, type Run, succeed } from '../../provisioner/host/run.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const MOST = 9
const FIRST_HOST = 10
const BOOT: Ms = minutes(3)

/**
 * A machine may all that a container may, and sees the host's control groups, so that its own engine works. Not
 * --privileged: where the host itself lacks CAP_SYS_RESOURCE that is refused.
 */
const rights: readonly string[] = [
  ...['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE'],
  ...['seccomp', 'apparmor', 'systempaths'].flatMap((what) => ['--security-opt', `${what}=unconfined`]),
  ...['--device-cgroup-rule', 'a *:* rwm', '--device', '/dev/fuse'],
]
/** Disks of its own, which outlive a loss of power, and what does not. */
const disks: readonly string[] = [
  ...['--volume', '/var/lib/docker', '--volume', '/data'],
  ...['--tmpfs', '/run:exec,size=256m', '--tmpfs', '/tmp:exec,mode=1777'],
]

/** Machines on one machine: containers with a Debian and an engine each, on a network of their own. */
export class Lab {
  readonly name: string
  readonly #run: Run

  constructor(name: string, run: Run) {
    this.name = name
    this.#run = run
  }

  /** What a command of the host's engine prints. */
  #docker(args: readonly string[], limit: Ms = minutes(2)): Promise<string> {
    return succeed(this.#run, ['docker', ...args], { limit })
  }

  container = (node: number): string => `${this.name}-n${node}`

  async address(node: number): Promise<string> {
    return `${await this.#prefix()}.${FIRST_HOST + node}`
  }

  /** What the first machine was made of. */
  image = async (): Promise<string> =>
    (await this.#docker(['inspect', '--format', '{{.Config.Image}}', this.container(1)])).trim()

  /** Brings up as many as are wanted and not there. Those that are stay as they are. */
  async up(nodes: number, image: string): Promise<void> {
    await this.#makeNetwork()
    const there = new Set(await this.#containers())
    const missing = numbers(nodes).filter((node) => !there.has(this.container(node)))
    await Promise.all(missing.map((node) => this.#create(node, image)))
  }

  async #create(node: number, image: string): Promise<void> {
    const prefix = await this.#prefix()
    const hosts = numbers(MOST).flatMap((n) => ['--add-host', `n${n}:${prefix}.${FIRST_HOST + n}`])
    const { container } = this
    await this.#docker([
      'run',
      ...[
        '--detach',
        '--init',
        '--name',
        container(node),
        '--hostname',
        `n${node}`,
        '--label',
        `pyli.lab=${this.name}`,
      ],
      ...['--network', this.name, '--ip', await this.address(node), ...hosts],
      ...rights,
      ...disks,
      ...controlGroups(),
      ...['--volume', `${ROOT}:/opt/pyli:ro`, '--workdir', '/opt/pyli'],
      image,
    ])
    await this.#booted(node)
  }

  isUp = async (): Promise<boolean> => (await this.#containers()).length > 0

  /** Containers, their disks, the network. Nothing is left, and nothing is asked. */
  async down(): Promise<void> {
    const containers = await this.#containers()
    // A frozen one cannot end.
    await Promise.all(containers.map((each) => this.#run(['docker', 'unpause', each])))
    if (containers.length > 0) await this.#docker(['rm', '--force', '--volumes', ...containers], minutes(10))
    if (await this.#network()) await this.#docker(['network', 'rm', this.name])
  }

  /** One of them, with its disks. */
  async remove(node: number): Promise<void> {
    await this.#docker(['rm', '--force', '--volumes', this.container(node)], minutes(10))
  }

  /** Runs a program on a machine to its end. */
  async ran(
    node: number,
    argv: Argv,
    options: { input?: string; limit?: Ms; signal?: AbortSignal } = {},
  ): Promise<Ran> {
    return this.#run(['docker', 'exec', '--interactive', this.container(node), ...argv], options)
  }

  /** Its cable is pulled: the machine keeps its address and routes, and hears and reaches nobody. */
  cut = (node: number): Promise<void> => this.#link(node, 'down')
  heal = (node: number): Promise<void> => this.#link(node, 'up')

  async freeze(node: number): Promise<void> {
    await this.#docker(['pause', this.container(node)])
  }

  async thaw(node: number): Promise<void> {
    await this.#docker(['unpause', this.container(node)])
  }

  async kill(node: number): Promise<void> {
    await this.#docker(['kill', this.container(node)])
  }

  async start(node: number): Promise<void> {
    await this.#docker(['start', this.container(node)])
    await this.#booted(node)
  }

  /** The host's end of its cable. */
  async #link(node: number, state: 'up' | 'down'): Promise<void> {
    const { stdout, code, stderr } = await this.ran(node, ['cat', '/sys/class/net/eth0/iflink'])
    if (code !== 0) throw new Trouble(`${this.container(node)} has no network: ${stderr.trim()}`)
    const links = JSON.parse(await succeed(this.#run, ['ip', '-json', 'link'])) as { ifindex: number; ifname: string }[]
    const link = links.find(({ ifindex }) => ifindex === Number(stdout))
    if (link === undefined) throw new Trouble('Cables can only be pulled where the engine is this machine’s own.')
    await succeed(this.#run, ['ip', 'link', 'set', link.ifname, state])
  }

  async #booted(node: number): Promise<void> {
    const { container } = this
    for (const deadline = Date.now() + BOOT; ; await sleep(ms(200))) {
      const { code } = await this.ran(node, ['test', '-e', '/run/lab/booted'])
      if (code === 0) return
      const running = await this.#docker(['inspect', '--format', '{{.State.Running}}', container(node)])
      if (running.trim() !== 'true' || Date.now() > deadline) {
        throw new Trouble(
          `${container(node)} does not come up: ${await this.#docker(['logs', '--tail', '20', container(node)])}`,
        )
      }
    }
  }

  async #containers(): Promise<string[]> {
    const filter = `label=pyli.lab=${this.name}`
    return lines(await this.#docker(['ps', '--all', '--filter', filter, '--format', '{{.Names}}']))
  }

  async #network(): Promise<string | undefined> {
    const format = '{{(index .IPAM.Config 0).Subnet}}'
    const { code, stdout } = await this.#run(['docker', 'network', 'inspect', '--format', format, this.name])
    return code === 0 ? stdout.trim() : undefined
  }

  /** The first three numbers of its addresses. */
  async #prefix(): Promise<string> {
    const subnet = await this.#network()
    if (subnet === undefined) throw new Trouble(`There is no lab ${this.name}: npm run lab -- up`)
    return subnet.split('.').slice(0, 3).join('.')
  }

  /** Its number is taken by the first who asks for it: of two labs that come up at once one is refused, and tries the next. */
  async #makeNetwork(): Promise<void> {
    if (await this.#network()) return
    for (let number = 0; number < 256; number++) {
      const subnet = `10.213.${number}.0/24`
      const { code, stderr } = await this.#run(['docker', 'network', 'create', '--subnet', subnet, this.name])
      if (code === 0) return
      if (!/overlap/i.test(stderr)) throw new Trouble(`The lab's network could not be made: ${stderr.trim()}`)
    }
    throw new Trouble('No network of 10.213.0.0/16 is free: npm run lab -- down --name NAME for the labs that are up.')
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** With one hierarchy (v2) a machine has its own part of it; with several it must see the host's. */
const controlGroups = (): readonly string[] =>
  existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['--cgroupns', 'private']
    : ['--volume', '/sys/fs/cgroup:/sys/fs/cgroup']
