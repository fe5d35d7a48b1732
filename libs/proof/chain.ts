/**
 * Verifies how a stream is written and what seals it, event by event: the canonical form, the chain of hashes, the Merkle tree
 * over them. What the events say is `verifier.ts`'s: neither needs the other, so they run side by side.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { NO_HASH } from './book-file.js';
import { isSurelyCanonical } from './canonical-bytes.js';
import { checkCanonical, readEvent, type EventLine } from './envelope.js';
import { GrowingTree } from './merkle.js';
import { must, Wrong } from './wrong.js';

const HASH_BYTES = 32;
const LAST_BRACE = 0x7d;

export class Chain {
  readonly tree = new GrowingTree();
  /** Hex, of the last event. */
  hash = NO_HASH;
  /** The hash before, then the envelope: what is hashed. */
  private input = Buffer.alloc(2 ** 16);

  get revision(): number {
    return this.tree.size - 1;
  }

  /** Takes the next event; throws `Wrong` naming its revision. */
  take({ open, hash: stated }: EventLine): void {
    const revision = this.tree.size;
    const end = HASH_BYTES + open.length;
    if (end >= this.input.length) this.input = Buffer.concat([this.input], 2 * end);
    this.input.set(open, HASH_BYTES);
    this.input[end] = LAST_BRACE;
    try {
      const envelope = this.input.subarray(HASH_BYTES, end + 1);
      if (!isUtf8(envelope) || !isSurelyCanonical(envelope)) checkCanonical(open);
      const due = hash('sha256', this.input.subarray(0, end + 1), 'hex');
      if (due !== stated) this.tellWhy(open);
      this.input.write(stated, 0, 'hex');
      this.tree.push(this.input.subarray(0, HASH_BYTES));
      this.hash = stated;
    } catch (error) {
      throw new Wrong(revision, (error as Error).message);
    }
  }

  /** A line that is missing is told as that, not as the hash that does not follow because of it. */
  private tellWhy(open: Buffer): void {
    const { revision } = readEvent(open);
    must(revision === this.tree.size, () => `the file goes on with revision ${String(revision)}`);
    must(false, () => 'its hash does not follow from the one before');
  }
}
