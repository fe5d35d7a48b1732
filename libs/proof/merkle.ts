/** The Merkle tree of RFC 6962 over the hashes of a tenant's events: leaf n is the 32 bytes of the hash of revision n. */
import { hash } from 'node:crypto';

const HASH = 32;
const sha256 = (bytes: Buffer): Buffer => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');

const leafInput = Buffer.alloc(1 + HASH);
const nodeInput = Buffer.alloc(1 + 2 * HASH, 1);

/** SHA-256(0x00 ‖ the event's hash). */
export const leafHash = (eventHash: Uint8Array): Buffer => {
  leafInput.set(eventHash, 1);
  return sha256(leafInput);
};

/** SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH);
  return sha256(nodeInput);
};

const EMPTY_ROOT = sha256(Buffer.alloc(0));

/** A tree that only grows. It keeps the roots of its full subtrees, largest first: as many as its size has binary ones. */
export class GrowingTree {
  private readonly peaks: Buffer[];
  #size: number;

  /** `peaks`: what `peaks` of a tree of that size said. */
  constructor(size = 0, peaks: readonly Buffer[] = []) {
    this.#size = size;
    this.peaks = [...peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** Takes in the hash of the next event. */
  push(eventHash: Uint8Array): void {
    let node = leafHash(eventHash);
    for (let full = this.#size; full % 2 === 1; full = Math.floor(full / 2)) node = nodeHash(this.peaks.pop()!, node);
    this.peaks.push(node);
    this.#size++;
  }

  root(): Buffer {
    return rootOfPeaks(this.peaks);
  }
}

/** The root over full subtrees that stand side by side, largest first. */
export const rootOfPeaks = (peaks: readonly Buffer[]): Buffer => {
  let root = peaks.at(-1) ?? EMPTY_ROOT;
  for (let i = peaks.length - 2; i >= 0; i--) root = nodeHash(peaks[i]!, root);
  return root;
};

/** The full subtrees that make up a tree of this size, largest first: of 2^height leaves each, the n-th of its height. */
export const fullSubtrees = (from: number, size: number): { readonly height: number; readonly n: number }[] => {
  const found: { height: number; n: number }[] = [];
  let [at, left] = [from, size];
  while (left > 0) {
    const height = Math.floor(Math.log2(left));
    const leaves = 2 ** height;
    found.push({ height, n: at / leaves });
    at += leaves;
    left -= leaves;
  }
  return found;
};

/** How many leaves stand on the left side of a tree of this size, above one: the largest power of two below it. */
const leftLeaves = (size: number): number => {
  let leaves = 1;
  while (leaves * 2 < size) leaves *= 2;
  return leaves;
};

/**
 * The subtrees whose roots prove that leaf `index` is in a tree of `size` leaves, from the leaf up: each as where it begins
 * and how many leaves it has.
 */
export const inclusionPath = (index: number, size: number): { readonly from: number; readonly leaves: number }[] => {
  const path: { from: number; leaves: number }[] = [];
  let [from, leaves] = [0, size];
  while (leaves > 1) {
    const left = leftLeaves(leaves);
    if (index < from + left) {
      path.push({ from: from + left, leaves: leaves - left });
      leaves = left;
    } else {
      path.push({ from, leaves: left });
      from += left;
      leaves -= left;
    }
  }
  return path.reverse();
};

/** The root that a leaf and the roots on its path come to; null where the path has another length than it must have. */
export const rootOfInclusion = (index: number, size: number, leaf: Buffer, path: readonly Buffer[]): Buffer | null => {
  const steps = inclusionPath(index, size);
  if (!(index >= 0 && index < size) || steps.length !== path.length) return null;
  return steps.reduce(
    (node, { from }, i) => (from > index ? nodeHash(node, path[i]!) : nodeHash(path[i]!, node)),
    leaf,
  );
};
