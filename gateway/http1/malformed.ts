/**
 * What is wrong with a message: `malformed` where two programs could read it in two ways or one in none; the others
 * are clear and yet not for us.
 */
export type Fault =
  | 'malformed'
  | 'head-too-large'
  | 'target-too-long'
  | 'version-unknown'
  /** A Transfer-Encoding beside `chunked`. */
  | 'coding-unknown'

/** Thrown by all that reads HTTP/1.1 here. After it, the rest of the connection cannot be read either. */
export class Malformed extends Error {
  readonly fault: Fault

  constructor(detail: string, fault: Fault = 'malformed') {
    super(detail)
    this.name = 'Malformed'
    this.fault = fault
  }
}
