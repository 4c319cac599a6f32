/** What is read is no longer than this at a time. Bytes. */
export const longestRead = 64 * 1024

/** Shorter reads are left to the collector: they come out of a slab that many share. Bytes. */
const shortest = 16 * 1024

/** As many large reads as wait for slow clients at a time, before new ones are made again. */
const mostSpare = 128

const spare: Buffer[] = []
/** How much is taken of each that was made here: only who gives all of it back can be its last holder. */
const taken = new WeakMap<ArrayBufferLike, number>()
/** How much of each that Node made has been given back. */
const givenBack = new WeakMap<ArrayBufferLike, number>()

/**
 * Room for a read. Made anew for each 64 KiB of a download, it cost more than all else: what lies outside of V8's heap
 * counts there, and every thousandth read it looked through that whole heap for what could be freed.
 */
export function roomFor(length: number): Buffer {
  if (length < shortest) return Buffer.allocUnsafe(length)
  const room = spare.pop() ?? Buffer.allocUnsafeSlow(longestRead)
  taken.set(room.buffer, length)
  return room.length === length ? room : room.subarray(0, length)
}

/**
 * Nobody looks at these bytes any more: for their last holder alone to say, who knows that no cache and no other answer has
 * them. Whoever keeps what he got need not call this: then the collector takes it, as it takes what is only a part of a
 * read, in whose rest somebody else may still look.
 */
export function giveBack(bytes: Buffer): void {
  const { buffer, byteOffset, length } = bytes
  if (length < shortest) return
  const ofOurs = taken.get(buffer)
  if (ofOurs === undefined) return freeWhenWhole(buffer, length)
  if (ofOurs !== length || byteOffset !== 0) return
  taken.set(buffer, 0)
  if (spare.length < mostSpare) spare.push(Buffer.from(buffer))
}

/**
 * What Node made for one read or, with TLS, for four. Every byte of it was read once: when as many have been given back as it
 * has, nobody looks at any. Freed at once, it is none of those that make V8 look through its whole heap.
 */
function freeWhenWhole(buffer: ArrayBufferLike, length: number): void {
  if (!(buffer instanceof ArrayBuffer)) return
  const all = (givenBack.get(buffer) ?? 0) + length
  if (all === buffer.byteLength) buffer.transfer(0)
  else givenBack.set(buffer, all)
}

/** What is to be done when these bytes are written to a socket: then they are the kernel's, and nobody's any more. */
export function whenWritten(bytes: Buffer): (() => void) | undefined {
  return bytes.length < shortest ? undefined : () => giveBack(bytes)
}
