import { now, sleep } from './clock.ts'
import type { Config } from './config/config.ts'
import { seconds } from './config/units.ts'
import { Drains } from './control/drains.ts'
import { Health } from './control/health.ts'
import { createQuestions } from './control/questions.ts'
import { Watch } from './control/watch.ts'
import { AllLists } from './jupyter/all-lists.ts'
import { Cluster } from './jupyter/cluster.ts'
import { Creations } from './jupyter/creations.ts'
import { Owners } from './jupyter/owners.ts'
import { Survey } from './jupyter/survey.ts'
import type { SurveyNews } from './jupyter/survey-news.ts'
import type { Limits } from './limits/limits.ts'
import type { Log } from './observe/log.ts'
import type { Backend } from './pool/backend.ts'
import { Pool } from './pool/pool.ts'
import { mayRetry } from './request/failure.ts'
import type { BackendFailure } from './upstream/client.ts'
import type { Clients } from './upstream/clients.ts'
import type { Peers } from './workers/peers.ts'
import { hearWhatOthersLearn, tellDrain } from './workers/sharing.ts'

/** For how many probes' time one that answered counts as busy when it answers no more in time. */
const busyProbes = 10

/** A page shows what is known rather than wait longer than this for one server. */
const listPatience = seconds(1)

interface Means {
  readonly clients: Clients
  readonly log: Log
  readonly random: () => number
  readonly peers: Peers
  readonly limits: Limits
}

/**
 * Everything that follows the backends: whether they are well, what they have, who drains. Starts with the first that
 * is added.
 */
export function knowBackends(config: Config, { clients, log, random, peers, limits }: Means) {
  const questions = createQuestions(clients, config)
  const pool = new Pool({ now, random, slowStart: config.slowStart, exchangesPerBackend: limits.exchangesPerBackend })
  const tellDocument = (id: string, { key }: Backend) => peers.tell('documents', { id, backend: key })
  const owners = new Owners({ tellDocument })
  const tell = (news: SurveyNews) => peers.tell('survey', news)
  const survey = new Survey({ ask: questions.asGateway, owners, now, maxAge: config.listMaxAge, tell })
  const { lock } = peers
  const sync = () => peers.sync()
  const heard = () => peers.heard()
  const creations = new Creations({ pool, lock, tell: (news) => peers.tell('creations', news) })
  hearWhatOthersLearn(peers, { pool, survey, owners, creations })
  const onFailure = (backend: Backend, failure: BackendFailure) => watch.exchangeFailed(backend, failure)
  const { baseUrl, goneAfter, holdFor, probeEvery, probeTimeout, surveyEvery } = config
  const patience = () => sleep(listPatience)
  // A search waits as long as a request for an owner that is out of reach; but without patience for that still a moment.
  const searchPatience = () => sleep(Math.max(holdFor, listPatience))
  const lists = new AllLists({ pool, survey, now, sleep, goneAfter, holdFor, patience, searchPatience })
  const cluster = new Cluster({
    pool,
    owners,
    survey,
    lock,
    sync,
    heard,
    creations,
    questions,
    baseUrl,
    mayRetry,
    onFailure,
    now,
    sleep,
    patience,
    holdFor,
    lists,
  })
  const busyFor = busyProbes * (probeEvery + probeTimeout)
  const health = new Health({ pool, rise: config.rise, fall: config.fall, busyFor, now })
  const { probe } = questions
  const onTakenBack = (backend: Backend) => drains.takenBack(backend)
  const watch = new Watch({ cluster, health, log, random, probe, probeEvery, surveyEvery, onTakenBack })
  pool.listen({
    backendAdded: (backend) => watch.start(backend),
    backendRemoved: (backend) => {
      watch.stop(backend)
      survey.forget(backend)
      clients.drop(backend)
    },
    backendChanged: ({ key, state, reason }) => {
      log[state === 'failing' ? 'warn' : 'info']({ backend: key, state, reason }, `backend is ${state}`)
    },
  })
  const drains = new Drains({ pool, log, tell: tellDrain(peers), tellBackend: questions.tellDrain, clock: Date.now })
  return { cluster, watch, drains, questions }
}
