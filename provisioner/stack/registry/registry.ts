import { createHash } from 'node:crypto'
import { chown, mkdir } from 'node:fs/promises'
import type { ClientRequest } from 'node:http'
import { get } from 'node:https'
import type { ContainerCreateOptions } from 'dockerode'
import { formatAddress } from '../../../gateway/config/forms/address.ts'
import { seconds } from '../../../gateway/config/units.ts'
import { type Machine, STATE } from '../../cluster/machine.ts'
import { PAIRS } from '../../cluster/pairs.ts'
import type { Step } from '../../cluster/settle.ts'
import { ifThere } from '../../host/engine-answers.ts'
import { readIfThere, writeWhole } from '../../host/files.ts'
import { buildRegistryImage, registryImageTag } from './image.ts'

export const REGISTRY_PORT = 5000
const CONTAINER = 'pyli-registry'
/** The image's user, which owns nothing else anywhere. */
const USER = 65_532

const FOLDER = `${STATE}/registry`
const DATA = `${FOLDER}/data`
/** Its own copy, as the originals are for root alone. */
const TLS_COPY = `${FOLDER}/tls`
const COPIES = {
  'registry.pem': PAIRS.registry.cert,
  'registry-key.pem': PAIRS.registry.key,
  'ca.pem': PAIRS.ca.cert,
} as const

/** The image that the registry's own is made of: it cannot come from the registry. */
export interface RegistryOptions {
  readonly base: string
}

/**
 * On the first machine, whose disk holds the images. A container of the engine and no service of the swarm: services are
 * pulled from it. Where it is down, what runs runs on, and nodes start what they have pulled before.
 */
export function registrySteps(machine: Machine, options: RegistryOptions): Step[] {
  const { engine } = machine
  const address = formatAddress({ host: '127.0.0.1', port: REGISTRY_PORT })
  const wanted = async () => containerFor(await registryImageTag(options), await material())
  return [
    {
      title: "the image of the cluster's registry",
      async look() {
        const tag = await registryImageTag(options)
        return (await ifThere(engine.getImage(tag).inspect())) ? undefined : 'it is not built'
      },
      change: () => buildRegistryImage(machine, options),
    },
    {
      title: `${FOLDER}, for images`,
      look: async () => ((await isOwned(machine)) ? undefined : 'it is not there, or belongs to somebody else'),
      async change() {
        await mkdir(DATA, { recursive: true, mode: 0o700 })
        await chown(DATA, USER, USER)
        await mkdir(TLS_COPY, { recursive: true, mode: 0o700 })
        await chown(TLS_COPY, USER, USER)
      },
    },
    {
      title: "the cluster's registry runs",
      async look() {
        const found = await ifThere(engine.getContainer(CONTAINER).inspect())
        if (found === undefined) return 'it is not there'
        if (found.Config.Labels[FINGERPRINT] !== (await wanted()).Labels?.[FINGERPRINT]) return 'it is another one'
        return found.State.Running ? undefined : 'it has stopped'
      },
      async change() {
        await ifThere(engine.getContainer(CONTAINER).remove({ force: true }))
        for (const [name, content] of Object.entries(await material())) {
          await writeWhole(`${TLS_COPY}/${name}`, content, 0o400)
          await chown(`${TLS_COPY}/${name}`, USER, USER)
        }
        const container = await engine.createContainer(await wanted())
        await container.start()
      },
    },
    {
      title: `the cluster's registry answers at ${address}`,
      look: () => answer(),
      patience: seconds(30),
      advice: `\`docker logs ${CONTAINER}\` says why it does not.`,
    },
  ]
}

/** Its images stay, for the next time. */
export const registryIsGone = ({ engine }: Machine): Step => ({
  title: "the cluster's registry does not run",
  look: async () => ((await ifThere(engine.getContainer(CONTAINER).inspect())) === undefined ? undefined : 'it does'),
  change: async () => void (await ifThere(engine.getContainer(CONTAINER).remove({ force: true }))),
})

const FINGERPRINT = 'pyli.fingerprint'

async function material(): Promise<Record<string, string>> {
  const entries = Object.entries(COPIES).map(async ([name, path]) => [name, (await readIfThere(path)) ?? ''])
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>
}

/** Its fingerprint tells of all that a container cannot be changed in, and of the certificates, which are read at its start. */
export function containerFor(
  image: string,
  certificates: Readonly<Record<string, string>>,
): ContainerCreateOptions & { name: string } {
  const options = {
    name: CONTAINER,
    Image: image,
    ExposedPorts: { '5000/tcp': {} },
    HostConfig: {
      RestartPolicy: { Name: 'always' },
      PortBindings: { '5000/tcp': [{ HostPort: `${REGISTRY_PORT}` }] },
      Binds: [`${DATA}:/data`, `${TLS_COPY}:/tls:ro`],
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 512 * 1024 ** 2,
      PidsLimit: 256,
    },
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([options, certificates]))
    .digest('hex')
  return { ...options, Labels: { [FINGERPRINT]: hash.slice(0, 16) } }
}

async function isOwned({ run }: Machine): Promise<boolean> {
  const { code, stdout } = await run(['stat', '--format=%u', DATA, TLS_COPY])
  return code === 0 && stdout === `${USER}\n${USER}\n`
}

/** Asked as an engine asks it. */
async function answer(): Promise<string | undefined> {
  const [ca, cert, key] = await Promise.all([PAIRS.ca.cert, PAIRS.engine.cert, PAIRS.engine.key].map(readIfThere))
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: REGISTRY_PORT, path: '/v2/', ca, cert, key }
    get(options, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? undefined : `it answers ${response.statusCode}`)
    })
      .setTimeout(seconds(5), function (this: ClientRequest) {
        this.destroy(new Error('it does not answer'))
      })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}
