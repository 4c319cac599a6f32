import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, get, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { listenAtSocket } from '../../gateway/admin/socket.ts'

const server = (t: Test): Server => {
  const made = createServer((_, response) => response.end('here'))
  t.teardown(() => made.close())
  return made
}

/** Not tap's, whose name is longer than a socket's may be. */
function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyli-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function ask(socketPath: string): Promise<string> {
  const [response] = await once(get({ socketPath, path: '/' }), 'response')
  return (await response.toArray()).join('')
}

t.test('a socket is for its owner alone', async (t) => {
  const path = join(folderOf(t), 'a.sock')
  await listenAtSocket(server(t), path)
  t.equal(await ask(path), 'here')
  t.equal((await stat(path)).mode & 0o777, 0o600)
})

t.test('one that a killed process has left is taken over', async (t) => {
  const path = join(folderOf(t), 'a.sock')
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
  t.ok((await stat(path)).isSocket(), 'it is left')
  await listenAtSocket(server(t), path)
  t.equal(await ask(path), 'here')
})

t.test('one that somebody answers at is left alone, and a folder that is missing is told', async (t) => {
  const folder = folderOf(t)
  const path = join(folder, 'a.sock')
  await listenAtSocket(server(t), path)
  await t.rejects(listenAtSocket(server(t), path), { message: /another program's; choose another file/ })
  t.equal(await ask(path), 'here')
  await t.rejects(listenAtSocket(server(t), join(folder, 'none', 'a.sock')), {
    message: /cannot be made .*its folder must be/,
  })
})
