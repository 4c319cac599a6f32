import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ms, seconds } from '../../gateway/config/units.ts'
import type { Ran, Run, RunOptions } from '../../provisioner/host/run.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'
import { type Host, MOUNT } from '../../provisioner/storage/storage.ts'

interface Folder {
  owner: string
  mode: string
}

const done: Ran = { code: 0, stdout: '', stderr: '' }
const said = (stdout: string): Ran => ({ ...done, stdout: `${stdout}\n` })
const refused = (why: string): Ran => ({ code: 1, stdout: '', stderr: `program: cannot: ${why}\n` })

/** A machine without a disk: its own files are in a folder, what is mounted is in memory. It notes what must never be done. */
export class FakeHost implements Host {
  readonly name = 'n1'
  readonly root: string
  readonly engine = undefined as never
  readonly progress = { say() {}, doing() {} }
  readonly stop = new AbortController().signal
  /** What was done that no storage may do. */
  readonly crimes: string[] = []
  /** Folders outside of the volume. */
  readonly folders = new Map<string, Folder>()
  /** What is in the volume, mounted or not. */
  readonly volume = new Map<string, Folder>()
  readonly active = new Set<string>()
  changes = 0
  /** The volume answers nobody. */
  hangs = false
  /** It cannot be mounted yet. */
  isAway = false
  /** Its server takes root for nobody, as NFS does unless told otherwise. */
  squashesRoot = false
  /** It is mounted and takes no writes. */
  isReadOnly = false
  #now = 0
  readonly #others: (argv: readonly string[]) => Ran | undefined

  constructor(root: string, others: (argv: readonly string[]) => Ran | undefined = () => undefined) {
    this.root = root
    this.#others = others
    for (const folder of ['etc', 'proc/self', 'etc/glusterfs']) mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, 'etc/fstab'), 'UUID=1 / ext4 defaults 0 1\n')
    writeFileSync(join(root, 'proc/self/mounts'), '/dev/vda / ext4 rw 0 0\n')
    writeFileSync(join(root, 'etc/glusterfs/glusterd.vol'), 'volume management\nend-volume\n')
    this.folders.set('/', { owner: '0:0', mode: '755' })
  }

  clock = (): number => this.#now
  sleep = async (time: Ms): Promise<void> => {
    this.#now += time
  }

  fstab = (): string => readFileSync(join(this.root, 'etc/fstab'), 'utf8')
  #mounts = (): string => readFileSync(join(this.root, 'proc/self/mounts'), 'utf8')
  isMounted = (): boolean => this.#mounts().includes(` ${MOUNT} `)

  mount(): boolean {
    if (this.isMounted()) return true
    const line = this.fstab()
      .split('\n')
      .find((each) => each.includes(` ${MOUNT} `))
    if (line === undefined || this.isAway) return false
    writeFileSync(join(this.root, 'proc/self/mounts'), `${this.#mounts()}${line}\n`)
    return true
  }

  unmount(): void {
    const others = this.#mounts()
      .split('\n')
      .filter((each) => !each.includes(` ${MOUNT} `))
    writeFileSync(join(this.root, 'proc/self/mounts'), others.join('\n'))
  }

  run: Run = async (argv, options = {}) => {
    if (argv.some((word) => word.startsWith(MOUNT) || word.startsWith(`of=${MOUNT}`)))
      return this.#inVolume(argv, options)
    const answer = this.#others(argv) ?? this.#system(argv)
    if (answer === undefined) throw new Error(`the fake host knows no ${argv.join(' ')}`)
    return answer
  }

  #system([program, ...args]: readonly string[]): Ran | undefined {
    const last = args.at(-1) ?? ''
    const folder = this.folders.get(last)
    if (program !== 'stat' && program !== 'systemctl') this.changes += 1
    switch (program) {
      case 'systemctl':
        return this.#systemctl(args[0] ?? '', last)
      case 'stat':
        if (folder === undefined) return refused('No such file or directory')
        return said(args.includes('%F') ? 'directory' : last === '/' ? '1' : '2')
      case 'mkdir':
        this.folders.set(last, { owner: '0:0', mode: '755' })
        return done
      case 'rm':
        for (const path of args.filter((word) => word.startsWith('/'))) this.#remove(path)
        return done
    }
    return program?.endsWith('volume-keeper') ? (this.mount() ? done : refused('No route to host')) : undefined
  }

  #remove(path: string): void {
    if (path.startsWith(this.root)) return rmSync(path, { force: true })
    if (this.isMounted()) this.crimes.push(`${path} was removed while the volume was mounted`)
    for (const each of [...this.folders.keys()])
      if (each === path || each.startsWith(`${path}/`)) this.folders.delete(each)
  }

  #systemctl(verb: string, unit: string): Ran {
    if (verb === 'is-active' || verb === 'is-enabled')
      return this.active.has(unit) ? said('active') : refused('inactive')
    if (verb === 'daemon-reload' || verb === 'try-restart') return done
    this.changes += 1
    if (verb === 'disable') this.active.delete(unit)
    else this.active.add(unit)
    if (verb === 'enable' && unit.startsWith('pyli-volume')) this.mount()
    return done
  }

  async #inVolume([program, ...args]: readonly string[], { limit }: RunOptions): Promise<Ran> {
    if (limit === undefined) this.crimes.push(`${program} was given no limit, and could hang for ever`)
    else if (limit > seconds(60)) this.crimes.push(`${program} may hang for ${limit / 1000} s`)
    if (program === 'umount') {
      this.changes += 1
      this.unmount()
      return done
    }
    if (!this.isMounted()) {
      if (program !== 'stat') this.crimes.push(`${program} wrote where the volume is not mounted`)
      return refused('No such file or directory')
    }
    if (this.hangs) throw new Trouble(`${program} did not end within ${(limit ?? 0) / 1000} s.`)
    const path = args.at(-1) ?? ''
    const folder = this.volume.get(path)
    if (program === 'dd') return this.isReadOnly ? refused('Transport endpoint is not connected') : done
    if (program === 'stat') {
      if (path === MOUNT) return said('fuseblk')
      return folder === undefined ? refused('No such file or directory') : said(`${folder.owner} ${folder.mode}`)
    }
    if (this.squashesRoot && program === 'chown') return refused('Operation not permitted')
    this.changes += 1
    if (program === 'mkdir') this.volume.set(path, { owner: '0:0', mode: '755' })
    else if (program === 'chown' && folder) folder.owner = args[0] ?? ''
    else if (program === 'chmod' && folder) folder.mode = args[0] ?? ''
    else throw new Error(`the fake volume knows no ${program}`)
    return done
  }
}
