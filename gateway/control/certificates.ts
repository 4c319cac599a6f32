import type { Config } from '../config/config.ts'
import type { Log } from '../observe/log.ts'
import { Keeper } from './certificates/keeper.ts'
import { filesSource, type Source, selfSignedSource } from './certificates/source.ts'
import { endingSoon } from './certificates/state.ts'

/** The public listener's certificate, or undefined where it speaks plain HTTP. Rejects with FileError. */
export async function openCertificate(config: Config, log: Log): Promise<Keeper | undefined> {
  const source = sourceOf(config)
  return source && Keeper.open({ source, log })
}

/** For --check: what would be said at the start. Rejects with FileError; nothing is made that is not there. */
export async function checkCertificate(config: Config): Promise<readonly string[]> {
  if (config.tls !== 'files') return []
  const now = new Date()
  const { identity, warnings } = await filesOf(config).open(now)
  return [...warnings, ...endingSoon(identity.cert, 'files', now)]
}

function sourceOf(config: Config): Source | undefined {
  switch (config.tls) {
    case 'off':
      return undefined
    case 'self-signed':
      return selfSignedSource({ dir: config.tlsDir, names: config.tlsNames })
    case 'files':
      return filesOf(config)
  }
}

/** rules.ts has seen to it that both files are given. */
function filesOf({ tlsCert, tlsKey, allowHosts }: Config): Source {
  return filesSource({ cert: tlsCert as string, key: tlsKey as string, hosts: allowHosts })
}
