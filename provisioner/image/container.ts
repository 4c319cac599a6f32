import type Docker from 'dockerode'

/** One Jupyter server as a container, as its image is meant to be run. */
export interface ServerPlan {
  readonly image: string
  readonly name: string
  /** On this machine alone. 0: the engine chooses one. */
  readonly port: number
  /** A folder by its full path, or the name of a volume. */
  readonly notebooks: string
  readonly environment?: Readonly<Record<string, string>>
}

export const SECRETS = '/run/secrets'

/**
 * Nothing of it can be written but the notebooks and what lies in memory, and it has no rights beyond those of its user.
 * Its secrets are in a volume that goes with it: in its environment everybody would read them who may ask the engine.
 */
export function containerOf({
  image,
  name,
  port,
  notebooks,
  environment = {},
}: ServerPlan): Docker.ContainerCreateOptions {
  return {
    Image: image,
    name,
    Env: Object.entries(environment).map(([variable, value]) => `${variable}=${value}`),
    ExposedPorts: { '8888/tcp': {} },
    HostConfig: {
      Init: false, // the image has one
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      // A user's own packages are programs, too.
      Tmpfs: { '/tmp': 'mode=1777', '/home/jupyter': 'uid=1000,gid=100,mode=700,exec' },
      Mounts: [
        { Type: notebooks.startsWith('/') ? 'bind' : 'volume', Source: notebooks, Target: '/notebooks' },
        { Type: 'volume', Source: '', Target: SECRETS },
      ],
      PortBindings: { '8888/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    },
  }
}
