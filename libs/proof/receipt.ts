/** A receipt: that one event is in a stream, shown without the others (`docs/export-format.md`). */
import { chainedHash, readCanonical } from './envelope.js';
import { openCheckpoint, originOf, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { leafHash, rootOfInclusion } from './merkle.js';
import { NotABook } from './not-a-book.js';
import { Contradiction, Wrong } from './wrong.js';

export const RECEIPT_FORMAT = 'daybook.receipt/1';

export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT;
  readonly stream: string;
  readonly revision: number;
  /** The stored envelope. */
  readonly event: string;
  /** Hex. */
  readonly previous_hash: string;
  readonly hash: string;
  /** Base64, from the leaf up. */
  readonly inclusion: readonly string[];
  readonly checkpoint: { readonly note: string; readonly public_key: string };
}

export interface VerifiedReceipt {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** How many events the checkpoint is of, and the key that signed it. */
  readonly size: number;
  readonly key: string;
  /** How many events the checkpoint from outside is of, which has the same tree; null: none was given. */
  readonly publishedSize: number | null;
}

export interface ReceiptOptions {
  /** A verifier key that must have signed the receipt's checkpoint; without it, the one that the receipt itself names. */
  readonly key?: string | undefined;
  /** The text of a checkpoint that came from elsewhere: the receipt must lead to its root. Signed by the same key. */
  readonly published?: string | undefined;
}

/** No event is longer (`docs/export-format.md`). */
const LONGEST_EVENT = 1_100_000;

const HEX = /^[0-9a-f]{64}$/;

const receiptOf = (text: string): Receipt => {
  let parsed: Partial<Receipt> | null = null;
  try {
    parsed = JSON.parse(text) as Partial<Receipt> | null;
  } catch {
    // Said below.
  }
  const isOne =
    parsed?.format === RECEIPT_FORMAT &&
    typeof parsed.stream === 'string' &&
    Number.isSafeInteger(parsed.revision) &&
    typeof parsed.event === 'string' &&
    Buffer.byteLength(parsed.event) <= LONGEST_EVENT &&
    HEX.test(String(parsed.previous_hash)) &&
    Array.isArray(parsed.inclusion) &&
    parsed.inclusion.every((node) => typeof node === 'string') &&
    typeof parsed.checkpoint?.note === 'string' &&
    typeof parsed.checkpoint.public_key === 'string';
  if (!isOne) throw new NotABook('This is no receipt (daybook.receipt/1).');
  return parsed as Receipt;
};

/** Sees that a checkpoint from outside vouches for the tree that a receipt is of; answers of how many events it is. */
const checkPublished = (
  published: string,
  { origin, size, root }: Checkpoint,
  revision: number,
  { signer, isGiven }: { readonly signer: string; readonly isGiven: boolean },
): number => {
  const outside = readCheckpoint(published);
  if (outside === null) throw new NotABook('The published checkpoint is none.');
  if (outside.origin !== origin)
    throw new NotABook(`The published checkpoint is of ${outside.origin}, not of ${origin}.`);
  if (openCheckpoint(published, signer) === null) {
    if (isGiven) throw new NotABook('The published checkpoint is not signed by that key.');
    throw new Wrong(revision, `the receipt is signed by ${signer}, the published checkpoint is not`);
  }
  if (outside.size !== size) {
    throw new NotABook(
      `The published checkpoint is of ${outside.size} events, the receipt’s of ${size}: a receipt can’t show that one goes on ` +
        'from the other. Export the book, verify that with --checkpoint, and compare the hash of revision ' +
        `${revision} in it with the receipt’s.`,
    );
  }
  if (!outside.root.equals(root))
    throw new Wrong(revision, `the published checkpoint of ${size} events is of another tree than the receipt’s`);
  return outside.size;
};

/** The event that an envelope tells of. Throws `Wrong` where it is not written as events are. */
const eventOf = (open: Buffer, revision: number): { readonly revision: number; readonly type: string } => {
  try {
    return readCanonical(open);
  } catch (error) {
    throw error instanceof Contradiction ? new Wrong(revision, error.message) : error;
  }
};

/**
 * Verifies a receipt. Throws `Wrong` where it proves nothing, `NotABook` where it is no receipt, and where the checkpoint
 * from outside is none that it can be compared with.
 */
export const verifyReceipt = (text: string, { key, published }: ReceiptOptions = {}): VerifiedReceipt => {
  const receipt = receiptOf(text);
  const { stream, revision, event } = receipt;
  const signer = key ?? receipt.checkpoint.public_key;
  const checkpoint = openCheckpoint(receipt.checkpoint.note, signer);
  if (checkpoint === null) throw new Wrong(revision, `the checkpoint is not signed by ${signer}`);
  if (checkpoint.origin !== originOf(stream)) throw new Wrong(revision, `the checkpoint is of ${checkpoint.origin}`);
  const open = Buffer.from(event.slice(0, -1));
  const hash = chainedHash(receipt.previous_hash, open);
  if (!event.endsWith('}') || hash !== receipt.hash)
    throw new Wrong(revision, 'its hash does not follow from the event');
  const path = receipt.inclusion.map((node) => Buffer.from(node, 'base64'));
  const root = rootOfInclusion(revision, checkpoint.size, leafHash(Buffer.from(hash, 'hex')), path);
  if (root === null || !root.equals(checkpoint.root))
    throw new Wrong(revision, 'it is not in the tree of the checkpoint');
  const { revision: said, type } = eventOf(open, revision);
  if (said !== revision) throw new Wrong(revision, `the event says that it is revision ${said}`);
  const isGiven = key !== undefined;
  const publishedSize =
    published === undefined ? null : checkPublished(published, checkpoint, revision, { signer, isGiven });
  return { stream, revision, type, size: checkpoint.size, key: signer, publishedSize };
};
