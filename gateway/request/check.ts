import { isIPv6 } from 'node:net'
import { header, headerValues, type RawHeaders } from '../http1/raw-headers.ts'
import type { RequestHead } from './exchange.ts'
import type { FailureCode } from './failure.ts'
import type { Target } from './target.ts'

/**
 * Refuses requests that two programs could take for two (RFC 9110, 9112). Their grammar and framing have been judged by
 * the reader (front/request-reader.ts).
 */
export function checkHead(head: RequestHead, target: Target): FailureCode | undefined {
  // The answer to CONNECT is a tunnel whatever its headers say (RFC 9110 9.3.6).
  if (head.method === 'CONNECT') return 'bad-target'
  return checkHost(head, target) ?? checkExpect(head.headers) ?? checkConnection(head.headers)
}

const authority = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/

/** Exactly one Host, without user, path or list; an absolute-form target must name the same (RFC 9112 3.2). */
function checkHost({ headers, version }: RequestHead, target: Target): FailureCode | undefined {
  const hosts = headerValues(headers, 'host')
  if (hosts.length === 0 && version === '1.0') return undefined
  const [host] = hosts
  if (hosts.length !== 1 || host === undefined || !isAuthority(host)) return 'bad-host'
  const names = target.authority
  if (names !== undefined && names.toLowerCase() !== host.toLowerCase()) return 'bad-host'
  return undefined
}

function isAuthority(host: string): boolean {
  const parts = authority.exec(host)
  if (!parts || Number(parts[1] ?? 0) > 65_535) return false
  return !host.startsWith('[') || isIPv6(host.slice(1, host.indexOf(']')))
}

function checkExpect(headers: RawHeaders): FailureCode | undefined {
  const expected = headerValues(headers, 'expect')
  if (expected.length === 0) return undefined
  return expected.length === 1 && expected[0]?.toLowerCase() === '100-continue' ? undefined : 'expectation-unknown'
}

/** Headers that Connection must not take away: whoever nominates one wants us and the backend to see two requests. */
const untouchable =
  /^(?:host|cookie|authorization|origin|content-.*|transfer-encoding|sec-websocket-.*|x-xsrftoken|x-forwarded-.*|forwarded|x-real-ip|x-scheme)$/

function checkConnection(headers: RawHeaders): FailureCode | undefined {
  for (const value of headerValues(headers, 'connection')) {
    for (const nominated of value.split(',')) {
      if (untouchable.test(nominated.trim().toLowerCase())) return 'bad-request'
    }
  }
  return undefined
}

const key = /^[A-Za-z0-9+/]{22}==$/

/** Whether a request asks for a WebSocket at all: other upgrades (h2c) are not followed, and their headers not passed. */
export function asksForWebSocket(headers: RawHeaders): boolean {
  const asked = headerValues(headers, 'upgrade')
  if (asked.length === 0) return false
  const upgrades = asked.join(',')
  const connection = headerValues(headers, 'connection').join(',')
  return names(upgrades).includes('websocket') && names(connection).includes('upgrade')
}

/** The opening handshake (RFC 6455 4.2.1), without a body: one behind an upgrade could become a second request. */
export function checkUpgrade({ method, headers, version }: RequestHead): FailureCode | undefined {
  const keys = headerValues(headers, 'sec-websocket-key')
  const isHandshake =
    method === 'GET' &&
    version === '1.1' &&
    names(headerValues(headers, 'upgrade').join(',')).length === 1 &&
    headerValues(headers, 'sec-websocket-version').join() === '13' &&
    keys.length === 1 &&
    key.test(keys[0] as string) &&
    header(headers, 'transfer-encoding') === undefined &&
    (header(headers, 'content-length') ?? '0') === '0'
  return isHandshake ? undefined : 'bad-upgrade'
}

function names(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
}
