import { readFileSync } from 'node:fs'
import { formatAddress } from '../../gateway/config/forms/address.ts'
import { parseConfig } from '../../gateway/config/parse.ts'

// The container's health check: does the gateway answer on its admin listener? Where that is, its own options tell,
// which may stand in the environment, in a file, or behind the image's name in `docker run`.

const read = (path: string) => readFileSync(path, 'utf8')

/** Of the gateway, which is the first process, or the child of an engine's init, whose line ends alike. */
function argumentsOfGateway(): string[] {
  const line = read('/proc/1/cmdline').split('\0').slice(0, -1)
  return line.slice(line.findIndex((word) => word.endsWith('/gateway/main.ts')) + 1)
}

async function fault(): Promise<string | undefined> {
  const parsed = parseConfig(argumentsOfGateway(), process.env, read)
  if (parsed.ok !== true) return 'the options cannot be read as the gateway has read them'
  const { admin } = parsed.config
  if (admin === 'off')
    return 'the admin listener is off, and who is well is asked there: run the container without health check'
  const host = admin.host === '0.0.0.0' ? '127.0.0.1' : admin.host === '::' ? '::1' : admin.host
  const { status } = await fetch(`http://${formatAddress({ host, port: admin.port })}/healthz`, {
    signal: AbortSignal.timeout(10_000),
  })
  return status === 200 ? undefined : `the admin listener answers ${status}`
}

const found = await fault().catch(
  (error: Error) => `the admin listener does not answer: ${error.cause ?? error.message}`,
)
if (found !== undefined) console.log(found)
process.exit(found === undefined ? 0 : 1)
