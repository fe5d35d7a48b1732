/** The Merkle tree of a stream that is read from where it is stored, and kept up event by event. */

import { fullSubtrees, inclusionPath, leafHash, nodeHash, rootOfPeaks } from './merkle.js';

const BLOCK_HEIGHT = 8;
/** Leaves of a subtree whose root is kept. What is smaller is made again from the events' hashes. */
export const BLOCK = 2 ** BLOCK_HEIGHT;
const HASH = 32;

/** Hashes of the events from a revision on, at most so many. */
export type HashesFrom = (revision: number, count: number) => Promise<readonly Uint8Array[]>;

const rootOf = (nodes: readonly Buffer[]): Buffer => {
  let level = [...nodes];
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!));
    level = above;
  }
  return level[0]!;
};

/**
 * Of each 256 events one hash of 32 bytes: a million events take 128 KB. The leaves of a block that is not full, and of one that
 * a proof goes through, are read.
 */
export class StreamTree {
  private blocks = Buffer.alloc(0);
  private used = 0;
  private growing: Promise<void> = Promise.resolve();

  constructor(private readonly hashes: HashesFrom) {}

  /** Events in whose subtrees all is known. */
  get covered(): number {
    return (this.used / HASH) * BLOCK;
  }

  /** Takes in the full blocks of the first `size` events; asked twice at once it reads once. */
  async grow(size: number): Promise<void> {
    this.growing = this.growing.then(
      () => this.extend(size),
      () => this.extend(size),
    );
    await this.growing;
  }

  /** The root over the first `size` events, which must have been grown to. */
  async root(size: number): Promise<Buffer> {
    return (await this.subtree(0, size, new Map())) ?? Buffer.alloc(0);
  }

  /** The audit path of leaf `index` in the tree of `size` events, from the leaf up. */
  async inclusion(index: number, size: number): Promise<readonly Buffer[]> {
    const read = new Map<number, Promise<readonly Uint8Array[]>>();
    const path: Buffer[] = [];
    for (const { from, leaves } of inclusionPath(index, size)) path.push(await this.subtree(from, leaves, read));
    return path;
  }

  private async extend(size: number): Promise<void> {
    while (this.covered + BLOCK <= size) {
      const found = await this.hashes(this.covered, BLOCK);
      if (found.length < BLOCK) throw new Error(`the stream has fewer than ${this.covered + BLOCK} events`);
      this.push(rootOf(found.map(leafHash)));
    }
  }

  private push(root: Buffer): void {
    if (this.used === this.blocks.length) {
      const larger = Buffer.alloc(Math.max(64 * HASH, this.blocks.length * 2));
      this.blocks.copy(larger, 0, 0, this.used);
      this.blocks = larger;
    }
    root.copy(this.blocks, this.used);
    this.used += HASH;
  }

  private async subtree(
    from: number,
    leaves: number,
    read: Map<number, Promise<readonly Uint8Array[]>>,
  ): Promise<Buffer> {
    const peaks: Buffer[] = [];
    for (const { height, n } of fullSubtrees(from, leaves)) {
      peaks.push(height >= BLOCK_HEIGHT ? this.ofBlocks(height, n) : await this.ofLeaves(height, n, read));
    }
    return rootOfPeaks(peaks);
  }

  private ofBlocks(height: number, n: number): Buffer {
    const count = 2 ** (height - BLOCK_HEIGHT);
    const nodes = Array.from({ length: count }, (_, i) => {
      const at = (n * count + i) * HASH;
      return this.blocks.subarray(at, at + HASH);
    });
    return Buffer.from(rootOf(nodes));
  }

  private async ofLeaves(
    height: number,
    n: number,
    read: Map<number, Promise<readonly Uint8Array[]>>,
  ): Promise<Buffer> {
    const first = n * 2 ** height;
    const block = Math.floor(first / BLOCK) * BLOCK;
    let hashes = read.get(block);
    if (hashes === undefined) read.set(block, (hashes = this.hashes(block, BLOCK)));
    const leaves = (await hashes).slice(first - block, first - block + 2 ** height);
    return rootOf(leaves.map(leafHash));
  }
}
