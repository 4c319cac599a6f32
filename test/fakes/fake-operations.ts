import type { Operations } from '../../gateway/admin/operations.ts'
import type { BackendOverview, Overview } from '../../gateway/admin/overview.ts'
import type { RecentFailure } from '../../gateway/observe/failures.ts'

export const someFailure: RecentFailure = {
  at: 1_795_000_000_000,
  route: 'kernel',
  backend: '10.0.0.1:8001',
  failure: 'backend-refused',
  detail: 'connect ECONNREFUSED',
  client: '192.0.2.7',
  id: 'x-1',
  times: 1,
}

export const someBackend: BackendOverview = {
  address: '10.0.0.1:8001',
  state: 'ready',
  reason: 'answers',
  drains: [],
  stateMs: 10_000,
  inFlight: 1,
  load: 2,
  kernels: [
    {
      id: 'b1b2',
      name: 'python3',
      state: 'idle',
      lastActivity: '2026-11-23T08:00:00Z',
      connections: 1,
      paths: ['a.ipynb'],
    },
  ],
}

export function fakeOverview(changes: Partial<Overview> = {}): Overview {
  return {
    ending: false,
    workers: 1,
    webSockets: 3,
    backends: [someBackend],
    version: '0.1.0',
    startedAt: 1_795_000_000_000,
    restarts: 0,
    exchanges: 7,
    refusals: 1,
    failures: [],
    ...changes,
  }
}

/** What a gateway without traffic would say; `view` may be exchanged for another one. */
export class FakeOperations implements Operations {
  view = fakeOverview()

  async overview(): Promise<Overview> {
    return this.view
  }

  async metrics(): ReturnType<Operations['metrics']> {
    return []
  }

  drain(key: string): Promise<boolean | undefined> {
    return this.#change(key, 'draining')
  }

  restore(key: string): Promise<boolean> {
    return this.#change(key, 'ready')
  }

  async #change(key: string, state: BackendOverview['state']): Promise<boolean> {
    const { backends } = this.view
    const reason = state === 'draining' ? 'an operator said so' : 'answers'
    const drains = state === 'draining' ? (['operator'] as const) : []
    const changed = backends.map((each) =>
      each.address === key ? { ...each, state, reason, drains, stateMs: 0 } : each,
    )
    this.view = { ...this.view, backends: changed }
    return backends.some(({ address }) => address === key)
  }
}
