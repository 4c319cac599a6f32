import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { header } from '../http1/raw-headers.ts'
import { alone, type CachedFile } from './cached-file.ts'

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)

/** Not fonts and pictures, which are compressed already. */
const compressible = /^(?:text\/|application\/(?:javascript|json|manifest\+json|wasm|xml)|image\/svg\+xml)/

/** Below, a packet holds it anyway. Bytes. */
const shortest = 1_024

/** Of brotli. The best takes seconds for a large script and saves a tenth more than this. */
const quality = 6

/** In a thread of its own, once for each file. */
export async function compress(file: CachedFile): Promise<void> {
  const { body, coded } = file
  if (body.length < shortest || !compressible.test(header(file.headers, 'content-type') ?? '')) return
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: body.length }
  const br = await toBrotli(body, { params: parameters })
  const zipped = await toGzip(body)
  if (br.length < body.length) coded.br = alone(br)
  if (zipped.length < body.length) coded.gzip = alone(zipped)
}
