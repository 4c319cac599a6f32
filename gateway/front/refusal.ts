import type { Fault } from '../http1/malformed.ts'
import type { RawHeaders } from '../http1/raw-headers.ts'
import { type FailureCode, failures } from '../request/failure.ts'
import { refusalBody } from '../request/pages.ts'
import { answerHead, withUsual } from './answer-head.ts'

export const failureOf: { readonly [fault in Fault]: FailureCode } = {
  malformed: 'bad-request',
  'head-too-large': 'head-too-large',
  'target-too-long': 'target-too-long',
  'version-unknown': 'version-unknown',
  'coding-unknown': 'coding-unknown',
}

/** The answer to what is no request: nobody knows what it asked for, so it is answered as a program's GET. */
export function refusal(code: FailureCode, usualHeaders?: RawHeaders): Buffer {
  const failure = failures[code]
  const { type, text } = refusalBody(failure, undefined, [])
  const headers = ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text))]
  if (failure.retryAfter !== undefined) headers.push('Retry-After', String(failure.retryAfter))
  const head = answerHead(
    { method: 'GET', minorVersion: 1 },
    failure.status,
    '',
    withUsual(headers, usualHeaders),
    false,
  )
  return Buffer.from(head.text + text)
}
