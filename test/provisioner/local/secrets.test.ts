import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ensureSecrets, readToken } from '../../../provisioner/local/secrets.ts'
import { caFileOf } from '../../../provisioner/local/words.ts'
import { ROOT, scratch } from './scratch.ts'

t.test('made once, for our eyes only', async (t) => {
  const stateDir = await scratch(t)
  const secrets = await ensureSecrets(stateDir)
  const token = await readToken(secrets.tokenFile)
  t.match(token, /^[0-9a-f]{48}$/)
  for (const file of Object.values(secrets)) t.equal((await stat(file)).mode & 0o777, 0o600)
  t.equal(
    new Set([token, await readFile(secrets.cookieSecretFile, 'utf8'), await readToken(secrets.adminTokenFile)]).size,
    3,
  )

  t.equal(await readToken((await ensureSecrets(stateDir)).tokenFile), token)
})

t.test('an empty file is no secret', async (t) => {
  const stateDir = await scratch(t)
  const { tokenFile } = await ensureSecrets(stateDir)
  await writeFile(tokenFile, '')
  t.match(await readToken((await ensureSecrets(stateDir)).tokenFile), /^[0-9a-f]{48}$/)
})

t.test('the line for programs in the README names the files that a start makes', async (t) => {
  const stateDir = await scratch(t)
  const { tokenFile } = await ensureSecrets(stateDir)
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  t.match(readme, `curl --cacert ${caFileOf('.pyli')} `)
  t.match(readme, `"Authorization: token $(cat ${tokenFile.replace(stateDir, '.pyli')})"`)
})
