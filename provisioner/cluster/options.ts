import { address, certificateName } from '../../gateway/config/forms/address.ts'
import { type Form, listOf, oneOf, optional, orWord, textForm } from '../../gateway/config/forms/form.ts'
import { count, duration } from '../../gateway/config/forms/quantity.ts'
import { seconds } from '../../gateway/config/units.ts'
import { flavours } from '../image/languages.ts'
import { EXTRAS, USUAL } from '../stack/variables.ts'

export interface Option<T> {
  readonly metavar: string
  readonly about: string
  /** As one would write it; undefined where nothing stands for it. */
  readonly fallback: string | undefined
  readonly form: Form<T>
  /** Where each machine needs to be told, and not the first one alone. */
  readonly isForWorkers?: true
}

const option = <T>(given: Option<T>): Option<T> => given

const folder = textForm((text) => /^(\/[^/\0]+)+$/.test(text), 'be the full path of a folder')
const file = textForm((text) => text.startsWith('/'), 'be full paths of files, separated by commas')
const port = count({ least: 1, most: 65_535 })
const any = textForm((text) => text !== '', 'not be empty')

/** What an operator may choose for a cluster. The texts are kept as they were given, and read by this table each time. */
export const options = {
  workers: option({
    metavar: 'N',
    about: 'machines to wait for beside the first one; 0: the first one does everything',
    fallback: '2',
    form: count({ least: 0, most: 100 }),
  }),
  replicas: option({
    metavar: 'N',
    about: 'Jupyter servers on each machine that runs them',
    fallback: '2',
    form: count({ least: 1, most: 16 }),
  }),
  storage: option({
    metavar: 'KIND',
    about:
      'where notebooks lie: gluster (a copy on each of three machines), nfs (a server of yours) or local (one machine); default gluster, with --workers 0 local',
    fallback: undefined,
    form: optional(oneOf('gluster', 'nfs', 'local')),
    isForWorkers: true,
  }),
  brick: option({
    metavar: 'DIR',
    about:
      "gluster: where this machine keeps its copy, best on a disk of its own; the first machine's is all machines'",
    fallback: '/srv/pyli/brick',
    form: folder,
    isForWorkers: true,
  }),
  'root-disk': option({
    metavar: 'refuse|allow',
    about: "gluster: whether DIR may be on the system's own disk, which notebooks could fill until the machine stops",
    fallback: 'refuse',
    form: oneOf('refuse', 'allow'),
    isForWorkers: true,
  }),
  copies: option({
    metavar: 'HOW',
    about:
      'gluster: three, two-and-arbiter (the third machine keeps names only) or two-with-split-brain (two machines may come to disagree about a file for good)',
    fallback: 'three',
    form: oneOf('three', 'two-and-arbiter', 'two-with-split-brain'),
  }),
  nfs: option({
    metavar: 'HOST:/PATH',
    about: 'nfs: what to mount',
    fallback: undefined,
    form: optional(textForm((text) => /^([^\s:[\]]+|\[[\da-f:]+\]):\/[^\s]*$/i.test(text), 'look like HOST:/PATH')),
    isForWorkers: true,
  }),
  folder: option({
    metavar: 'DIR',
    about: 'local: the folder that holds notebooks',
    fallback: '/srv/pyli/local',
    form: folder,
  }),
  flavour: option({
    metavar: 'NAME',
    about: `which languages the image has: ${Object.keys(flavours).join(' or ')}; default full`,
    fallback: undefined,
    form: optional(oneOf(...Object.keys(flavours))),
  }),
  kernels: option({
    metavar: 'LIST',
    about: 'instead of a flavour: the languages, as `pyli image build --help` lists them',
    fallback: undefined,
    form: optional(any),
  }),
  base: option({
    metavar: 'IMAGE',
    about:
      "the image to begin with (default debian:trixie-slim); debootstrap makes one of Debian's packages, where no registry is in reach",
    fallback: undefined,
    form: optional(any),
  }),
  ca: option({
    metavar: 'FILE,…',
    about: 'more authorities (PEM) for building images, in a network that looks into TLS; may be repeated',
    fallback: '',
    form: listOf(file),
  }),
  registry: option({
    metavar: 'HOST:PORT',
    about:
      "a registry of yours for the images; without it the cluster runs Debian's docker-registry on the first machine",
    fallback: undefined,
    form: optional(address({ leastPort: 1 })),
    isForWorkers: true,
  }),
  name: option({
    metavar: 'NAME,…',
    about: 'more names and addresses under which people open it, for its certificate; may be repeated',
    fallback: '',
    form: listOf(certificateName),
  }),
  'https-port': option({ metavar: 'PORT', about: 'where it is served', fallback: '443', form: port }),
  'http-port': option({
    metavar: 'PORT|off',
    about: 'where plain HTTP is led to HTTPS',
    fallback: '80',
    form: orWord('off', port),
  }),
  with: option({
    metavar: 'PART,…',
    about: `what the stack has besides: ${EXTRAS.join(', ')} (stack/README.md); may be repeated; default none: notebooks then reach nothing outside`,
    fallback: '',
    form: listOf(oneOf(...EXTRAS)),
  }),
  without: option({
    metavar: 'PART,…',
    about: `what the stack shall not have: ${USUAL.join(', ')}`,
    fallback: '',
    form: listOf(oneOf(...USUAL)),
  }),
  advertise: option({
    metavar: 'ADDRESS',
    about: "this machine's address, by which the others reach it; needed where it has several",
    fallback: undefined,
    form: optional(certificateName),
    isForWorkers: true,
  }),
  deadline: option({
    metavar: 'TIME',
    about: 'how long to wait for other machines',
    fallback: '30m',
    form: duration({ least: seconds(1) }),
    isForWorkers: true,
  }),
} as const

export type OptionName = keyof typeof options
export const optionNames = Object.keys(options) as OptionName[]
export const workerOptionNames = optionNames.filter((name) => (options[name] as Option<unknown>).isForWorkers)
