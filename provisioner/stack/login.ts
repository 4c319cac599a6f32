import { homedir } from 'node:os'
import { join } from 'node:path'
import type { AuthConfig } from 'dockerode'
import { readIfThere } from '../host/files.ts'

interface ClientConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>
}

/**
 * What `docker login` has kept for the registry of an image. The cluster's own asks for none, as it knows engines by their
 * certificates; a registry of the operator's may.
 */
export async function loginFor(image: string, file = join(homedir(), '.docker', 'config.json')): Promise<AuthConfig> {
  const registry = registryOf(image)
  const { auths = {} } = JSON.parse((await readIfThere(file)) || '{}') as ClientConfig
  const auth = auths[registry]?.auth
  // An engine of Docker 20 wants an object, an empty one too.
  if (!auth) return { serveraddress: registry } as AuthConfig
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':')
  return { username, password: password.join(':'), serveraddress: registry }
}

/** Docker Hub goes without a name in images' names, and has one of its own in the client's file. */
function registryOf(image: string): string {
  const [first = '', ...path] = image.split('/')
  return path.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'https://index.docker.io/v1/'
}
