import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { isLock, takeLock } from '../../../provisioner/local/lock.ts'
import { lifeOf } from '../../../provisioner/local/processes.ts'
import { scratch } from './scratch.ts'

t.test('the second one learns who holds it and where that answers', async (t) => {
  const path = join(await scratch(t), 'run', 'lock.json')
  const first = await takeLock(path)
  if (!isLock(first)) return t.fail('nobody had it')
  t.match(await takeLock(path), { pid: process.pid, address: '' })
  await first.announce('https://localhost:8443/lab')
  t.match(await takeLock(path), { pid: process.pid, address: 'https://localhost:8443/lab' })
  await first.release()
  t.ok(isLock(await takeLock(path)))
})

for (const [who, entry] of [
  ['a holder that is dead', JSON.stringify({ pid: 2 ** 22 + 1, address: '', life: 'boot/1' })],
  ['a stranger with the pid of the holder', JSON.stringify({ pid: process.pid, address: '', life: 'boot/1' })],
  ['half a file', '{ "pid": '],
] as const) {
  t.test(`${who} holds nothing`, async (t) => {
    const path = join(await scratch(t), 'lock.json')
    await writeFile(path, entry)
    t.ok(isLock(await takeLock(path)))
  })
}

t.test('of many that want it at once one gets it, whatever was there before', async (t) => {
  const path = join(await scratch(t), 'lock.json')
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, address: '', life: 'boot/1' }))
  const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(path)))
  t.equal(taken.filter(isLock).length, 1)
})

t.test('a life is told from the next one of the same pid', async (t) => {
  t.match(lifeOf(process.pid), /^[0-9a-f-]{36}\/\d+$/)
  t.equal(lifeOf(process.pid), lifeOf(process.pid))
  t.equal(lifeOf(2 ** 22 + 1), undefined)
})
