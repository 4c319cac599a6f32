import { createHash } from 'node:crypto'
import { resolve4 } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { createServer, type RequestOptions, request } from 'node:http'

// Runs in the lab's containers in Portainer's place (stand-in.ts): both of its halves, as far as the stack goes. An agent on
// each machine, which speaks for the machine's engine; and a server, which finds the agents by DNS and has its password from
// the file that it is told of.

const AGENT_PORT = 9001
const SERVER_PORT = 9000

function serve(port: number, tell: () => Promise<string>): void {
  const server = createServer(async (_, response) => {
    try {
      response.end(await tell())
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(port)
}

const ask = (options: RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    request(options, async (response) => resolve((await response.toArray()).join('')))
      .on('error', reject)
      .end()
  })

const option = (name: string): string =>
  process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? ''

async function ofAgent(): Promise<string> {
  const told = await ask({ socketPath: '/var/run/docker.sock', path: '/info' })
  return (JSON.parse(told) as { Name: string }).Name
}

async function ofServer(): Promise<string> {
  const { hostname, port } = new URL(option('host'))
  const agents = await Promise.all((await resolve4(hostname)).map((host) => ask({ host, port })))
  const password = createHash('sha256')
    .update(readFileSync(option('admin-password-file')))
    .digest('hex')
  return JSON.stringify({ agents: agents.sort(), password, base: option('base-url') })
}

process.on('SIGTERM', () => process.exit())
if (process.env.AGENT_CLUSTER_ADDR) serve(AGENT_PORT, ofAgent)
else serve(SERVER_PORT, ofServer)
