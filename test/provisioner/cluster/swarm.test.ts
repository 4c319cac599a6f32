import type Docker from 'dockerode'
import t from 'tap'
import { settle } from '../../../provisioner/cluster/settle.ts'
import { membershipOf, refusal, type SwarmInfo, swarmIsJoined, swarmIsLed } from '../../../provisioner/cluster/swarm.ts'
import { quietly } from '../../fakes/fake-settling.ts'

const settling = quietly()

/** An engine, as far as it knows of swarms. */
function engineWith(state: Partial<SwarmInfo>, { join }: { join?: () => void } = {}) {
  let info: SwarmInfo = { LocalNodeState: 'inactive', ...state }
  let Spec: Record<string, unknown> = { Name: 'default', Dispatcher: { HeartbeatPeriod: 5_000_000_000 } }
  const asked: unknown[] = []
  const engine = {
    info: async () => ({ Swarm: info }),
    swarmInit: async (options: { AdvertiseAddr: string; Spec: object }) => {
      asked.push(options)
      info = { LocalNodeState: 'active', ControlAvailable: true, NodeAddr: options.AdvertiseAddr }
      Spec = { ...Spec, ...options.Spec }
    },
    swarmInspect: async () => ({ Spec, Version: { Index: 11 } }),
    swarmUpdate: async ({ version, ...spec }: { version: number }) => {
      if (version !== 11) throw new Error('update out of sequence')
      Spec = spec
    },
    swarmJoin: async (options: unknown) => {
      join?.()
      asked.push(options)
      info = { LocalNodeState: 'active', ControlAvailable: false, RemoteManagers: [{ Addr: '10.0.0.1:2377' }] }
    },
  } as unknown as Docker
  return { engine, asked, spec: () => Spec }
}

t.test('a first machine begins a swarm that is patient with silent machines, once', async (t) => {
  const { engine, asked, spec } = engineWith({})
  t.equal((await settle(swarmIsLed(engine, '10.0.0.1'), settling)).length, 1)
  t.match(asked, [{ AdvertiseAddr: '10.0.0.1', ListenAddr: '0.0.0.0:2377' }])
  t.match(spec(), { Dispatcher: { HeartbeatPeriod: 20_000_000_000 } })
  t.same(await settle(swarmIsLed(engine, '10.0.0.1'), settling), [])
})

t.test('a swarm that is there already becomes as patient, and keeps the rest of its settings', async (t) => {
  const { engine, spec } = engineWith({ LocalNodeState: 'active', ControlAvailable: true, NodeAddr: '10.0.0.1' })
  t.same(await settle(swarmIsLed(engine, '10.0.0.1'), settling), [
    'the swarm waits a minute for a machine that is silent',
  ])
  t.same(spec(), { Name: 'default', Dispatcher: { HeartbeatPeriod: 20_000_000_000 } })
})

const refused = [
  [
    { LocalNodeState: 'active', ControlAvailable: true, NodeAddr: '10.0.0.9' },
    /knows this machine as 10.0.0.9.*--advertise 10.0.0.9/,
  ],
  [
    { LocalNodeState: 'active', RemoteManagers: [{ Addr: '10.0.0.7:2377' }] },
    /is a worker of the swarm of 10.0.0.7: run this there/,
  ],
  [{ LocalNodeState: 'locked' }, /is locked: unlock it with `docker swarm unlock`/],
  [{ LocalNodeState: 'error', Error: 'no quorum' }, /is broken \(no quorum\)/],
] as const
for (const [state, message] of refused) {
  t.test(`a machine that is ${JSON.stringify(state)} begins nothing`, async (t) => {
    const { engine, asked } = engineWith(state)
    await t.rejects(settle(swarmIsLed(engine, '10.0.0.1'), settling), { name: 'Trouble', message })
    t.same(asked, [])
  })
}

const invited = (token: () => Promise<string>) => ({
  manager: 'n1',
  managerAddress: '10.0.0.1',
  address: '10.0.0.2',
  token,
})

t.test('another machine joins with the token, and is asked for it once', async (t) => {
  const { engine, asked } = engineWith({})
  let asks = 0
  const step = swarmIsJoined(
    engine,
    invited(async () => {
      asks += 1
      return 'SWMTKN-1-a-b'
    }),
  )
  t.equal((await settle([step], settling)).length, 1)
  t.match(asked, [{ RemoteAddrs: ['10.0.0.1:2377'], AdvertiseAddr: '10.0.0.2', JoinToken: 'SWMTKN-1-a-b' }])
  t.same(await settle([step], settling), [])
  t.equal(asks, 1)
})

t.test('a first machine does not become a worker by itself', async (t) => {
  const { engine } = engineWith({ LocalNodeState: 'active', ControlAvailable: true })
  const step = swarmIsJoined(
    engine,
    invited(async () => t.fail('nobody is asked') as never),
  )
  await t.rejects(settle([step], settling), { message: /leads a swarm itself/ })
})

t.test('a worker that was promoted is a member as before', async (t) => {
  const { engine } = engineWith({
    LocalNodeState: 'active',
    ControlAvailable: true,
    NodeAddr: '10.0.0.2',
    RemoteManagers: [{ Addr: '10.0.0.1:2377' }, { Addr: '10.0.0.2:2377' }],
  })
  t.equal(
    await swarmIsJoined(
      engine,
      invited(async () => ''),
    ).look(),
    undefined,
  )
})

t.test('a member of another swarm is told so', async (t) => {
  const { engine } = engineWith({ LocalNodeState: 'active', RemoteManagers: [{ Addr: '10.9.0.1:2377' }] })
  const step = swarmIsJoined(
    engine,
    invited(async () => ''),
  )
  await t.rejects(settle([step], settling), { message: /is a member of the swarm of 10.9.0.1, and not of n1/ })
})

/** What engines say, and what a person is told. */
const answers = [
  [
    'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
    /refuses the token: copy the line anew/,
  ],
  ['remote CA does not match fingerprint. Expected: 5a3f', /is not one of 10.0.0.1's swarm: copy the line anew/],
  [
    'rpc error: code = Unavailable desc = connection error: dial tcp 10.0.0.1:2377: connect: connection refused',
    /is its port 2377 open to this machine/,
  ],
  [
    'Timeout was reached before node joined. The attempt to join the swarm will continue in the background.',
    /is its port 2377 open to this machine/,
  ],
] as const
for (const [said, message] of answers) {
  t.test(`“${said.slice(0, 60)}…” is one sentence`, async (t) => t.match(refusal('10.0.0.1', said).message, message))
}

t.test('what nobody knows is handed on, without a token in it', async (t) => {
  t.equal(
    refusal('10.0.0.1', 'odd: SWMTKN-1-0abc-9def is odd').message,
    'This machine could not join 10.0.0.1: odd: (the token) is odd',
  )
})

t.test('an engine that is joining is no member yet', async (t) => {
  t.equal(membershipOf({ LocalNodeState: 'pending' }), 'joining')
})
