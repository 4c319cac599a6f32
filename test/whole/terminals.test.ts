import type { Terminal } from '@jupyterlab/services'
import t from 'tap'
import { seconds } from '../../gateway/config/units.ts'
import { startCluster } from './support/cluster.ts'
import { LabClient } from './support/lab-client.ts'
import { namesOf } from './support/rest.ts'
import { PATIENCE, until } from './support/until.ts'

const cluster = await startCluster(t, { flags: ['--slow-start=0s'] })
const { rest, behind } = cluster
t.afterEach(() => rest.clear())

/** What a terminal shows from now on. */
function screenOf(terminal: Terminal.ITerminalConnection): { text: string } {
  const screen = { text: '' }
  terminal.messageReceived.connect((_, { type, content }) => {
    if (type === 'stdout') screen.text += (content ?? []).join('')
  })
  return screen
}

/**
 * Types a line; the answer to look for is not in what is typed, which the terminal shows too. A busy machine's shell
 * drops what is typed before its prompt, so it is typed again, as a person would.
 */
async function shellOf(terminal: Terminal.ITerminalConnection): Promise<string> {
  const screen = screenOf(terminal)
  await until('a connection', () => terminal.connectionStatus === 'connected')
  const answer = () => {
    const told = /shell:2:(\d+):/.exec(screen.text)?.[1]
    if (told === undefined) terminal.send({ type: 'stdin', content: ['echo "shell:$((1+1)):$$:"\r'] })
    return told
  }
  return until('the answer of the shell', answer, PATIENCE, seconds(2))
}

t.test('terminals have names of their own, are spread, and each leads to its own shell', async (t) => {
  const lab = await new LabClient(cluster).ready()
  const other = await new LabClient(cluster).ready()
  t.teardown(() => lab.dispose())
  t.teardown(() => other.dispose())

  const terminals: Terminal.ITerminalConnection[] = []
  for (let count = 0; count < 6; count++) terminals.push(await lab.terminals.startNew())
  const names = terminals.map(({ name }) => name).sort()
  t.equal(new Set(names).size, 6)
  t.strictSame(namesOf(await rest.terminals()), names)
  const perServer = await Promise.all(behind.map((server) => server.terminals()))
  t.ok(
    perServer.every((list) => list.length > 0),
    'both servers have some',
  )
  t.strictSame(namesOf(perServer.flat()), names)

  const shells = await Promise.all(terminals.map(shellOf))
  t.equal(new Set(shells).size, 6)
  const seen = await Promise.all(terminals.map(({ name }) => shellOf(other.terminals.connectTo({ model: { name } }))))
  t.strictSame(seen, shells, 'and another client finds the same shells under their names')
})

t.test('terminals made at the same time have different names', async (t) => {
  const made = await Promise.all(Array.from({ length: 8 }, () => rest.newTerminal()))
  t.equal(new Set(namesOf(made)).size, 8)
  t.strictSame(namesOf(await rest.terminals()), namesOf(made))
})

t.test('a terminal that is ended is gone from the list and is answered 404', async (t) => {
  const made = [await rest.newTerminal(), await rest.newTerminal()]
  for (const { name } of made) {
    t.equal((await rest.ask('GET', `api/terminals/${name}`)).status, 200)
    t.equal((await rest.ask('DELETE', `api/terminals/${name}`)).status, 204)
    t.notOk(namesOf(await rest.terminals()).includes(name))
    t.equal((await rest.ask('GET', `api/terminals/${name}`)).status, 404)
  }
})
