import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Browser, type Gateway } from './jupyter.ts'
import { Meter } from './meter.ts'
import { User } from './user.ts'

export interface Play {
  readonly gateway: Gateway
  readonly users: number
  readonly seconds: number
  /** Ends it early; what was made is cleaned up all the same. */
  readonly signal: AbortSignal
  readonly say: (sentence: string) => void
}

/** A class does not come in one moment, but it comes within a few. Milliseconds. */
const longestArrival = 10_000
const sayEvery = 5_000

/** Plays users on a running gateway. Gives what they met. */
export async function play({ gateway, users, seconds, signal, say }: Play): Promise<Meter> {
  const meter = new Meter()
  const teacher = new Browser(gateway)
  const folder = `bench-${randomBytes(4).toString('hex')}`
  // The first question says whether anybody is there, and whether the token is right.
  await teacher.ask('GET', 'api/kernels')
  await teacher.ask('PUT', `api/contents/${folder}`, { type: 'directory' }, [200, 201])

  const stop = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)])
  const arrival = Math.min(longestArrival, seconds * 200)
  const begun = performance.now()
  const telling = setInterval(() => {
    const elapsed = ((performance.now() - begun) / 1_000).toFixed(0)
    const [kernels, cells] = [meter.count('start kernel'), meter.count('run cell')]
    say(`${elapsed} s: ${kernels} of ${users} kernels started, ${cells} cells run, ${meter.failed} failures`)
  }, sayEvery)
  try {
    const lives = Array.from({ length: users }, async (_, index) => {
      await sleep((arrival * index) / users)
      if (!signal.aborted) await new User(new Browser(gateway), meter, `${folder}/user-${index}.ipynb`).live(stop)
    })
    await Promise.all(lives)
  } finally {
    clearInterval(telling)
    await teacher
      .ask('DELETE', `api/contents/${folder}`, undefined, [204, 404])
      .catch((error: Error) => say(`the folder ${folder} could not be deleted: ${error.message}`))
    teacher.close()
  }
  return meter
}
