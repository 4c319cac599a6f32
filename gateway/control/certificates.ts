import type { TlsOptions } from 'node:tls'
import type { Config } from '../config/config.ts'
import { fromFiles } from './certificates/from-files.ts'
import { selfSigned } from './certificates/self-signed.ts'
import { tlsOptions } from './certificates/tls-options.ts'

/** What the public listener shows, or undefined where it speaks plain HTTP. Rejects with CertificateError. */
export async function serverTls(config: Config): Promise<TlsOptions | undefined> {
  const now = new Date()
  switch (config.tls) {
    case 'off':
      return undefined
    case 'self-signed':
      return tlsOptions(await selfSigned({ dir: config.tlsDir, names: config.tlsNames, now }))
    case 'files':
      // rules.ts has seen to it that both are given.
      return tlsOptions(await fromFiles({ cert: config.tlsCert as string, key: config.tlsKey as string, now }))
  }
}
