import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-fs'

const FOLDER = join(import.meta.dirname, '..', '..', 'image', 'jupyter')
/** All that the Dockerfile copies. */
const PARTS = ['Dockerfile', 'build', 'examples', 'kernels', 'lab', 'languages', 'server']
/** What tests and tools leave there: an image must not depend on them, nor a step's cache. */
const LEFTOVERS = /(^|\/)(__pycache__|node_modules|\.pytest_cache|\.ruff_cache|tests|build\/lib|[^/]+\.egg-info)(\/|$)/

/** What the engine builds from, as a tar. Times and owners are always the same, so that equal files find their step's cache. */
export function buildContext(authorities: string): Readable {
  const tar = pack(FOLDER, {
    entries: PARTS,
    ignore: (path) => LEFTOVERS.test(path.slice(FOLDER.length + 1)),
    map: (header) => ({ ...header, mtime: new Date(0), uid: 0, gid: 0 }),
    finalize: false,
    finish: (tar) => {
      // The folder must be there, also empty: the Dockerfile copies it.
      tar.entry({ name: 'authorities', type: 'directory', mtime: new Date(0) })
      for (const [index, pem] of certificatesIn(authorities).entries()) {
        tar.entry({ name: `authorities/added-${index + 1}.crt`, mtime: new Date(0) }, pem)
      }
      tar.finalize()
    },
  })
  return Readable.from(tar)
}

/** One in each file: what makes Debian's list of them passes over files with several. */
const certificatesIn = (pem: string): string[] =>
  Array.from(pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g), ([each]) => `${each}\n`)
