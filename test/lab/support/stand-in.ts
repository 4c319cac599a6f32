import { MANAGER, shell } from './the-lab.ts'

/** Others for each run, as the cluster's registry keeps what it was once given. */
export const TAG = `of-${Date.now()}`
/** What is put in the place of Portainer's images: names that no registry has, wherever the lab runs. */
export const IMAGES = { server: `portainer.invalid/server:${TAG}`, agent: `portainer.invalid/agent:${TAG}` } as const

/** On the first machine alone, as `docker load` would bring them there: the gateway's image with another program in it. */
export const loadStandIn = (): Promise<string> =>
  shell(
    MANAGER,
    `set -e
image=$(docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' pyli_gateway)
docker create --name portainer-draft $image
docker cp /opt/pyli/test/lab/support/portainer-program.ts portainer-draft:/portainer.ts
for name in ${Object.values(IMAGES).join(' ')}; do
  docker commit --change 'USER root' --change 'HEALTHCHECK NONE' --change 'ENTRYPOINT ["node", "/portainer.ts"]' portainer-draft $name
done
docker rm portainer-draft`,
  )

export const forgetStandIn = (): Promise<string> => shell(MANAGER, `docker rmi ${Object.values(IMAGES).join(' ')}`)
