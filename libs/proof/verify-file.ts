/** Verifies an exported file: `docs/export-format.md` says what a true one is. */
import { ledgerStream, tenantOfStream } from '#domain/codec.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { BookFile, footerOf, headerOf, NO_HASH, type Footer, type Header, type Line } from './book-file.js';
import { openCheckpoint, originOf, readCheckpoint, type Checkpoint } from './checkpoint.js';
import { NotABook } from './not-a-book.js';
import { eventLine, readCanonical } from './envelope.js';
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

class Verification {
  readonly verifier: Verifier;
  private footer: Footer | null = null;
  private readonly published: Checkpoint | null;

  constructor(
    private readonly file: BookFile,
    private readonly header: Header,
    private readonly options: VerifyOptions,
  ) {
    this.verifier = new Verifier(header.tenant_id, header.previous_hash, (revision) => this.eventAt(revision));
    this.published = this.publishedCheckpoint();
  }

  run(lines: Iterable<Line>): void {
    for (const line of lines) {
      const { revision } = this.verifier;
      if (this.footer !== null) throw new Wrong(null, 'there is more after the last line');
      const event = eventLine(line.bytes);
      if (event === null) this.footer = this.footerAt(line);
      else {
        this.file.note(revision + 1, line.at);
        this.verifier.take(event);
        this.checkPublished();
      }
      if (revision % PROGRESS_EVERY === 0) this.options.onProgress?.(line.at, this.file.bytes);
    }
    this.options.onProgress?.(this.file.bytes, this.file.bytes);
    this.checkEnd();
  }

  /** `run` must have ended without a throw. */
  report(): VerifiedBook {
    const { verifier, header } = this;
    return {
      tenantId: header.tenant_id,
      revision: verifier.revision,
      headHash: verifier.hash,
      root: verifier.tree.root().toString('base64'),
      key: this.footer!.checkpoint.public_key,
      publishedSize: this.published?.size ?? null,
      accounts: verifier.standing.accounts.size,
      trialBalance: verifier.trialBalance(),
    };
  }

  private eventAt(revision: number): LedgerEvent | null {
    const bytes = this.file.eventAt(revision);
    const line = bytes === null ? null : eventLine(bytes);
    return line === null ? null : readCanonical(line.open);
  }

  private footerAt({ bytes, ended }: Line): Footer {
    const footer = footerOf(bytes);
    if (footer === null) {
      const next = this.verifier.revision + 1;
      throw new Wrong(next, ended ? 'its line is no event' : 'its line is cut off');
    }
    return footer;
  }

  private publishedCheckpoint(): Checkpoint | null {
    const { published, key } = this.options;
    if (published === undefined) return null;
    const checkpoint = key === undefined ? readCheckpoint(published) : openCheckpoint(published, key);
    if (checkpoint === null) {
      throw new NotABook(
        key === undefined ? 'The published checkpoint is none.' : 'The published checkpoint is not signed by that key.',
      );
    }
    if (checkpoint.origin !== originOf(this.header.stream)) {
      throw new NotABook(
        `The published checkpoint is of ${checkpoint.origin}, not of ${originOf(this.header.stream)}.`,
      );
    }
    return checkpoint;
  }

  private checkPublished(): void {
    const { published } = this;
    const { tree, revision } = this.verifier;
    if (published === null || tree.size !== published.size || tree.root().equals(published.root)) return;
    throw new Wrong(revision, `the ${tree.size} events up to it are not those of the checkpoint that was published`);
  }

  private checkEnd(): void {
    const { verifier, header, footer, published } = this;
    const { revision, hash, tree } = verifier;
    const events = revision + 1;
    if (footer === null) throw new Wrong(events, `the file breaks off before it: it has no last line`);
    if (header.to_revision !== revision)
      throw new Wrong(events, `it is missing: the header says that the book goes up to revision ${header.to_revision}`);
    if (footer.count !== events)
      throw new Wrong(events, `the last line speaks of ${footer.count} events, there are ${events}`);
    if (footer.head_hash !== hash) throw new Wrong(revision, 'it is not the head that the last line names');
    if (published !== null && published.size > events)
      throw new Wrong(events, `it is missing: a checkpoint was published of ${published.size} events`);
    const key = this.options.key ?? footer.checkpoint.public_key;
    const checkpoint = openCheckpoint(footer.checkpoint.note, key);
    if (checkpoint === null) throw new Wrong(null, `the checkpoint is not signed by ${key}`);
    const isOfThis =
      checkpoint.origin === originOf(header.stream) &&
      checkpoint.size === events &&
      checkpoint.root.equals(tree.root());
    if (!isOfThis) throw new Wrong(revision, 'the checkpoint is of another book than the one up to it');
  }
}

/**
 * Verifies a whole exported book. Throws `Wrong` with the first revision that is wrong, `NotABook` where the file is none,
 * and what reading a file throws.
 */
export const verifyFile = (path: string, options: VerifyOptions = {}): VerifiedBook => {
  const file = new BookFile(path);
  try {
    const lines = file.lines();
    const first = lines.next();
    const verification = new Verification(file, readHeader(first.done === true ? undefined : first.value), options);
    let found: Wrong | null = null;
    try {
      verification.run(lines);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      found = error;
    }
    const wrong = verification.verifier.conclude(found);
    verification.verifier.close();
    if (wrong !== null) throw wrong;
    return verification.report();
  } finally {
    file.close();
  }
};
