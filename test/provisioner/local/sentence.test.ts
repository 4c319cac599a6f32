import t from 'tap'
import { sentenceOf } from '../../../provisioner/local/sentence.ts'
import { Trouble } from '../../../provisioner/local/trouble.ts'

// As dockerode 5 has thrown them.
const engineError = (statusCode: number, message: string, json: unknown = null) =>
  Object.assign(new Error(message), { statusCode, reason: 'server error', json })

t.test('a full disk is told as one, whoever has met it', async (t) => {
  const written = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const imported = engineError(500, '(HTTP code 500) server error - write /usr/bin/chown: no space left on device ')
  const built = new Trouble('The image could not be built: no space left on device')
  for (const error of [written, imported, built]) {
    const [said = '', advice] = sentenceOf(error)?.split('\n') ?? []
    t.match(said, /no space left on device/)
    t.notMatch(said, /HTTP code/)
    t.match(advice, /^A disk is full: .*df -h/)
  }
})

t.test('what the engine refuses is told in its words', async (t) => {
  const error = engineError(409, '(HTTP code 409) unexpected - x', { message: 'This node is already part of a swarm.' })
  t.equal(sentenceOf(error), 'The Docker engine refuses that: This node is already part of a swarm.')
})

t.test('a machine that is none of a cluster is not told to make a swarm by hand', async (t) => {
  const message =
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node.'
  const said = sentenceOf(engineError(503, `(HTTP code 503) unexpected - ${message}`, { message }))
  t.match(said, /^This machine is no manager of a cluster: run this on the first machine/)
})

t.test('trouble is its own sentence, and a fault of ours is none', async (t) => {
  t.equal(sentenceOf(new Trouble('Run it as root.')), 'Run it as root.')
  t.equal(sentenceOf(new TypeError('x is not a function')), undefined)
  t.equal(sentenceOf('thrown'), undefined)
})
