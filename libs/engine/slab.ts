/**
 * Small pieces of bytes, cut from larger ones: an allocation of its own for each event's payload and hash costs as much as
 * hashing it. A piece keeps its slab alive, so slabs are small.
 */
export class Slab {
  #bytes: Buffer;
  #used = 0;

  constructor(private readonly size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  /** The text's bytes. */
  write(text: string, encoding: 'utf8' | 'latin1'): Uint8Array {
    const most = encoding === 'utf8' ? text.length * 3 : text.length;
    if (most > this.size) return Buffer.from(text, encoding);
    if (this.#used + most > this.size) {
      this.#bytes = Buffer.allocUnsafeSlow(this.size);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#bytes.write(text, start, encoding);
    return this.#bytes.subarray(start, this.#used);
  }
}
