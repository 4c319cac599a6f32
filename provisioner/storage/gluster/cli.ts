import { type Ms, seconds } from '../../../gateway/config/units.ts'
import type { Run } from '../../host/run.ts'
import { Trouble } from '../../local/trouble.ts'
import {
  type Backlog,
  type BrickProcess,
  backlogOf,
  type Peer,
  peersOf,
  processesOf,
  refusal,
  type Volume,
  volumesOf,
} from './answers.ts'
import { type Element, readXml } from './xml.ts'

/** Gluster's own limit is 120 s, and 600 s for some: longer than a person waits for a word. */
const ASKING: Ms = seconds(20)
const CHANGING: Ms = seconds(120)

const named = (words: readonly string[]): string => `gluster ${words.slice(0, 2).join(' ')}`

/** This machine's Gluster, asked and told through its program. */
export class Gluster {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async #ask(words: readonly string[], limit: Ms): Promise<Element> {
    const { code, stdout, stderr } = await this.#run(['gluster', '--mode=script', '--xml', ...words], { limit })
    if (code !== 0) throw new Trouble(this.#failure(words, stdout + stderr))
    try {
      return readXml(stdout)
    } catch {
      throw new Trouble(`${named(words)} answered what is no XML: ${stdout.trim().slice(0, 200)}`)
    }
  }

  #failure(words: readonly string[], said: string): string {
    return said.startsWith('Connection failed')
      ? 'Gluster does not run on this machine: `systemctl start glusterd`.'
      : `${named(words)} failed: ${said.trim().slice(0, 200)}`
  }

  /** Throws Trouble with Gluster's own words where it refuses. */
  async tell(...words: readonly string[]): Promise<void> {
    const why = refusal(await this.#ask(words, CHANGING))
    if (why !== undefined) throw new Trouble(`${named(words)}: ${why}`)
  }

  async #read<T>(meaning: (answer: Element) => T, ...words: readonly string[]): Promise<T> {
    const answer = await this.#ask(words, ASKING)
    const why = refusal(answer)
    if (why !== undefined) throw new Trouble(`${named(words)}: ${why}`)
    return meaning(answer)
  }

  /** As 11.1. */
  async version(): Promise<string> {
    const { stdout } = await this.#run(['gluster', '--version'], { limit: ASKING })
    return /^glusterfs (\S+)/.exec(stdout)?.[1] ?? 'unknown'
  }

  peers(): Promise<Peer[]> {
    return this.#read(peersOf, 'peer', 'status')
  }

  /** Of all volumes, as one that does not exist is an error that could be any other. */
  async volume(name: string): Promise<Volume | undefined> {
    return (await this.volumes()).find((volume) => volume.name === name)
  }

  volumes(): Promise<Volume[]> {
    return this.#read(volumesOf, 'volume', 'info')
  }

  processes(volume: string): Promise<BrickProcess[]> {
    return this.#read(processesOf, 'volume', 'status', volume)
  }

  backlog(volume: string): Promise<Backlog[]> {
    return this.#read(backlogOf, 'volume', 'heal', volume, 'info', 'summary')
  }
}
