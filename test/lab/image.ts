import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { pack } from 'tar-fs'
import { debootstrapBase } from '../../provisioner/image/base.ts'
import { follow } from '../../provisioner/image/engine.ts'
import { Steps } from '../../provisioner/image/steps.ts'
import type { Progress } from '../../provisioner/local/progress.ts'
import { Trouble } from '../../provisioner/local/trouble.ts'

const FOLDER = join(import.meta.dirname, 'node')
const IMAGE = 'pyli-lab-node'
/** What a user or Pyli itself would install. With it in the image only the fetching is left out. */
const PACKAGES =
  'make nodejs npm libatomic1 docker.io docker-cli docker-registry glusterfs-server glusterfs-client nfs-common openssl xfsprogs'

/** Makes the image of a machine, or finds that nothing in it has changed; resolves with its name. */
export async function nodeImage(
  engine: Docker,
  { isBare, authority }: { readonly isBare: boolean; readonly authority: string | undefined },
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const base = await debootstrapBase(engine, progress, signal)
  const name = `${IMAGE}:${isBare ? 'bare' : 'ready'}`
  progress.say(`Building ${name} (once, a few minutes)`)
  const steps = new Steps(progress, Date.now)
  const events = await engine.buildImage(context(authorities(authority)), {
    t: name,
    buildargs: { BASE: base, PACKAGES: isBare ? '' : PACKAGES },
    networkmode: 'host',
    forcerm: true,
    abortSignal: signal,
  })
  await follow(events, (event) => steps.hear(event))
  steps.done()
  return name
}

/** What the engine builds from. Times are always the same, so that equal files find their step's cache. */
function context(pem: string): Readable {
  const tar = pack(FOLDER, {
    map: (header) => ({ ...header, mtime: new Date(0), uid: 0, gid: 0 }),
    finalize: false,
    finish: (tar) => {
      tar.entry({ name: 'authorities', type: 'directory', mtime: new Date(0) })
      const certificates = pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
      for (const [index, [each]] of Array.from(certificates).entries()) {
        tar.entry({ name: `authorities/added-${index + 1}.crt`, mtime: new Date(0) }, `${each}\n`)
      }
      tar.finalize()
    },
  })
  return Readable.from(tar)
}

/** Those that this machine has beyond Debian's, unless others are named. */
function authorities(file: string | undefined): string {
  if (file !== undefined && !existsSync(file))
    throw new Trouble(`--ca must name a file with certificates in PEM; there is no ${file}`)
  const files = file === undefined ? globSync('/usr/local/share/ca-certificates/**/*.crt').sort() : [file]
  return files.map((each) => readFileSync(each, 'utf8')).join('\n')
}
