import t from 'tap'
import { assertNotGivenUp, shortfall, stillThere } from '../../../provisioner/stack/serving.ts'
import { wantedTasks } from '../../../provisioner/stack/swarm.ts'
import { gateway, jupyter, manager, node, task, well } from './answers.ts'

const failed = (Err: string, Timestamp: string) => ({
  DesiredState: 'shutdown',
  Status: { Timestamp, State: 'failed', Err },
})

t.test('all is well where each service has what it can have', async (t) => {
  t.equal(shortfall(well()), undefined)
})

t.test('a task counts once it is healthy, and no more once it shall end', async (t) => {
  const { tasks, ...view } = well()
  const starting = task('jupyter', 'n3', { Status: { Timestamp: '2026-11-27T10:00:01Z', State: 'starting' } })
  t.equal(shortfall({ ...view, tasks: [...tasks.slice(1), starting] }), '3 of 4 of jupyter run')
  const draining = task('jupyter', 'n3', { DesiredState: 'shutdown' })
  t.equal(shortfall({ ...view, tasks: [...tasks.slice(1), draining] }), '3 of 4 of jupyter run')
})

t.test('what is missing is told with the error of the task that failed last, and where', async (t) => {
  const { tasks, ...view } = well()
  const all = [
    ...tasks.slice(1),
    task('jupyter', 'n2', failed('task: non-zero exit (1)', '2026-11-27T10:00:03Z')),
    task('jupyter', 'n3', failed('No such image: x', '2026-11-27T10:00:02Z')),
  ]
  t.equal(shortfall({ ...view, tasks: all }), '3 of 4 of jupyter run (task: non-zero exit (1) on n2)')
})

t.test('of an error in an error in an error the last two are told', async (t) => {
  const nested =
    'starting container failed: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown'
  const view = { ...well(), tasks: [task('jupyter', 'n2', failed(nested, '2026-11-27T10:00:03Z'))] }
  t.match(shortfall(view), 'jupyter run (error setting rlimit type 7: operation not permitted on n2)')
})

t.test('what failed before the update is not told of it', async (t) => {
  const updated = jupyter(4, { UpdateStatus: { State: 'updating', StartedAt: '2026-11-27T10:00:02Z' } })
  const tasks = [task('jupyter', 'n2', failed('task: non-zero exit (1)', '2026-11-27T10:00:01Z'))]
  t.equal(shortfall({ ...well(), services: [updated], tasks }), '0 of 4 of jupyter run')
})

t.test('an update that still goes on is waited for', async (t) => {
  const updated = jupyter(4, { UpdateStatus: { State: 'updating' } })
  t.equal(shortfall({ ...well(), services: [updated] }), 'jupyter is being updated')
  t.equal(shortfall({ ...well(), services: [jupyter(4, { UpdateStatus: { State: 'completed' } })] }), undefined)
})

t.test('an update that Swarm has given up ends the wait, in a sentence', async (t) => {
  const view = (State: string) => ({
    ...well(),
    services: [jupyter(4, { UpdateStatus: { State, Message: 'update paused due to failure' } })],
    tasks: [task('jupyter', 'n2', failed('task: non-zero exit (1)', '2026-11-27T10:00:03Z'))],
  })
  t.throws(() => assertNotGivenUp(view('rollback_completed')), {
    name: 'Trouble',
    message: 'jupyter could not be updated, and Swarm went back to what ran before: task: non-zero exit (1) on n2',
  })
  t.throws(() => assertNotGivenUp({ ...view('paused'), tasks: [] }), {
    message: 'jupyter could not be updated, and Swarm stopped there: update paused due to failure',
  })
  t.doesNotThrow(() => assertNotGivenUp(view('updating')))
  t.doesNotThrow(() => assertNotGivenUp(well()))
})

t.test('only what has a place is waited for', async (t) => {
  const one = manager('n1')
  t.equal(wantedTasks(jupyter(4), [one, node('n2'), node('n3')]), 4)
  t.equal(wantedTasks(jupyter(4), [one, node('n2'), node('n3', { isReady: false })]), 2, 'a machine that is down')
  t.equal(wantedTasks(jupyter(4), [one, node('n2'), node('n3', { isActive: false })]), 2, 'one that is drained')
  t.equal(wantedTasks(jupyter(1), [one, node('n2'), node('n3')]), 1)
  t.equal(wantedTasks(gateway, [one, node('n2')]), 1)
  t.equal(wantedTasks(gateway, [node('n2')]), 0)
  t.equal(shortfall({ ...well(), nodes: [one] }), 'jupyter has no node to run on')
})

t.test('a draining task is still there, and holds its network', async (t) => {
  const left = stillThere({
    tasks: [
      task('jupyter', 'n2', { DesiredState: 'shutdown' }),
      task('jupyter', 'n2', failed('x', '2026-11-27T10:00:03Z')),
      task('jupyter', 'n3', { DesiredState: 'remove', Status: { Timestamp: '', State: 'running' } }),
    ],
  })
  t.equal(left.length, 2)
})
