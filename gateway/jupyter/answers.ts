import { withoutHeaders } from '../http1/raw-headers.ts'
import type { Answer } from '../upstream/ask.ts'
import { type Model, parseObject, type SessionModel } from './models.ts'

/** What describes a body that we replace: its length, its validator, its coding. */
const ofTheBody = new Set([
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'content-type',
  'etag',
  'last-modified',
])

/**
 * A backend's answer with another JSON body. Its other headers stay, so that cookies, CSP and whatever else Jupyter
 * says to this caller are said once, by one backend.
 */
export function withJson(answer: Answer, value: unknown, changes: { status?: number; reason?: string } = {}): Answer {
  const headers = withoutHeaders(answer.headers, (name) => ofTheBody.has(name))
  headers.push('Content-Type', 'application/json')
  return { ...answer, ...changes, headers, body: Buffer.from(JSON.stringify(value)) }
}

/** The session that an answer of that status tells, if it is one. */
export function sessionIn({ status, body }: Answer, wanted: 200 | 201): SessionModel | undefined {
  const model = status === wanted ? parseObject(body) : undefined
  return model && isSession(model) ? model : undefined
}

function isSession(model: Model): model is SessionModel {
  return typeof model.id === 'string' && typeof model.path === 'string'
}

/** An answer of ours, in Jupyter's form. */
export function refusal(status: number, message: string): Answer {
  const body = Buffer.from(JSON.stringify({ message, reason: null }))
  return { status, reason: '', headers: ['Content-Type', 'application/json'], body }
}

/** The answer with one header's value changed, where it has that header. `name` in lower case. */
export function mapHeader(answer: Answer, name: string, change: (value: string) => string): Answer {
  const headers = answer.headers.map((part, i) => {
    const isValue = i % 2 === 1
    return isValue && answer.headers[i - 1]?.toLowerCase() === name ? change(part) : part
  })
  return { ...answer, headers }
}
