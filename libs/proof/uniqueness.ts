/** What may be in a book once, and what has to follow on itself, over however many events lie between (DECISIONS 41). */
import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '#domain/canonical.js';
import { Spill } from './spill.js';
import { Wrong } from './wrong.js';

const DIGEST = 16;
const digest = (text: string): Buffer => hash('sha256', text, 'buffer').subarray(0, DIGEST);

const ONCE = ['idempotency key', 'reference', "network's message"] as const;
export type Once = (typeof ONCE)[number];

const earlier = (a: Wrong | null, b: Wrong | null): Wrong | null => {
  if (a === null || b === null) return a ?? b;
  return (b.revision ?? 0) < (a.revision ?? 0) ? b : a;
};

/** Finds what comes a second time. */
export class Uniqueness {
  private readonly spill = new Spill(DIGEST + 8);
  private readonly record = Buffer.alloc(DIGEST + 8);
  private readonly whole = Buffer.alloc(2 * DIGEST);

  /** A key of an idempotent outcome is a digest already, of twice the length: its halves become one. */
  key(hex: string, part: number, revision: number): void {
    this.whole.write(hex, 'hex');
    for (let i = 0; i < DIGEST; i++) this.record[i] = this.whole[i]! ^ this.whole[DIGEST + i]!;
    // The parts of a batch share their key.
    this.record.writeUInt16BE(this.record.readUInt16BE(14) ^ part, 14);
    this.add(0, revision);
  }

  text(kind: Exclude<Once, 'idempotency key'>, text: string, revision: number): void {
    digest(`${kind} ${text}`).copy(this.record, 0);
    this.add(ONCE.indexOf(kind), revision);
  }

  private add(kind: number, revision: number): void {
    this.record.writeUIntBE(revision, DIGEST, 6);
    this.record.writeUInt8(kind, DIGEST + 6);
    this.spill.add(this.record);
  }

  first(): Wrong | null {
    let found: Wrong | null = null;
    for (const records of this.spill.read()) {
      const seen = new Map<string, number>();
      for (const record of records) {
        const key = record.toString('latin1', 0, DIGEST);
        const revision = record.readUIntBE(DIGEST, 6);
        const before = seen.get(key);
        if (before === undefined) seen.set(key, revision);
        else
          found = earlier(
            found,
            new Wrong(revision, `its ${ONCE[record.readUInt8(DIGEST + 6)]} is that of revision ${before}`),
          );
      }
    }
    return found;
  }

  close(): void {
    this.spill.close();
  }
}

const NEVER = Buffer.alloc(DIGEST);

/** Finds what an event says was so before it, and was not. */
export class Successions {
  private readonly spill = new Spill(3 * DIGEST + 8);
  private readonly record = Buffer.alloc(3 * DIGEST + 8);

  /** `before` null: the event says that it is the first of `id`. */
  step(id: string, revision: number, before: object | null, after: object): void {
    digest(id).copy(this.record, 0);
    (before === null ? NEVER : digest(canonicalJson(before as Json))).copy(this.record, DIGEST);
    digest(canonicalJson(after as Json)).copy(this.record, 2 * DIGEST);
    this.record.writeUIntBE(revision, 3 * DIGEST, 6);
    this.spill.add(this.record);
  }

  first(what: string): Wrong | null {
    let found: Wrong | null = null;
    for (const records of this.spill.read()) {
      const standing = new Map<string, Buffer>();
      for (const record of records) {
        const key = record.toString('latin1', 0, DIGEST);
        const stands = standing.get(key) ?? NEVER;
        if (!stands.equals(record.subarray(DIGEST, 2 * DIGEST))) {
          const revision = record.readUIntBE(3 * DIGEST, 6);
          found = earlier(found, new Wrong(revision, `${what} was not before it as it says`));
        }
        standing.set(key, record.subarray(2 * DIGEST, 3 * DIGEST));
      }
    }
    return found;
  }

  close(): void {
    this.spill.close();
  }
}

export { earlier };
