import { hash, verify } from '@node-rs/argon2';

/** OWASP's second choice of parameters: 19 MiB, two passes, one lane; some 15 ms. Stored in the hash, so they may change. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** At once in this process, so that signing in takes neither all threads nor all memory from everything else. */
const AT_ONCE = 2;
const WAITING = 200;

export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;

/** More are waiting than can be served soon. */
export class TooManySignIns extends Error {
  override readonly name = 'TooManySignIns';
}

/** argon2id over secrets that people choose, and tokens that are mailed to them. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #nobodys: Promise<string> | undefined;

  /** The PHC string of a hash under a fresh salt. Rejects with `TooManySignIns`. */
  hash(secret: string): Promise<string> {
    return this.#inTurn(() => hash(normal(secret), ARGON2ID));
  }

  /** Without a hash, for somebody who has none, it takes as long and answers false. Rejects with `TooManySignIns`. */
  async matches(secret: string, phc: string | null): Promise<boolean> {
    const against = phc ?? (await (this.#nobodys ??= this.hash('nobody has this')));
    return (await this.#inTurn(() => verify(against, normal(secret)))) && phc !== null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) throw new TooManySignIns();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever waits takes this one's place.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** The same text however a keyboard composes it (NIST SP 800-63B). */
const normal = (secret: string): string => secret.normalize('NFKC');
