import type { DrainNews, Drains } from '../control/drains.ts'
import type { CreationNews, Creations } from '../jupyter/creations.ts'
import type { Owners } from '../jupyter/owners.ts'
import type { Survey } from '../jupyter/survey.ts'
import type { SurveyNews } from '../jupyter/survey-news.ts'
import type { Pool } from '../pool/pool.ts'
import type { OtherWorkers } from '../request/session-sockets.ts'
import type { Tunnels } from '../request/tunnels.ts'
import type { Peers } from './peers.ts'

export interface DocumentNews {
  readonly id: string
  readonly backend: string
}

export interface Known {
  readonly pool: Pool
  readonly survey: Survey
  readonly owners: Owners
  readonly creations: Creations
}

/** What the other workers learn is known here as well. A backend that is not known here yet will be surveyed. */
export function hearWhatOthersLearn(peers: Peers, { pool, survey, owners, creations }: Known): void {
  peers.hear('survey', (news: SurveyNews) => {
    const backend = pool.get(news.backend)
    if (backend) survey.hear(backend, news)
  })
  peers.hear('documents', ({ id, backend: key }: DocumentNews) => {
    const backend = pool.get(key)
    if (backend) owners.learn('documents', id, backend)
  })
  peers.hear('creations', (news: CreationNews, from) => creations.hear(news, from))
  peers.onGone((worker) => creations.gone(worker))
}

/** Of what operators say every worker hears, also one that starts later. Resolves when the others have heard. */
export function tellDrain(peers: Peers): (news: DrainNews) => Promise<void> {
  return (news) => {
    peers.tell('drains', news)
    return peers.heard()
  }
}

export async function hearDrains(peers: Peers, drains: Drains): Promise<void> {
  peers.hear('drains', (news: DrainNews) => drains.hear(news))
  peers.answer('drains-held', () => drains.held)
  // Undefined from one that could not answer.
  const held = (await peers.ask('drains-held', undefined)) as (DrainNews[] | undefined)[]
  for (const news of held.flatMap((list) => list ?? [])) drains.hear(news)
}

/** Answers the others about the sockets of this worker, and asks them about theirs. */
export function shareSockets(peers: Peers, tunnels: Tunnels): OtherWorkers {
  peers.answer('session-socket', (session: string) => tunnels.has(session))
  peers.answer('end-session-socket', (session: string) => tunnels.replace(session))
  return {
    haveSocketOf: async (session) => (await peers.ask('session-socket', session)).includes(true),
    endSocketOf: async (session) => {
      await peers.ask('end-session-socket', session)
    },
  }
}
