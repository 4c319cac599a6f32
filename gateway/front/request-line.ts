import { Malformed } from '../http1/malformed.ts'
import { isTokenOctet, SP } from '../http1/octets.ts'

export interface RequestLine {
  readonly method: string
  /** As it came, byte for byte. */
  readonly target: string
  /** The x of HTTP/1.x. */
  readonly minorVersion: 0 | 1
}

const beforeMinorVersion = Buffer.from('HTTP/1.')
const version = /^HTTP\/\d\.\d$/

/** `method SP target SP HTTP/1.x` (RFC 9112 section 3), as octets from `start` to `end` without CRLF. One space each. */
export function parseRequestLine(line: Buffer, start: number, end: number, maxTarget: number): RequestLine {
  let methodEnd = start
  while (methodEnd < end && isTokenOctet[line[methodEnd] as number] === 1) methodEnd++
  if (methodEnd === start || line[methodEnd] !== SP) throw new Malformed('the request does not begin with a method')
  const targetStart = methodEnd + 1
  let targetEnd = targetStart
  while (targetEnd < end && isTargetOctet(line[targetEnd] as number)) targetEnd++
  if (targetEnd === targetStart || targetEnd === end || line[targetEnd] !== SP)
    throw new Malformed('the request has no target, or one that is cut by what is no part of it')
  if (targetEnd - targetStart > maxTarget)
    throw new Malformed(`the target is longer than ${maxTarget} bytes`, 'target-too-long')
  return {
    method: line.toString('latin1', start, methodEnd),
    target: line.toString('latin1', targetStart, targetEnd),
    minorVersion: minorVersion(line, targetEnd + 1, end),
  }
}

/** No control character, no space. What is no ASCII is refused later, in better words. */
function isTargetOctet(octet: number): boolean {
  return octet > SP && octet !== 0x7f
}

function minorVersion(line: Buffer, start: number, end: number): 0 | 1 {
  const minor = (line[end - 1] as number) - 0x30
  if (end - start === 8 && line.compare(beforeMinorVersion, 0, 7, start, end - 1) === 0 && (minor === 0 || minor === 1))
    return minor
  if (version.test(line.toString('latin1', start, end)))
    throw new Malformed('the version is neither 1.0 nor 1.1', 'version-unknown')
  throw new Malformed('the request line does not end with a version')
}
