import type Docker from 'dockerode'
import { unframed } from '../host/engine-answers.ts'
import { Trouble } from '../local/trouble.ts'
import { lastFailed } from './serving.ts'
import { viewStack } from './swarm.ts'

/** Where Swarm has given up, its sentence is followed by the last words of the task that failed, which know more. */
export async function explained<T>(engine: Docker, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    const words = await lastWords(engine)
    throw words === undefined ? error : new Trouble(`${error.message}. Its last words: ${words}`)
  }
}

/** Of the task of the stack that has failed last. */
export async function lastWords(engine: Docker): Promise<string | undefined> {
  const view = await viewStack(engine)
  const [task] = view.services
    .flatMap((service) => lastFailed(service, view) ?? [])
    .sort((a, b) => b.Status.Timestamp.localeCompare(a.Status.Timestamp))
  if (task === undefined) return undefined
  return logOf(engine, task.ID).catch(() => undefined) // its node may be gone, and its log with it
}

async function logOf(engine: Docker, task: string): Promise<string | undefined> {
  const answer = await fetchLog(engine, task)
  const lines = unframed(answer).trimEnd().split('\n').slice(-3)
  return lines.join(' ').trim() || undefined
}

/** dockerode has no logs of tasks. */
const fetchLog = (engine: Docker, task: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = {
      path: `/tasks/${task}/logs?stdout=1&stderr=1&tail=3`,
      method: 'GET',
      isStream: true,
      statusCodes: { 200: true, 500: 'the engine failed' },
    }
    engine.modem.dial(options, async (error: Error | null, stream: unknown) => {
      if (error) return reject(error)
      try {
        resolve(Buffer.concat(await (stream as NodeJS.ReadableStream & { toArray(): Promise<Buffer[]> }).toArray()))
      } catch (failure) {
        reject(failure)
      }
    })
  })
