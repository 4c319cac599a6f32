import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Trouble } from '../local/trouble.ts'
import { type Flavour, flavours, type Language, languages } from './languages.ts'
import { DEBOOTSTRAP, type Ground, gatewayRecipe, jupyterRecipe, type Recipe, USUAL_BASE } from './recipe.ts'

/** What `pyli image build` makes; the first where nothing is said. */
const images = ['jupyter', 'gateway'] as const

export interface ImageOptions extends Required<Ground> {
  readonly image: (typeof images)[number]
  /** What the image of the Jupyter servers holds. */
  readonly languages: Flavour | readonly Language[]
}

const flags = {
  flavour: { metavar: 'NAME', about: `jupyter: ${Object.keys(flavours).join(' or ')} (default full)` },
  kernels: {
    metavar: 'LIST',
    about: `jupyter: instead of a flavour, some of ${languages.join(', ')}; python is always there`,
  },
  base: {
    metavar: 'IMAGE',
    about: `the image to begin with (default ${USUAL_BASE}); ${DEBOOTSTRAP} makes one of Debian's packages, where no registry is in reach`,
  },
  ca: {
    metavar: 'FILE',
    about: "one more authority's certificate (PEM), for a network that looks into TLS; may be repeated",
  },
  tag: {
    metavar: 'NAME',
    about: 'what to call the image (default pyli-jupyter:FLAVOUR, pyli-jupyter:custom, pyli-gateway:latest)',
  },
} as const

export const buildHelp = (): string =>
  Object.entries(flags)
    .map(([name, { metavar, about }]) => `  ${`--${name} ${metavar}`.padEnd(18)}${about}`)
    .join('\n')

export const recipeOf = (options: ImageOptions): Recipe =>
  options.image === 'gateway' ? gatewayRecipe(options) : jupyterRecipe(options.languages, options)

/** Throws one Trouble that names all mistakes. */
export function parseImageOptions(args: readonly string[]): ImageOptions {
  const { values, positionals } = read(args)
  const mistakes: string[] = []
  const [image = images[0], ...others] = positionals
  if (others.length > 0 || !isImage(image)) {
    mistakes.push(`pyli image build knows ${images.join(' and ')}, and builds one of them at a time`)
  }
  if (image === 'gateway' && (values.flavour ?? values.kernels) !== undefined) {
    mistakes.push('--flavour and --kernels are for the image of the Jupyter servers: the gateway has no languages')
  }
  const languages = choose(values, mistakes)
  const authorities = (values.ca ?? []).map((file) => readAuthority(file, mistakes)).join('\n')
  if (mistakes.length > 0 || !isImage(image)) throw new Trouble(mistakes.join('\n'))
  return { image, languages, base: values.base ?? USUAL_BASE, tag: values.tag, authorities }
}

type Values = { readonly [Name in Exclude<keyof typeof flags, 'ca'>]?: string } & { readonly ca?: readonly string[] }

function read(args: readonly string[]): { values: Values; positionals: string[] } {
  const options = Object.fromEntries(
    Object.keys(flags).map((name) => [name, { type: 'string' as const, multiple: name === 'ca' }]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { values: values as Values, positionals }
  } catch (error) {
    throw new Trouble(`${(error as Error).message.split('. ')[0]}. \`pyli image build --help\` tells the options.`)
  }
}

function choose({ flavour: given, kernels }: Values, mistakes: string[]): Flavour | readonly Language[] {
  if (kernels !== undefined) {
    if (given !== undefined) mistakes.push('--flavour and --kernels exclude each other: give one of them')
    const named = kernels.split(',').map((name) => name.trim().toLowerCase())
    for (const name of named) {
      if (!isLanguage(name)) mistakes.push(`--kernels has no ${name || 'empty name'}; it knows ${languages.join(', ')}`)
    }
    return languages.filter((name) => name === 'python' || named.includes(name))
  }
  const flavour = given ?? 'full'
  if (isFlavour(flavour)) return flavour
  mistakes.push(`--flavour must be ${Object.keys(flavours).join(' or ')}, or use --kernels for a list of your own`)
  return []
}

const isImage = (name: string): name is ImageOptions['image'] => (images as readonly string[]).includes(name)
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
