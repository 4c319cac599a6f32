import type { Duplex } from 'node:stream'

/** How long an ending connection may make no progress before it is cut. Milliseconds. */
const patience = 2_000

/**
 * What was written still goes out, then our end; the other side answers with its own. Not destroyed at once: closing
 * over unread bytes sends a reset, which can overtake what was written. A peer that neither reads nor ends is cut.
 */
export function endSocket(socket: Duplex): void {
  if (socket.destroyed) return
  if (!socket.writableEnded) socket.end()
  socket.resume()
  let left = socket.writableLength
  const watch = setInterval(() => {
    if (socket.writableLength === 0 || socket.writableLength >= left) socket.destroy()
    left = socket.writableLength
  }, patience)
  watch.unref()
  socket.once('close', () => clearInterval(watch))
}
