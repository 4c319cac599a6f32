import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Files, not values: a path may stand in an argument list or an environment, a secret may not. */
export interface Secrets {
  readonly tokenFile: string
  readonly cookieSecretFile: string
  /** For the operators' page of the gateway; no server sees it. */
  readonly adminTokenFile: string
}

/** What all Jupyter servers of one state folder share, and what is the gateway's own; made once, readable by us alone. */
export async function ensureSecrets(stateDir: string): Promise<Secrets> {
  const folder = join(stateDir, 'secrets')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    tokenFile: await ensureSecret(join(folder, 'token'), 24),
    cookieSecretFile: await ensureSecret(join(folder, 'cookie-secret'), 32),
    adminTokenFile: await ensureSecret(join(folder, 'admin-token'), 24),
  }
}

/** Hexadecimal, so that the token needs no escaping in an address. An empty file is an interrupted write. */
async function ensureSecret(path: string, bytes: number): Promise<string> {
  const known = await stat(path).catch(() => undefined)
  if (known !== undefined && known.size > 0) return path
  const draft = `${path}.${process.pid}`
  await writeFile(draft, randomBytes(bytes).toString('hex'), { mode: 0o600 })
  await rename(draft, path)
  return path
}

export const readToken = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim()
