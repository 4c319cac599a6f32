import { request } from 'node:https'
import { execute, LabClient } from '../../whole/support/lab-client.ts'
import { idsOf } from '../../whole/support/rest.ts'
import { quiet } from '../support/gateway.ts'
import { whereabouts } from '../support/kernels.ts'
import { part } from '../support/part.ts'
import { door } from '../support/the-lab.ts'

const KERNELS = 12
const SERVERS = 4

/** Over a connection of its own: the gateway gives each new one to the next of its worker processes. */
function askAnew(url: string, token: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const asked = request(url, { agent: false, headers: { authorization: `token ${token}` } }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0))
  })
  asked.on('error', reject).end()
  return promise
}

part(
  'kernels spread evenly over the tasks; each is reached through each gateway worker; lists are whole',
  async (t) => {
    const { url, token, rest } = await door()
    await quiet(rest)
    const client = await new LabClient({ url, token }).ready()
    t.teardown(() => client.dispose())
    const kernels = []
    for (let n = 0; n < KERNELS; n++) kernels.push(await client.kernels.startNew({ name: 'python3' }))

    const counts = new Map<string, number>()
    for (const kernel of kernels) {
      const server = await whereabouts(kernel)
      counts.set(server, (counts.get(server) ?? 0) + 1)
    }
    t.equal(counts.size, SERVERS, 'each server has some')
    // Each worker process counts what it has under way itself: whoever asks for a list just then makes a difference of one.
    const [most, least] = [Math.max(...counts.values()), Math.min(...counts.values())]
    t.ok(most - least <= 2, `within two: ${[...counts]}`)

    const ids = idsOf(kernels)
    for (const kernel of kernels) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => askAnew(`${url}api/kernels/${kernel.id}`, token)),
      )
      t.same(answers, [200, 200, 200, 200], `${kernel.id} over four new connections`)
    }
    for (let n = 0; n < 8; n++) t.same(idsOf(await rest.kernels()), ids, 'the list is whole')

    for (const [n, kernel] of kernels.entries()) t.equal(await execute(kernel, `print(${n} + 1)`), `${n + 1}`)
    await rest.clear()
    t.same(await rest.kernels(), [])
  },
)
