import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Trouble } from '../local/trouble.ts'
import { type Flavour, flavours, type Language, languages } from './languages.ts'

export interface ImageOptions {
  readonly languages: readonly Language[]
  /** A name of an image, or `debootstrap` to make one of Debian's packages. */
  readonly base: string
  readonly tag: string
  /** PEM of more authorities, for a network that looks into TLS. Empty otherwise. */
  readonly authorities: string
}

export const DEBOOTSTRAP = 'debootstrap'

const flags = {
  flavour: { metavar: 'NAME', about: `${Object.keys(flavours).join(' or ')} (default full)` },
  kernels: { metavar: 'LIST', about: `instead of a flavour: some of ${languages.join(', ')}; python is always there` },
  base: {
    metavar: 'IMAGE',
    about: `the image to begin with (default debian:trixie-slim); ${DEBOOTSTRAP} makes one of Debian's packages, where no registry is in reach`,
  },
  ca: {
    metavar: 'FILE',
    about: "one more authority's certificate (PEM), for a network that looks into TLS; may be repeated",
  },
  tag: { metavar: 'NAME', about: 'what to call the image (default pyli-jupyter:FLAVOUR, or pyli-jupyter:custom)' },
} as const

export function help(): string {
  const lines = Object.entries(flags).map(
    ([name, { metavar, about }]) => `  ${`--${name} ${metavar}`.padEnd(18)}${about}`,
  )
  return `Usage: pyli image build [options]\n\nBuilds the image of the Jupyter servers, with Docker.\n\n${lines.join('\n')}`
}

/** Throws one Trouble that names all mistakes. */
export function parseImageOptions(args: readonly string[]): ImageOptions {
  const values = read(args)
  const mistakes: string[] = []
  const chosen = choose(values, mistakes)
  const authorities = (values.ca ?? []).map((file) => readAuthority(file, mistakes)).join('\n')
  if (mistakes.length > 0) throw new Trouble(mistakes.join('\n'))
  return {
    languages: chosen.languages,
    base: values.base ?? 'debian:trixie-slim',
    tag: values.tag ?? `pyli-jupyter:${chosen.name}`,
    authorities,
  }
}

type Values = { readonly [Name in Exclude<keyof typeof flags, 'ca'>]?: string } & { readonly ca?: readonly string[] }

function read(args: readonly string[]): Values {
  const options = Object.fromEntries(
    Object.keys(flags).map((name) => [name, { type: 'string' as const, multiple: name === 'ca' }]),
  )
  try {
    return parseArgs({ args: [...args], options }).values as Values
  } catch (error) {
    throw new Trouble(`${(error as Error).message.split('. ')[0]}. \`pyli image build --help\` tells the options.`)
  }
}

interface Chosen {
  readonly name: string
  readonly languages: readonly Language[]
}

function choose({ flavour: given, kernels }: Values, mistakes: string[]): Chosen {
  if (kernels !== undefined) {
    if (given !== undefined) mistakes.push('--flavour and --kernels exclude each other: give one of them')
    const named = kernels.split(',').map((name) => name.trim().toLowerCase())
    for (const name of named) {
      if (!isLanguage(name)) mistakes.push(`--kernels has no ${name || 'empty name'}; it knows ${languages.join(', ')}`)
    }
    return { name: 'custom', languages: languages.filter((name) => name === 'python' || named.includes(name)) }
  }
  const flavour = given ?? 'full'
  if (!isFlavour(flavour)) {
    mistakes.push(`--flavour must be ${Object.keys(flavours).join(' or ')}, or use --kernels for a list of your own`)
    return { name: flavour, languages: [] }
  }
  return { name: flavour, languages: flavours[flavour] }
}

const isLanguage = (name: string): name is Language => (languages as readonly string[]).includes(name)
const isFlavour = (name: string): name is Flavour => Object.hasOwn(flavours, name)

function readAuthority(file: string, mistakes: string[]): string {
  try {
    const pem = readFileSync(file, 'utf8')
    new X509Certificate(pem)
    return pem
  } catch {
    mistakes.push(`--ca must name a file with a certificate in PEM; ${file} is none that can be read`)
    return ''
  }
}
