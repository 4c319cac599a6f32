import { MANAGER, on, shell } from './the-lab.ts'

/** Others for each run, as the cluster's registry keeps what it was once given. */
export const TAG = `of-${Date.now()}`
/** What is put in the place of Portainer's images: names that no registry has, wherever the lab runs. */
export const IMAGES = { server: `portainer.invalid/server:${TAG}`, agent: `portainer.invalid/agent:${TAG}` } as const

/**
 * Both of Portainer's halves, as far as the stack goes: an agent on each machine, which speaks for the machine's engine, and
 * a server that finds the agents by DNS and has its password from the file that it is told of.
 */
const PROGRAM = `
const { createServer, request } = require('node:http')
const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { resolve4 } = require('node:dns').promises
const option = (name) => process.argv.find((each) => each.startsWith('--' + name + '='))?.split('=')[1]
const ask = (where) => new Promise((resolve, reject) => request(where, async (answer) => resolve((await answer.toArray()).join(''))).on('error', reject).end())
const answerWith = (port, make) => createServer((asked, answer) => make(asked).then((text) => answer.end(text), (error) => answer.writeHead(500).end(String(error)))).listen(port)
process.on('SIGTERM', () => process.exit())
if (process.env.AGENT_CLUSTER_ADDR) answerWith(9001, async () => JSON.parse(await ask({ socketPath: '/var/run/docker.sock', path: '/info' })).Name)
else answerWith(9000, async () => {
  const [, host, port] = /tcp:\\/\\/(.*):(\\d+)/.exec(option('host'))
  const agents = await Promise.all((await resolve4(host)).map((address) => ask({ host: address, port })))
  const password = createHash('sha256').update(readFileSync(option('admin-password-file'))).digest('hex')
  return JSON.stringify({ agents: agents.sort(), password, base: option('base-url') })
})`

/** On the first machine alone, as \`docker load\` would bring them there: the gateway's image with another program in it. */
export async function loadStandIn(): Promise<void> {
  const gateway = "$(docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' pyli_gateway)"
  await on(MANAGER, ['sh', '-c', 'cat >/tmp/portainer.js'], { input: PROGRAM })
  await shell(
    MANAGER,
    `docker create --name portainer-draft ${gateway} && docker cp /tmp/portainer.js portainer-draft:/portainer.js
for image in ${Object.values(IMAGES).join(' ')}; do
  docker commit --change 'USER root' --change 'HEALTHCHECK NONE' --change 'ENTRYPOINT ["node", "/portainer.js"]' portainer-draft $image
done
docker rm portainer-draft`,
  )
}

export const forgetStandIn = (): Promise<string> => shell(MANAGER, `docker rmi ${Object.values(IMAGES).join(' ')}`)
