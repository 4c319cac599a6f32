import autocannon from 'autocannon'
import type { Histogram } from 'hdr-histogram-js'
import { Asker, askAll, askOnce, newHistogram } from './asker.ts'
import { jupyterBackends, smallBackends } from './backends.ts'
import { open, openMany } from './connect.ts'
import { contentLength } from './reply.ts'
import type { Form, Options, Subject, Work } from './work.ts'

const mebibyte = 1024 * 1024
const plainAndTls = (connections: number): Form[] => [
  { tls: false, connections },
  { tls: true, connections },
]

/** As a browser sends them, on a page of JupyterLab. */
const browserHeaders = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Accept: */*',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
  'Cache-Control: no-cache',
  'Cookie: _xsrf=2|1a2b3c4d|5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b|1790000000; username-localhost-8443=2|1:0|10:1790000000|23:username-localhost-8443|200:eyJ1c2VybmFtZSI6ICJhIn0=|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'Pragma: no-cache',
  'Referer: https://localhost:8443/lab/tree/a.ipynb',
  'Sec-Fetch-Dest: empty',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Site: same-origin',
  'X-XSRFToken: 2|1a2b3c4d|5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b|1790000000',
]

export function headOf({ port }: Subject, line: string, fields: readonly string[] = []): Buffer {
  return Buffer.from(`${[`${line} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fields].join('\r\n')}\r\n\r\n`)
}

async function askers(subject: Subject, connections: number, question: Buffer, status: number): Promise<Asker[]> {
  const sockets = await openMany(connections, () => open(subject))
  return sockets.map((socket) => new Asker(socket, question, contentLength(status)))
}

/** Requests a second, of all connections together: a class at work, and a part of what any of the proxies can bear. */
const steadyRate = 500

/** Autocannon keeps the rate; saturated it would be the slowest in the row itself, as it reads answers in JavaScript. */
async function waitAtRate({ port, tls }: Subject, { connections }: Form, { seconds }: Options): Promise<Histogram> {
  const latencies = newHistogram()
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/api/me`
  const options = { url, connections: Math.min(connections, 64), overallRate: steadyRate, duration: seconds }
  const { errors, non2xx } = await new Promise<autocannon.Result>((resolve, reject) => {
    const load = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
    load.on('response', (_client, _status, _bytes, milliseconds) => latencies.recordValue(milliseconds * 1_000))
  })
  if (errors + non2xx > 0) throw new Error(`${errors + non2xx} of the requests at a steady rate failed`)
  return latencies
}

export const getSmall: Work = {
  name: 'get-small',
  unit: 'request',
  forms: [...plainAndTls(32), ...plainAndTls(512)],
  quickForms: plainAndTls(32),
  startBackends: smallBackends,
  perform: async (subject, { connections }, { seconds, browser }) => {
    const question = headOf(subject, 'GET /api/me', browser ? browserHeaders : [])
    return askAll(subject, await askers(subject, connections, question, 200), seconds)
  },
  wait: waitAtRate,
}

export const getMebibyte: Work = {
  name: 'get-1m',
  unit: 'request',
  forms: plainAndTls(8),
  quickForms: plainAndTls(8),
  startBackends: jupyterBackends,
  perform: async (subject, { connections }, { seconds }) => {
    const question = headOf(subject, `GET /api/contents/a?size=${mebibyte}`)
    return askAll(subject, await askers(subject, connections, question, 200), seconds)
  },
}

const long = 64

export const download: Work = {
  name: 'download',
  unit: 'MiB',
  tellsMemory: true,
  forms: plainAndTls(2),
  quickForms: plainAndTls(1),
  startBackends: jupyterBackends,
  perform: async (subject, { connections }) => {
    const question = headOf(subject, `GET /api/contents/a?size=${long * mebibyte}`)
    return askOnce(subject, await askers(subject, connections, question, 200), long)
  },
}

let body: Buffer | undefined

export const upload: Work = {
  name: 'upload',
  unit: 'MiB',
  tellsMemory: true,
  forms: plainAndTls(2),
  quickForms: plainAndTls(1),
  startBackends: jupyterBackends,
  perform: async (subject, { connections }) => {
    body ??= Buffer.alloc(long * mebibyte, 'u')
    const head = headOf(subject, 'PUT /api/contents/a', [`Content-Length: ${body.length}`])
    return askOnce(subject, await askers(subject, connections, Buffer.concat([head, body]), 201), long)
  },
}
