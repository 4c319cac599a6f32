import { parseObject } from '../jupyter/models.ts'
import type { Answer } from '../upstream/ask.ts'

/** What one probe found. A backend that says that it drains is well. */
export type Finding =
  | { readonly answers: true; readonly drains: boolean }
  | { readonly answers: false; readonly fault: string; readonly late: boolean }

/** 200 is well; 503 with `{"draining": true}` is a backend that serves what it owns and wants no one new. */
export function readProbe({ status, body }: Pick<Answer, 'status' | 'body'>): Finding {
  if (status === 200) return { answers: true, drains: false }
  if (status === 503 && parseObject(body)?.draining === true) return { answers: true, drains: true }
  return { answers: false, fault: `its answer to the probe is ${status}`, late: false }
}
