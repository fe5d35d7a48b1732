/** What seals an exported book (`docs/export-format.md`): the chain of its hashes and the tree over them, of the whole file. */
import { BookFile } from './book-file.js';
import { Chain } from './chain.js';
import { eventLine } from './envelope.js';
import { Wrong } from './wrong.js';

/** What a checkpoint that was published before says. */
export interface PublishedTree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Can be told from one thread to another. */
export interface Seals {
  readonly events: number;
  /** Hex. */
  readonly headHash: string;
  readonly root: Uint8Array;
  /** The first event that is written or sealed wrongly; what is above is of the events before it. */
  readonly wrong: { readonly revision: number | null; readonly what: string } | null;
}

const followLines = (file: BookFile, chain: Chain, published: PublishedTree | null): void => {
  const lines = file.lines();
  lines.next();
  for (const { bytes } of lines) {
    const line = eventLine(bytes);
    if (line === null) return;
    chain.take(line);
    if (published === null || chain.tree.size !== published.size || chain.tree.root().equals(published.root)) continue;
    const what = `the ${published.size} events up to it are not those of the checkpoint that was published`;
    throw new Wrong(chain.revision, what);
  }
};

/** Reads the events after an open book's header up to the first line that is none. Throws what reading a file throws. */
export const readSeals = (descriptor: number, published: PublishedTree | null): Seals => {
  const file = new BookFile(descriptor);
  const chain = new Chain();
  let wrong: Seals['wrong'] = null;
  try {
    followLines(file, chain, published);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    wrong = { revision: error.revision, what: error.what };
  }
  return { events: chain.tree.size, headHash: chain.hash, root: chain.tree.root(), wrong };
};
