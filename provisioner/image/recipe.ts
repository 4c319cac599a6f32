import { join } from 'node:path'
import { buildArgs, type Flavour, flavours, type Language } from './languages.ts'

/** All that decides what an image holds, and its name. */
export interface Recipe {
  readonly tag: string
  /** As people are told: `python, bash`. */
  readonly holds: string
  /** What the engine is given to build from: folders and files below one. */
  readonly folder: string
  readonly entries: readonly string[]
  /** Below the folder. */
  readonly dockerfile: string
  readonly args: Readonly<Record<string, string>>
  /** A name of an image, or `debootstrap` to make one of Debian's packages. */
  readonly base: string
  /** PEM of more authorities, for a network that looks into TLS. Empty otherwise. */
  readonly authorities: string
}

/** What images have in common that are built at one place. */
export interface Ground {
  readonly base?: string
  readonly authorities?: string
  /** The usual one unless given. */
  readonly tag?: string | undefined
}

export const DEBOOTSTRAP = 'debootstrap'
export const USUAL_BASE = 'debian:trixie-slim'

const ROOT = join(import.meta.dirname, '..', '..')

/** The image of the Jupyter servers, of one flavour or with some languages. */
export function jupyterRecipe(what: Flavour | readonly Language[], ground: Ground = {}): Recipe {
  const [name, chosen] = typeof what === 'string' ? [what, flavours[what]] : ['custom', what]
  return {
    ...common(ground, `pyli-jupyter:${name}`),
    holds: chosen.join(', '),
    folder: join(ROOT, 'image', 'jupyter'),
    entries: ['Dockerfile', 'build', 'examples', 'kernels', 'lab', 'languages', 'server'],
    dockerfile: 'Dockerfile',
    args: buildArgs(chosen),
  }
}

export function gatewayRecipe(ground: Ground = {}): Recipe {
  return {
    ...common(ground, 'pyli-gateway:latest'),
    holds: 'the gateway',
    folder: ROOT,
    entries: ['gateway', 'image/gateway', 'image/jupyter/build', 'package.json', 'package-lock.json'],
    dockerfile: 'image/gateway/Dockerfile',
    args: {},
  }
}

/** The cluster's own registry. */
export function registryRecipe(ground: Ground = {}): Recipe {
  return {
    ...common(ground, 'pyli-registry:latest'),
    holds: "Debian's docker-registry",
    folder: join(ROOT, 'image', 'registry'),
    entries: ['Dockerfile', 'config.yml'],
    dockerfile: 'Dockerfile',
    args: {},
  }
}

const common = ({ base = USUAL_BASE, authorities = '', tag }: Ground, usualTag: string) => ({
  base,
  authorities,
  tag: tag ?? usualTag,
})
