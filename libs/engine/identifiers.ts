import { randomFillSync } from 'node:crypto';
import type { Ulid } from '#domain/ids.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TWO_20 = 2 ** 20;
const TWO_32 = 2 ** 32;
const TWO_40 = 2 ** 40;

/** Every two characters that ten bits can be. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => ALPHABET.charAt(bits >>> 5) + ALPHABET.charAt(bits & 31));

const eightCharacters = (bits: number): string => {
  const high = Math.floor(bits / TWO_20);
  const low = bits - high * TWO_20;
  return PAIRS[high >>> 10]! + PAIRS[high & 1023]! + PAIRS[low >>> 10]! + PAIRS[low & 1023]!;
};

const bitsOf = (characters: string): number => {
  let bits = 0;
  for (let i = 0; i < characters.length; i++) bits = bits * 32 + ALPHABET.indexOf(characters.charAt(i));
  return bits;
};

// Asking the system for random bytes costs far more than an id; a thousand words at a time cost next to nothing.
const pool = new Uint32Array(1024);
let taken = pool.length;

const random32 = (): number => {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  return pool[taken++]!;
};

/**
 * ULIDs of one stream, each greater than all before it: 48 bits of milliseconds, 80 random bits.
 *
 * Within a millisecond the next one is a random step in [2^32, 2^64) further, never 1: a rival writer that starts from the
 * same event must not come to the same ids, because EventStoreDB takes an append with known ids for a resend and drops
 * it without a word (DECISIONS 1). Whoever decides again asks for new ids; nothing is ever given back.
 */
export class UlidSequence {
  #time = -1;
  #timeText = '';
  /** The 80 random bits, 40 in each: what a double holds exactly. */
  #high = 0;
  #low = 0;
  #last: Ulid = '';

  /** Milliseconds since 1970 of the last id; −1 before the first. */
  get time(): number {
    return this.#time;
  }

  /** The last id that was made or seen; empty before the first. */
  get last(): Ulid {
    return this.#last;
  }

  /** Ids to come exceed this one, which stands in the stream. */
  follow(id: Ulid | null): void {
    if (id === null || id <= this.#last) return;
    this.#startAt(bitsOf(id.slice(0, 10)), bitsOf(id.slice(10, 18)), bitsOf(id.slice(18)));
    this.#last = id;
  }

  /** The next id, made at `at` (ms since 1970), or at the last one's time where that is later. */
  next(at: number): Ulid {
    if (at > this.#time) this.#startAt(at, this.#randomHigh(), this.#randomLow());
    else this.#step();
    this.#last = this.#timeText + eightCharacters(this.#high) + eightCharacters(this.#low);
    return this.#last;
  }

  #step(): void {
    let low = random32();
    let high = random32();
    // Below 2^32: an event names what it makes by small steps from its own id.
    while (high === 0) high = random32();
    low = this.#low + (high & 0xff) * TWO_32 + low;
    high = this.#high + (high >>> 8);
    if (low >= TWO_40) {
      low -= TWO_40;
      high += 1;
    }
    if (high >= TWO_40) this.#startAt(this.#time + 1, this.#randomHigh(), this.#randomLow());
    else {
      this.#high = high;
      this.#low = low;
    }
  }

  #startAt(time: number, high: number, low: number): void {
    if (time !== this.#time)
      this.#timeText = (PAIRS[Math.floor(time / TWO_40)] ?? '00') + eightCharacters(time % TWO_40);
    this.#time = time;
    this.#high = high;
    this.#low = low;
  }

  /** 39 bits: the highest is left free, so that a millisecond has room for some 65,000 steps. */
  #randomHigh(): number {
    return (random32() & 0x7f) * TWO_32 + random32();
  }

  #randomLow(): number {
    return (random32() & 0xff) * TWO_32 + random32();
  }
}
