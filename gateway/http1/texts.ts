const noBytes: Buffer = Buffer.alloc(0)

/** How much is made a text at once: a browser's head, nearly. Bytes. */
const usualLength = 1024

/**
 * Octets as texts, latin1. Those of a head are asked for one behind the other, and are cut out of one text: each call into
 * the engine costs as much as hundreds of octets.
 */
export class Texts {
  #bytes = noBytes
  #from = 0
  #text = ''

  of(bytes: Buffer, from: number, to: number): string {
    if (bytes !== this.#bytes || from < this.#from || to > this.#from + this.#text.length) {
      this.#bytes = bytes
      this.#from = from
      this.#text = bytes.toString('latin1', from, Math.max(to, from + usualLength))
    }
    return this.#text.slice(from - this.#from, to - this.#from)
  }

  /** Before other octets stand in the same place, and so that nothing is kept for longer than it is read. */
  forget(): void {
    this.#bytes = noBytes
    this.#text = ''
  }
}
