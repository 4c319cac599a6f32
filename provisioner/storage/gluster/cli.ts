import { type Ms, seconds } from '../../../gateway/config/units.ts'
import { type Run, succeed } from '../../host/run.ts'
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

/** This machine's Gluster, asked and told through its program. */
export class Gluster {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async #ask(words: readonly string[], limit: Ms): Promise<Element> {
    const text = await succeed(this.#run, ['gluster', '--mode=script', '--xml', ...words], { limit })
    try {
      return readXml(text)
    } catch {
      throw new Trouble(`gluster ${words.slice(0, 2).join(' ')} answered what is no XML: ${text.trim().slice(0, 200)}`)
    }
  }

  /** Throws Trouble with Gluster's own words where it refuses. */
  async tell(...words: readonly string[]): Promise<void> {
    const why = refusal(await this.#ask(words, CHANGING))
    if (why !== undefined) throw new Trouble(`gluster ${words.slice(0, 2).join(' ')}: ${why}`)
  }

  async #read<T>(meaning: (answer: Element) => T, ...words: readonly string[]): Promise<T> {
    const answer = await this.#ask(words, ASKING)
    const why = refusal(answer)
    if (why !== undefined) throw new Trouble(`gluster ${words.slice(0, 2).join(' ')}: ${why}`)
    return meaning(answer)
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
