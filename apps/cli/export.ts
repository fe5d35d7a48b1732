import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { loadAdminKey } from '#access/admin-key.js';
import { ledgerStream } from '#domain/codec.js';
import { isId } from '#domain/ids.js';
import type { EventStore } from '#event-store/event-store.js';
import { exportedLine } from '#event-store/exported-line.js';
import { checkpointKeyFile } from '#installation/installation.js';
import type { Configuration } from '#platform/configuration.js';
import { BookFile, FORMAT, headerOf, NO_HASH } from '#proof/book-file.js';
import { originOf, signCheckpoint, verifierKey } from '#proof/checkpoint.js';
import { chainedHash, eventLine } from '#proof/envelope.js';
import { GrowingTree } from '#proof/merkle.js';
import { UsedWrongly } from './outcome.js';
import { openBeside } from './opened.js';
import { progressOf, type Progress } from './progress.js';

export interface ExportArguments {
  readonly tenant: string;
  readonly out: string;
  readonly resume: boolean;
  readonly json: boolean;
}

const LINES_AT_ONCE = 1000;
const LINE_FEED = Buffer.from('\n');

const write = async (file: WriteStream, text: string | Buffer): Promise<void> => {
  if (!file.write(text)) await once(file, 'drain');
};

/** What of a book is written, and what its last line will say of it. */
class Draft {
  readonly tree = new GrowingTree();
  hash = NO_HASH;

  constructor(private readonly file: WriteStream) {}

  /** The events of an earlier export, as far as they are whole; throws where they are not what was exported. */
  async takeOver(path: string, stream: string, to: number): Promise<void> {
    const earlier = new BookFile(path);
    try {
      const lines = earlier.lines();
      const first = lines.next();
      const header = first.done === true ? null : headerOf(first.value.bytes);
      if (header?.stream !== stream) throw new UsedWrongly(`${path} is no export of ${stream}.`);
      let text: Buffer[] = [];
      for (const { bytes, ended } of lines) {
        const event = eventLine(bytes);
        // What was cut off is written again.
        if (event === null || !ended || this.tree.size > to) break;
        this.hash = chainedHash(this.hash, event.open);
        if (this.hash !== event.hash)
          throw new UsedWrongly(`${path} is not what was exported: revision ${this.tree.size} was changed.`);
        this.tree.push(Buffer.from(this.hash, 'hex'));
        text.push(Buffer.concat([bytes, LINE_FEED]));
        if (text.length < LINES_AT_ONCE) continue;
        await write(this.file, Buffer.concat(text));
        text = [];
      }
      await write(this.file, Buffer.concat(text));
    } finally {
      earlier.close();
    }
  }

  async append(store: EventStore, stream: string, to: number, bar: Progress): Promise<void> {
    if (this.tree.size > to) return;
    for await (const page of store.read(stream, this.tree.size)) {
      let text = '';
      for (const event of page) {
        // What is appended meanwhile belongs to the next export: the header has said where this one ends.
        if (event.revision > to) break;
        text += exportedLine(event);
        this.tree.push(event.hash);
        this.hash = Buffer.from(event.hash).toString('hex');
      }
      await write(this.file, text);
      bar.update(this.tree.size, to + 1);
      if (this.tree.size > to) break;
    }
  }

  /** Answers the verifier key of who signed. */
  async end(configuration: Configuration, stream: string): Promise<string> {
    const key = await loadAdminKey(checkpointKeyFile(configuration.dataDir));
    const origin = originOf(stream);
    const { size } = this.tree;
    const note = signCheckpoint({ origin, size, root: this.tree.root() }, key);
    const public_key = verifierKey(origin, key.public);
    const checkpoint = { note, public_key };
    this.file.end(`${JSON.stringify({ count: size, head_hash: this.hash, checkpoint })}\n`);
    await once(this.file, 'finish');
    return public_key;
  }
}

/** Where an earlier export ends, the store must go on from the same event. */
const checkContinues = async (store: EventStore, stream: string, { tree, hash }: Draft): Promise<void> => {
  if (tree.size === 0) return;
  for await (const page of store.read(stream, tree.size - 1, 1)) {
    const [event] = page;
    if (event !== undefined && Buffer.from(event.hash).toString('hex') === hash) return;
    break;
  }
  throw new UsedWrongly(
    `The stream has another event at revision ${tree.size - 1} than what was exported. Verify both.`,
  );
};

/** The earlier export that `resume` goes on with: the whole one, else what an interrupted one left. */
const earlierOf = ({ out, resume }: ExportArguments): string | null => {
  if (!resume) return null;
  return [out, `${out}.part`].find((file) => existsSync(file)) ?? null;
};

/** What was written: for people on standard error, where the bar is; as an object on standard output. */
const tell = ({ tenant, out, json }: ExportArguments, { tree: { size }, hash }: Draft, key: string): void => {
  if (json) {
    const told = { exported: out, tenant_id: tenant, revision: size - 1, events: size, head_hash: hash, key };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return;
  }
  process.stderr.write(`${out}: ${size} events of ${tenant}, up to revision ${size - 1}\nhead ${hash}\nkey  ${key}\n`);
};

/**
 * Writes a tenant's stream up to where it stands now. The file appears under its name only when it is whole; until then it is
 * `<out>.part`, which stays where the export is interrupted and is gone on with by `resume`.
 */
export const exportStream = async (configuration: Configuration, options: ExportArguments): Promise<void> => {
  if (!isId('tenant', options.tenant)) throw new UsedWrongly(`${options.tenant} is no tenant's id (tnt_…).`);
  const opened = await openBeside(configuration);
  const bar = progressOf('export', options.json);
  const working = `${options.out}.${process.pid}.part`;
  try {
    const stream = ledgerStream(options.tenant);
    const head = await opened.store.head(stream);
    if (head === null) throw new UsedWrongly(`There is no tenant ${options.tenant}.`);
    const file = createWriteStream(working, { mode: 0o600 });
    await once(file, 'open').catch((error: NodeJS.ErrnoException) => {
      throw new UsedWrongly(`${options.out} can't be written (${error.code ?? error.message}).`);
    });
    const header = {
      format: FORMAT,
      tenant_id: options.tenant,
      stream,
      from_revision: 0,
      to_revision: head.revision,
      previous_hash: NO_HASH,
    };
    await write(file, `${JSON.stringify(header)}\n`);
    const draft = new Draft(file);
    const earlier = earlierOf(options);
    if (earlier !== null) await draft.takeOver(earlier, stream, head.revision);
    await checkContinues(opened.store, stream, draft);
    renameSync(working, `${options.out}.part`);
    await draft.append(opened.store, stream, head.revision, bar);
    const key = await draft.end(configuration, stream);
    renameSync(`${options.out}.part`, options.out);
    bar.end();
    tell(options, draft, key);
  } finally {
    bar.end();
    rmSync(working, { force: true });
    await opened.close();
  }
};
