import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Who a proxy before us says the client is; undefined where it speaks for itself (UNKNOWN, LOCAL). */
export interface ProxyHead {
  readonly address: string | undefined
  /** Bytes of the head. */
  readonly length: number
}

/** More bytes are needed; or these are none that a proxy sends. */
export type ProxyReading = ProxyHead | 'more' | 'wrong'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n')
const first = Buffer.from('PROXY ')
/** The longest head of version 1, with its CRLF. */
const longestLine = 107
/** The rest of version 2 are its sender's notes, of which nothing is read; they could be 64 KiB. */
const longestNotes = 4 * 1024

/** Reads the head of the PROXY protocol, version 1 or 2, at the beginning of a connection (haproxy.org: proxy-protocol.txt). */
export function readProxyHead(bytes: Buffer): ProxyReading {
  if (begins(bytes, signature)) return bytes.length < 16 ? 'more' : readBinary(bytes)
  if (begins(bytes, first)) return readLine(bytes)
  return 'wrong'
}

/** As far as the bytes go. */
function begins(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.compare(start, 0, length, 0, length) === 0
}

const line = /^PROXY (?:UNKNOWN(?: .*)?|(TCP[46]) (\S+) (\S+) (\d{1,5}) (\d{1,5}))$/

function readLine(bytes: Buffer): ProxyReading {
  const end = bytes.subarray(0, longestLine).indexOf('\r\n')
  if (end === -1) return bytes.length < longestLine ? 'more' : 'wrong'
  const [whole, family, source = '', target = '', ...ports] = line.exec(bytes.toString('latin1', 0, end)) ?? []
  if (whole === undefined) return 'wrong'
  const length = end + 2
  if (family === undefined) return { address: undefined, length }
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6
  const sound = isAddress(source) && isAddress(target) && ports.every((port) => Number(port) <= 65_535)
  return sound ? { address: source, length } : 'wrong'
}

function readBinary(bytes: Buffer): ProxyReading {
  const version = (bytes[12] as number) >> 4
  const command = (bytes[12] as number) & 0xf
  const family = bytes[13] as number
  const length = 16 + bytes.readUInt16BE(14)
  if (version !== 2 || command > 1 || length > 16 + longestNotes) return 'wrong'
  if (bytes.length < length) return 'more'
  if (command === 0) return { address: undefined, length }
  // What is no TCP, a proxy can only say of itself.
  if (family === 0x11) return length < 28 ? 'wrong' : { address: bytes.subarray(16, 20).join('.'), length }
  if (family === 0x21) return length < 52 ? 'wrong' : { address: ipv6(bytes.subarray(16, 32)), length }
  return { address: undefined, length }
}

function ipv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16))
  const spelled = new SocketAddress({ family: 'ipv6', address: groups.join(':') })
  return spelled.address
}
