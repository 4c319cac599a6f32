import type { RawConnection } from '../../fakes/raw-backend.ts'

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** One request's bytes. A Host is added, and a length if there is a body. */
export function request(method: string, target: string, headers: readonly string[] = [], body = ''): string {
  const framing = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: jupyter.example', ...headers, ...framing]
  // The connection writes latin1, of which every byte of UTF-8 is a character.
  return `${lines.join('\r\n')}\r\n\r\n${Buffer.from(body).toString('latin1')}`
}

/** The bytes of a WebSocket's opening handshake. */
export function handshake(target: string, headers: readonly string[] = []): string {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  return request('GET', target, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    key,
    ...headers,
  ])
}

/** The next answer on a connection: its head, and its body if that has a length or ends with the connection. */
export async function answerOn(connection: RawConnection): Promise<RawAnswer> {
  const head = await connection.head()
  const status = Number(head.split(' ', 2)[1])
  if (status < 200 || status === 204 || status === 304) return { status, head, body: '' }
  const [, length] = /^content-length: (\d+)/im.exec(head) ?? []
  if (length !== undefined) {
    return { status, head, body: (await connection.takeBytes(Number(length))).toString('latin1') }
  }
  if (/^transfer-encoding: chunked/im.test(head))
    return { status, head, body: await connection.takeThrough('0\r\n\r\n') }
  await connection.closed
  return { status, head, body: connection.received.toString('latin1') }
}

/** Sends bytes and gives the answer. */
export function ask(connection: RawConnection, bytes: string): Promise<RawAnswer> {
  connection.write(bytes)
  return answerOn(connection)
}
