import { innermost } from '../host/engine-answers.ts'
import { Trouble } from '../local/trouble.ts'
import { plainName, type ServiceView, type StackView, type TaskView, wantedTasks } from './swarm.ts'

/** What keeps a stack from serving, in words; undefined where every service has the tasks that it can have. */
export function shortfall(view: StackView): string | undefined {
  const lines = view.services.map((service) => shortfallOf(service, view)).filter((line) => line !== undefined)
  return lines.length === 0 ? undefined : lines.join('; ')
}

function shortfallOf(service: ServiceView, view: StackView): string | undefined {
  const name = plainName(service)
  const running = tasksOf(service, view).filter(isServing).length
  const wanted = wantedTasks(service, view.nodes)
  const why = lastError(service, view, since(service))
  if (wanted === 0) return `${name} has no node to run on`
  if (running < wanted) return `${running} of ${wanted} of ${name} run${why ? ` (${why})` : ''}`
  if (service.UpdateStatus?.State === 'updating') return `${name} is being updated`
  return undefined
}

/** Throws where Swarm has given up: it waits for nothing any more. */
export function assertNotGivenUp(view: StackView): void {
  for (const service of view.services) {
    const { State = '', Message = '' } = service.UpdateStatus ?? {}
    if (!GIVEN_UP.has(State)) continue
    const why = lastError(service, view) ?? Message
    const outcome = State === 'paused' ? 'Swarm stopped there' : 'Swarm went back to what ran before'
    throw new Trouble(`${plainName(service)} could not be updated, and ${outcome}: ${why}`)
  }
}

const GIVEN_UP: ReadonlySet<string> = new Set(['paused', 'rollback_started', 'rollback_paused', 'rollback_completed'])

export const tasksOf = ({ ID }: ServiceView, { tasks }: StackView): TaskView[] =>
  tasks.filter(({ ServiceID }) => ServiceID === ID)

/** None where the stack has no such service. */
export function tasksNamed(name: string, view: StackView): TaskView[] {
  const service = view.services.find((each) => plainName(each) === name)
  return service === undefined ? [] : tasksOf(service, view)
}

/** A task counts as running once it is healthy. */
export const isRunning = ({ Status }: TaskView): boolean => Status.State === 'running'

/** One that drains is running as well, and is wanted to shut down. */
export const isServing = (task: TaskView): boolean => isRunning(task) && task.DesiredState === 'running'

/** Of the task that has failed last. */
export const lastFailed = (service: ServiceView, view: StackView, after = ''): TaskView | undefined =>
  tasksOf(service, view)
    .filter(({ Status }) => Status.Err && Status.Timestamp > after)
    .sort((a, b) => b.Status.Timestamp.localeCompare(a.Status.Timestamp))[0]

/** What failed before is no fault of what is being deployed. */
export const since = ({ UpdateStatus, CreatedAt }: ServiceView): string => UpdateStatus?.StartedAt ?? CreatedAt

function lastError(service: ServiceView, view: StackView, after?: string): string | undefined {
  const task = lastFailed(service, view, after)
  if (task === undefined) return undefined
  const node = view.nodes.find(({ id }) => id === task.NodeID)?.name
  return `${innermost(task.Status.Err ?? '')}${node ? ` on ${node}` : ''}`
}

/** Tasks that end or have yet to, on any node: what holds the stack's networks. */
export const stillThere = ({ tasks }: Pick<StackView, 'tasks'>): TaskView[] =>
  tasks.filter(({ Status }) => !ENDED.has(Status.State))

const ENDED: ReadonlySet<string> = new Set(['complete', 'failed', 'shutdown', 'rejected', 'orphaned', 'remove'])
