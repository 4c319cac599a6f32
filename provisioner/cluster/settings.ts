import type { Address } from '../../gateway/config/config.ts'
import type { Ms } from '../../gateway/config/units.ts'
import { type ImageOptions, parseImageOptions } from '../image/options.ts'
import { Trouble } from '../local/trouble.ts'
import { type Override, USUAL } from '../stack/variables.ts'
import { type Option, type OptionName, optionNames, options } from './options.ts'

export type StorageChoice =
  | {
      readonly kind: 'gluster'
      readonly brick: string
      /** A brick that fills the disk of the system stops the machine: only where the operator said so. */
      readonly allowsRootDisk: boolean
      readonly copies: 'three' | 'two-and-arbiter' | 'two-with-split-brain'
    }
  | { readonly kind: 'nfs'; readonly source: string }
  | { readonly kind: 'local'; readonly folder: string }

/** What an operator chose for a cluster. */
export interface Settings {
  /** Machines beside the first one. 0: the first one does everything. */
  readonly workers: number
  /** Jupyter servers on each machine that runs them. */
  readonly replicas: number
  readonly storage: StorageChoice
  /** The operator's own; undefined: the cluster's. */
  readonly registry: Address | undefined
  readonly names: readonly string[]
  readonly httpsPort: number
  readonly httpPort: number | 'off'
  /** What the stack shall have beside the servers and the gateway. */
  readonly overrides: readonly Override[]
  /** This machine's address; undefined: it is to be found. */
  readonly advertise: string | undefined
  readonly deadline: Ms
  /** As given to `pyli image build`; imageOptions() reads them, and the file of --ca. */
  readonly imageArgs: readonly string[]
}

/** The options as they were written, without dashes: what /etc/pyli/settings.json keeps. */
export type Given = { readonly [Name in OptionName]?: string }

type Values = { readonly [Name in OptionName]: (typeof options)[Name] extends Option<infer T> ? T : never }

/** Throws one Trouble that names all mistakes. */
export function readSettings(given: Given): Settings {
  const mistakes: string[] = []
  const entries = optionNames.map((name) => [name, readOne(name, given[name], mistakes)])
  const values = Object.fromEntries(entries) as Values
  const storage = mistakes.length === 0 ? chooseStorage(values, given, mistakes) : undefined
  if (mistakes.length > 0 || storage === undefined) throw new Trouble(mistakes.join('\n'))
  return {
    workers: values.workers,
    replicas: values.replicas,
    storage,
    registry: values.registry,
    names: values.name,
    httpsPort: values['https-port'],
    httpPort: values['http-port'],
    overrides: [...values.with, ...USUAL.filter((part) => !values.without.includes(part))],
    advertise: values.advertise,
    deadline: values.deadline,
    imageArgs: [
      ...(['flavour', 'kernels', 'base'] as const).flatMap((name) =>
        values[name] === undefined ? [] : [`--${name}=${values[name]}`],
      ),
      ...values.ca.map((file) => `--ca=${file}`),
    ],
  }
}

export const imageOptions = ({ imageArgs }: Settings): ImageOptions => parseImageOptions(imageArgs)

function readOne(name: OptionName, text: string | undefined, mistakes: string[]): unknown {
  const { fallback, form } = options[name] as Option<unknown>
  const written = text ?? fallback
  if (written === undefined) return undefined
  const reading = form.read(written)
  if ('value' in reading) return reading.value
  mistakes.push(`--${name} must ${reading.must}, got ${JSON.stringify(written)}`)
  return undefined
}

/** Which kind an option of storage belongs to: given beside another kind it would be silently of no use. */
const OWNER = { brick: 'gluster', 'root-disk': 'gluster', copies: 'gluster', nfs: 'nfs', folder: 'local' } as const

type Kind = StorageChoice['kind']

/**
 * What was told in earlier runs, and now. How long to wait is told for one run; what belongs to another kind of storage than
 * this is now has no use; and what is told as empty now is as if it had never been told.
 */
export function givenSoFar(before: Given | undefined, now: Given): Given {
  const { deadline, ...kept } = before ?? {}
  const both: Given = { ...kept, ...now }
  const isTold = ([, text]: [string, string]) => text !== ''
  const kind: string = both.storage || usualKind(both.workers === '0')
  const isOfUse = ([name]: [string, string]) => !(name in OWNER) || OWNER[name as keyof typeof OWNER] === kind
  const all = { ...Object.fromEntries(Object.entries(kept).filter(isOfUse)), ...now }
  return Object.fromEntries(Object.entries(all).filter(isTold))
}

const usualKind = (isAlone: boolean): Kind => (isAlone ? 'local' : 'gluster')

function chooseStorage(values: Values, given: Given, mistakes: string[]): StorageChoice | undefined {
  const kind = values.storage ?? usualKind(values.workers === 0)
  for (const [name, owner] of Object.entries(OWNER)) {
    if (given[name as OptionName] !== undefined && owner !== kind)
      mistakes.push(`--${name} is for --storage ${owner}, and this is ${kind}`)
  }
  if (kind === 'local' && values.workers > 0)
    mistakes.push('--storage local is for one machine (--workers 0): other machines would not see its notebooks')
  switch (kind) {
    case 'gluster':
      return { kind, brick: values.brick, allowsRootDisk: values['root-disk'] === 'allow', copies: values.copies }
    case 'nfs':
      if (values.nfs === undefined) mistakes.push('--storage nfs needs --nfs HOST:/PATH')
      return { kind, source: values.nfs ?? '' }
    case 'local':
      return { kind, folder: values.folder }
  }
}
