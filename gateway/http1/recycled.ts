/** What is read is no longer than this at a time. Bytes. */
export const longestRead = 64 * 1024

/** Shorter reads are left to the collector: they come out of a slab that many share. Bytes. */
const shortest = 16 * 1024

/** As many large reads as wait for slow clients at a time, before new ones are made again. */
const mostSpare = 128

const spare: Buffer[] = []
/** How much of each was taken: only who gives all of it back can be its last holder. */
const taken = new WeakMap<ArrayBufferLike, number>()

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
  if (bytes.length < shortest || bytes.byteOffset !== 0 || taken.get(bytes.buffer) !== bytes.length) return
  taken.delete(bytes.buffer)
  if (spare.length < mostSpare) spare.push(Buffer.from(bytes.buffer))
}
