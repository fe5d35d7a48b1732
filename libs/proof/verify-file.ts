/**
 * Verifies an exported file: `docs/export-format.md` says what a true one is. Two readers go over it side by side, each from
 * the beginning and each with all that it needs: one of what seals it, one of what it says.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ledgerStream, tenantOfStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { BookFile, footerOf, headerOf, NO_HASH, type Footer, type Header, type Line } from './book-file.js';
import { openCheckpoint, originOf, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { NotABook } from './not-a-book.js';
import { openLength, readCanonical } from './envelope.js';
import { digestOfMonth, type MonthDigest } from './month-figures.js';
import { readSeals, type PublishedTree, type Seals } from './seals.js';
import { earlier } from './uniqueness.js';
import { Verifier, type TrialBalanceLine } from './verifier.js';
import { Wrong } from './wrong.js';

export interface VerifyOptions {
  /** A verifier key that the file's checkpoint must be signed by; without it, by the one that the file itself names. */
  readonly key?: string | undefined;
  /** The text of a checkpoint that was published before: the book must be a continuation of what it says. */
  readonly published?: string | undefined;
  readonly onProgress?: ((bytes: number, ofBytes: number) => void) | undefined;
}

export interface VerifiedBook {
  readonly tenantId: string;
  readonly revision: number;
  readonly headHash: string;
  /** Base64: the root of the Merkle tree over the hashes of all events. */
  readonly root: string;
  /** The verifier key that signed its checkpoint. */
  readonly key: string;
  /** Up to how many events a checkpoint that was published before vouches for it; null: none was given. */
  readonly publishedSize: number | null;
  readonly accounts: number;
  readonly trialBalance: readonly TrialBalanceLine[];
  /** Months that it closes, with what their reports' digests must be. */
  readonly months: readonly MonthDigest[];
}

const readHeader = (line: Line | undefined): Header => {
  const header = line === undefined ? null : headerOf(line.bytes);
  if (header === null) throw new NotABook('This is no export of a ledger (daybook.export/1).');
  if (header.from_revision !== 0) {
    throw new NotABook(`It begins at revision ${header.from_revision}: what came before is needed to verify it.`);
  }
  if (header.previous_hash !== NO_HASH)
    throw new Wrong(null, 'the header names a hash before the first event, where there is none');
  if (tenantOfStream(header.stream) !== header.tenant_id || header.stream !== ledgerStream(header.tenant_id)) {
    throw new Wrong(null, `the header names the stream ${header.stream} of another tenant than ${header.tenant_id}`);
  }
  return header;
};

const PROGRESS_EVERY = 5000;

const publishedOf = ({ published, key }: VerifyOptions, { stream }: Header): Checkpoint | null => {
  if (published === undefined) return null;
  const checkpoint = key === undefined ? readCheckpoint(published) : openCheckpoint(published, key);
  if (checkpoint === null) {
    throw new NotABook(
      key === undefined ? 'The published checkpoint is none.' : 'The published checkpoint is not signed by that key.',
    );
  }
  if (checkpoint.origin !== originOf(stream))
    throw new NotABook(`The published checkpoint is of ${checkpoint.origin}, not of ${originOf(stream)}.`);
  return checkpoint;
};

/** What an exported book says. */
class Contents {
  readonly verifier: Verifier;
  footer: Footer | null = null;

  constructor(
    private readonly file: BookFile,
    { tenant_id }: Header,
    private readonly onProgress: VerifyOptions['onProgress'],
  ) {
    this.verifier = new Verifier(tenant_id, (revision) => this.eventAt(revision));
  }

  /** Follows the lines after the header; answers the first thing that is wrong. */
  follow(lines: Iterable<Line>): Wrong | null {
    try {
      for (const line of lines) this.take(line);
    } catch (error) {
      if (error instanceof Wrong) return error;
      throw error;
    }
    this.onProgress?.(this.file.bytes, this.file.bytes);
    return null;
  }

  private take(line: Line): void {
    const { verifier, file } = this;
    const revision = verifier.revision + 1;
    if (this.footer !== null) throw new Wrong(null, 'there is more after the last line');
    const length = openLength(line.bytes);
    if (length === null) this.footer = this.footerAt(line);
    else {
      file.note(revision, line.at);
      verifier.take(line.bytes, length);
    }
    if (revision % PROGRESS_EVERY === 0) this.onProgress?.(line.at, file.bytes);
  }

  /** Whoever asks knows that the whole book is true. */
  months(): MonthDigest[] {
    return this.verifier.months.map((facts) => {
      const { month, revision } = facts;
      const { hash } = JSON.parse(String(this.file.eventAt(revision))) as { readonly hash: string };
      return { month, revision, sha256: digestOfMonth({ ...facts, head_hash: hash }) };
    });
  }

