import t from 'tap'
import { header } from '../../gateway/http1/raw-headers.ts'
import { mergedList } from '../../gateway/jupyter/lists.ts'
import { createTerminal, createTerminalPage } from '../../gateway/jupyter/terminals.ts'
import { caller, fakeCluster, listIn, objectIn, stranger } from '../fakes/fake-cluster.ts'

t.test('terminals of all servers have names of their own', async (t) => {
  const { cluster, members } = fakeCluster({ names: 'abc' })
  const answers = await Promise.all(Array.from({ length: 60 }, () => createTerminal(cluster, caller('POST'))))
  const names = answers.map((answer) => String(objectIn(answer).name))
  t.equal(new Set(names).size, 60)
  for (const name of names) t.match(name, /^\w+$/, 'as Jupyter’s routes spell it')
  t.same(
    members.map(({ server }) => server.terminals.size),
    [20, 20, 20],
  )
  const list = await mergedList(cluster, 'terminals', caller('GET'), () => t.fail('no alarm'))
  t.same(new Set(listIn(list).map(({ name }) => name)), new Set(names))
})

t.test('what else was asked for, such as its folder, is asked of Jupyter', async (t) => {
  const { cluster, members } = fakeCluster()
  await createTerminal(cluster, caller('POST', { cwd: 'work' }))
  const [request] = members[0]?.server.askedFor('POST', '/api/terminals') ?? []
  t.match(JSON.parse(String(request?.body)), { cwd: 'work', name: /^\w{6}$/ })
})

t.test('a name that is free is given', async (t) => {
  const { cluster } = fakeCluster()
  t.equal(objectIn(await createTerminal(cluster, caller('POST', { name: 'mine' }))).name, 'mine')
  t.match(await cluster.find('terminals', 'mine'), { kind: 'found' })
})

t.test('a name that exists anywhere answers with the existing terminal, and none is lost', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  b?.server.terminals.add('mine')
  const answer = await createTerminal(cluster, caller('POST', { name: 'mine' }))
  t.equal(answer.status, 200)
  t.equal(objectIn(answer).name, 'mine')
  t.equal(a?.server.terminals.size, 0)
  t.equal(b?.server.leakedTerminals, 0)
})

t.test('a name that several ask for at once is one terminal', async (t) => {
  const { cluster, members } = fakeCluster()
  await Promise.all(Array.from({ length: 10 }, () => createTerminal(cluster, caller('POST', { name: 'mine' }))))
  t.equal(members.filter(({ server }) => server.terminals.has('mine')).length, 1)
  t.same(
    members.map(({ server }) => server.leakedTerminals),
    [0, 0],
  )
})

t.test('a name cannot lead the question elsewhere', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a] = members
  const name = '../kernels?x=\r\nX-Evil: 1'
  a?.server.terminals.add(name)
  await createTerminal(cluster, caller('POST', { name }))
  for (const { target } of a?.server.asked ?? []) t.notMatch(target, /[\r\n ]|\.\.\//)
})

t.test('a name that may exist in a backend that does not answer is made nowhere', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (b) b.trouble = 'silent'
  await t.rejects(createTerminal(cluster, caller('POST', { name: 'mine' })), { code: 'owner-unreachable' })
  t.equal(a?.server.terminals.size, 0)
})

t.test('who may not is told so', async (t) => {
  const { cluster, members } = fakeCluster()
  t.equal((await createTerminal(cluster, stranger('POST'))).status, 403)
  t.same(
    members.map(({ server }) => server.terminals.size),
    [0, 0],
  )
})

t.test('the classic front end’s new terminal is known by the page it is sent to', async (t) => {
  const { cluster, members } = fakeCluster()
  const answer = await createTerminalPage(cluster, caller('GET'))
  t.equal(answer.status, 302)
  const name = header(answer.headers, 'location')?.split('/').at(-1) as string
  t.equal(cluster.owners.get('terminals', name)?.backend, members[0]?.backend)
})

t.test('and it collides with no terminal of another server', async (t) => {
  const { cluster, members } = fakeCluster()
  const locations = new Set<string | undefined>()
  for (let i = 0; i < 6; i++) {
    for (const [j, { backend }] of members.entries()) backend.carries = i % 2 === j ? 0 : 1
    const answer = await createTerminalPage(cluster, caller('GET'))
    locations.add(header(answer.headers, 'location'))
  }
  t.equal(locations.size, 6)
})

t.test('a GET that creates is not repeated where it may have been heard', async (t) => {
  const { cluster, members } = fakeCluster()
  const [a, b] = members
  if (a) a.trouble = 'silent'
  await t.rejects(createTerminalPage(cluster, caller('GET')), { code: 'backend-slow' })
  t.equal(b?.server.terminals.size, 0)
})
