import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Headers, type PackOptions, pack } from 'tar-fs'
import type { Recipe } from './recipe.ts'

/** What tests and tools leave there: an image must not depend on them, nor a step's cache. */
const LEFTOVERS = /(^|\/)(__pycache__|node_modules|\.pytest_cache|\.ruff_cache|tests|build\/lib|[^/]+\.egg-info)(\/|$)/

/**
 * What the engine builds from, as a tar. Order, times, owners and modes are always the same, so that equal files find their
 * step's cache, whoever has checked them out.
 */
export function buildContext({ folder, entries, authorities }: Recipe): Readable {
  const options: PackOptions & { sort: true } = {
    entries: [...entries],
    sort: true, // which its types do not know
    ignore: (path) => LEFTOVERS.test(path.slice(folder.length + 1)),
    map: (header) => ({ ...header, mtime: new Date(0), uid: 0, gid: 0, mode: modeFor(header) }),
    finalize: false,
    finish: (tar) => {
      // The folder must be there, also empty: the Dockerfiles copy it.
      tar.entry({ name: 'authorities', type: 'directory', mtime: new Date(0) })
      for (const [index, pem] of certificatesIn(authorities).entries()) {
        tar.entry({ name: `authorities/added-${index + 1}.crt`, mtime: new Date(0) }, pem)
      }
      tar.finalize()
    },
  }
  return Readable.from(pack(folder, options))
}

/** Another one whenever anything has changed that an image is made of, its name apart. */
export async function fingerprint(recipe: Recipe): Promise<string> {
  const { base, args, dockerfile } = recipe
  const hash = createHash('sha256').update(JSON.stringify({ base, args, dockerfile }))
  for await (const chunk of buildContext(recipe)) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 12)
}

const EXECUTABLE = 0o100
const modeFor = ({ type, mode = 0 }: Headers): number =>
  type === 'directory' || (mode & EXECUTABLE) !== 0 ? 0o755 : 0o644

/** One in each file: what makes Debian's list of them passes over files with several. */
const certificatesIn = (pem: string): string[] =>
  Array.from(pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g), ([each]) => `${each}\n`)