  private eventAt(revision: number): LedgerEvent | null {
    const bytes = this.file.eventAt(revision);
    const length = bytes === null ? null : openLength(bytes);
    return bytes === null || length === null ? null : readCanonical(bytes.subarray(0, length));
  }

  private footerAt({ bytes, ended }: Line): Footer {
    const footer = footerOf(bytes);
    if (footer === null) {
      const next = this.verifier.revision + 1;
      throw new Wrong(next, ended ? 'its line is no event' : 'its line is cut off');
    }
    return footer;
  }
}

/** A book that is smaller is sealed before a thread has started. */
const WORTH_A_THREAD = 8 * 2 ** 20;

interface SealsReader {
  readonly seals: () => Promise<Seals>;
  readonly close: () => Promise<unknown>;
}

const sealsReader = ({ descriptor, bytes }: BookFile, published: PublishedTree | null): SealsReader => {
  if (bytes < WORTH_A_THREAD)
    return { seals: () => Promise.resolve(readSeals(descriptor, published)), close: () => Promise.resolve() };
  const worker = new Worker(new URL('./seals-thread.js', import.meta.url), { workerData: { descriptor, published } });
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the thread that reads what seals the book ended before it told');
  });
  const told = Promise.race([once(worker, 'message') as Promise<[Seals]>, ended]);
  // Asked for at the end; until then nobody looks whether it failed.
  told.catch(() => undefined);
  return { seals: async () => (await told)[0], close: () => worker.terminate() };
};

/** What the last line and the checkpoint in it say of the whole. */
const checkEnd = (
  { verifier: { revision }, footer }: Contents,
  { headHash, root }: Seals,
  header: Header,
  published: Checkpoint | null,
  given: string | undefined,
): void => {
  const events = revision + 1;
  if (footer === null) throw new Wrong(events, `the file breaks off before it: it has no last line`);
  if (header.to_revision !== revision)
    throw new Wrong(events, `it is missing: the header says that the book goes up to revision ${header.to_revision}`);
  if (footer.count !== events)
    throw new Wrong(events, `the last line speaks of ${footer.count} events, there are ${events}`);
  if (footer.head_hash !== headHash) throw new Wrong(revision, 'it is not the head that the last line names');
  if (published !== null && published.size > events)
    throw new Wrong(events, `it is missing: a checkpoint was published of ${published.size} events`);
  const key = given ?? footer.checkpoint.public_key;
  const checkpoint = openCheckpoint(footer.checkpoint.note, key);
  if (checkpoint === null) throw new Wrong(null, `the checkpoint is not signed by ${key}`);
  const isOfThis =
    checkpoint.origin === originOf(header.stream) && checkpoint.size === events && checkpoint.root.equals(root);
  if (!isOfThis) throw new Wrong(revision, 'the checkpoint is of another book than the one up to it');
};

const endOf = (...end: Parameters<typeof checkEnd>): Wrong | null => {
  try {
    checkEnd(...end);
    return null;
  } catch (error) {
    if (error instanceof Wrong) return error;
    throw error;
  }
};

const verifyOpen = async (file: BookFile, options: VerifyOptions): Promise<VerifiedBook> => {
  const lines = file.lines();
  const first = lines.next();
  const header = readHeader(first.done === true ? undefined : first.value);
  const published = publishedOf(options, header);
  const reader = sealsReader(file, published);
  const contents = new Contents(file, header, options.onProgress);
  const { verifier } = contents;
  try {
    const said = contents.follow(lines);
    const seals = await reader.seals();
    if (!file.isUnchanged()) throw new NotABook('Somebody wrote to it while it was verified. Verify it again.');
    const sealed = seals.wrong === null ? null : new Wrong(seals.wrong.revision, seals.wrong.what);
    // Where both are of one event, how it is written is told before what it says.
    const found = earlier(sealed, said) ?? endOf(contents, seals, header, published, options.key);
    const wrong = verifier.conclude(found);
    if (wrong !== null) throw wrong;
    return {
      tenantId: header.tenant_id,
      revision: verifier.revision,
      headHash: seals.headHash,
      root: Buffer.from(seals.root).toString('base64'),
      key: contents.footer!.checkpoint.public_key,
      publishedSize: published?.size ?? null,
      accounts: verifier.standing.accounts.size,
      trialBalance: verifier.trialBalance(),
      months: contents.months(),
    };
  } finally {
    verifier.close();
    await reader.close();
  }
};

/**
 * Verifies a whole exported book. Throws `Wrong` with the first revision that is wrong, `NotABook` where the file is none,
 * and what reading a file throws.
 */
export const verifyFile = async (path: string, options: VerifyOptions = {}): Promise<VerifiedBook> => {
  const file = new BookFile(path);
  try {
    return await verifyOpen(file, options);
  } finally {
    file.close();
  }
};
