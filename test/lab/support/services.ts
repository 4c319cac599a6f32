import { MANAGER, on } from './the-lab.ts'

/** A container of a service, as the swarm tells it. */
export interface Task {
  readonly id: string
  /** `jupyter.1` */
  readonly name: string
  readonly node: string
  readonly wanted: string
  /** `running`, `shutdown`, … */
  readonly state: string
  readonly error: string
}

interface Told {
  readonly ID: string
  readonly Name: string
  readonly Node: string
  readonly DesiredState: string
  readonly CurrentState: string
  readonly Error: string
}

export type Service = 'jupyter' | 'gateway' | 'portainer' | 'portainer-agent'

/** Which of them the stack has. */
export const services = async (): Promise<string[]> =>
  (await on(MANAGER, ['docker', 'service', 'ls', '--format', '{{.Name}}'])).trim().split('\n').sort()

export async function tasksOf(service: Service): Promise<Task[]> {
  const told = await on(MANAGER, ['docker', 'service', 'ps', '--no-trunc', '--format', 'json', `pyli_${service}`])
  return told
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told)
    .map((task) => ({
      id: task.ID,
      name: task.Name,
      node: task.Node,
      wanted: task.DesiredState.toLowerCase(),
      state: task.CurrentState.toLowerCase().split(' ')[0] ?? '',
      error: task.Error,
    }))
}

/** Those that shall run and do. */
export const running = async (service: Service): Promise<Task[]> =>
  (await tasksOf(service)).filter(({ wanted, state }) => wanted === 'running' && state === 'running')

/** Those that were told to end, and serve on until nobody needs them: replaced ones, and those that were one too many. */
export const draining = async (service: Service): Promise<Task[]> =>
  (await tasksOf(service)).filter(({ wanted, state }) => wanted !== 'running' && state === 'running')

/** Where those that shall run do. */
export const nodesOf = async (service: Service): Promise<string[]> =>
  (await running(service)).map(({ node }) => node).sort()

/** What its tasks are made of, by digest. */
export const imageOf = async (service: Service): Promise<string> =>
  (
    await on(MANAGER, [
      'docker',
      'service',
      'inspect',
      '--format',
      '{{.Spec.TaskTemplate.ContainerSpec.Image}}',
      `pyli_${service}`,
    ])
  ).trim()

/** Where a task's container is: the number of its machine and its id. */
export async function containerOf({ id, node }: Task): Promise<{ readonly node: number; readonly container: string }> {
  const number = Number(node.slice(1))
  const filter = `label=com.docker.swarm.task.id=${id}`
  const container = (await on(number, ['docker', 'ps', '--quiet', '--filter', filter])).trim()
  if (container === '') throw new Error(`${node} has no container of task ${id}`)
  return { node: number, container }
}
