/** A receipt: that one event is in a stream, shown without the others (`docs/export-format.md`). */
import { chainedHash, readCanonical } from './envelope.js';
import { openCheckpoint, originOf } from './checkpoint.js';
import { leafHash, rootOfInclusion } from './merkle.js';
import { NotABook } from './not-a-book.js';
import { Wrong } from './wrong.js';

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
}

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
    HEX.test(String(parsed.previous_hash)) &&
    Array.isArray(parsed.inclusion) &&
    parsed.inclusion.every((node) => typeof node === 'string') &&
    typeof parsed.checkpoint?.note === 'string' &&
    typeof parsed.checkpoint.public_key === 'string';
  if (!isOne) throw new NotABook('This is no receipt (daybook.receipt/1).');
  return parsed as Receipt;
};

/**
 * Verifies a receipt; `key` is the verifier key that its checkpoint must be signed by, without it the one that it names.
 * Throws `Wrong` where it proves nothing, `NotABook` where it is no receipt.
 */
export const verifyReceipt = (text: string, key?: string): VerifiedReceipt => {
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
  const { revision: said, type } = readCanonical(open);
  if (said !== revision) throw new Wrong(revision, `the event says that it is revision ${said}`);
  return { stream, revision, type, size: checkpoint.size, key: signer };
};
