import t from 'tap'
import { backlogOf, peersOf, processesOf, refusal, volumesOf } from '../../../../provisioner/storage/gluster/answers.ts'
import { readXml } from '../../../../provisioner/storage/gluster/xml.ts'
import { recorded } from './recorded.ts'

const answer = (name: string) => readXml(recorded(name))

t.test('peers, with all names they are known by', async (t) => {
  t.match(peersOf(answer('peers')), [
    { hosts: ['10.77.0.11', 'n1'], isConnected: true, isMember: true },
    { hosts: ['10.77.0.13'], isConnected: true, isMember: true },
  ])
  t.match(
    peersOf(answer('peers-one-away')).map(({ isConnected }) => isConnected),
    [true, false],
  )
})

t.test('volumes, with bricks and the options that were set', async (t) => {
  const [volume, ...others] = volumesOf(answer('volume-info'))
  t.equal(others.length, 0)
  t.match(volume, { name: 'pyli', isStarted: true, replicas: 3, arbiters: 0 })
  t.match(volume?.bricks[0], { host: '10.77.0.11', path: '/data/pyli/brick', isArbiter: false })
  t.equal(volume?.options['cluster.heal-timeout'], '30')
  t.strictSame(volumesOf(answer('peers')), [])
})

t.test('brick processes: a machine that is away is left out', async (t) => {
  t.strictSame(
    processesOf(answer('volume-status')).map(({ host, isOnline }) => [host, isOnline]),
    [
      ['10.77.0.11', true],
      ['10.77.0.12', true],
      ['10.77.0.13', true],
    ],
  )
  t.strictSame(
    processesOf(answer('volume-status-one-away')).map(({ host }) => host),
    ['10.77.0.11', '10.77.0.12'],
  )
})

t.test('what waits to be healed, and whom nobody can ask', async (t) => {
  t.match(backlogOf(answer('heal-summary')), [{ entries: 0, splitBrain: 0, isConnected: true }, {}, {}])
  const away = backlogOf(answer('heal-summary-one-away'))
  t.match(away[0], { brick: '10.77.0.11:/data/pyli/brick', entries: 2, isConnected: true })
  t.match(away[2], { entries: 0, isConnected: false })
})

t.test('a refusal is told in Gluster’s words', async (t) => {
  t.equal(refusal(answer('peers')), undefined)
  t.equal(refusal(answer('create-existing')), 'Volume pyli already exists')
})
