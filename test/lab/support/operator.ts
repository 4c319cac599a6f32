import { MANAGER, on } from './the-lab.ts'

export interface Answered {
  readonly status: number
  readonly body: string
}

/** As an operator's browser at the other end of `ssh -L`: logs in with the admin token, and asks with what it got for it. */
export async function asOperator(path: string): Promise<Answered> {
  const script = `
    import { readFileSync } from 'node:fs'
    import { request } from 'node:http'
    const socketPath = '/var/lib/docker/volumes/pyli_gateway/_data/admin.sock'
    const ask = (method, path, headers, body = '') => new Promise((resolve, reject) =>
      request({ socketPath, method, path, headers: { host: '127.0.0.1:9090', ...headers } }, async (answer) =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: (await answer.toArray()).join('') }),
      ).on('error', reject).end(body))
    const token = readFileSync('/var/lib/pyli/secrets/admin-token', 'utf8').trim()
    const json = { 'content-type': 'application/json', origin: 'http://127.0.0.1:9090' }
    const { headers } = await ask('POST', '/login', json, JSON.stringify({ token }))
    const cookie = (headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ')
    const { status, body } = await ask('GET', '${path}', { cookie })
    console.log(JSON.stringify({ status, body }))`
  return JSON.parse(await on(MANAGER, ['node', '--input-type=module', '-'], { input: script })) as Answered
}
