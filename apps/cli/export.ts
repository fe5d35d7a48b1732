import { sign } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync, type WriteStream } from 'node:fs';
import { loadAdminKey } from '#access/admin-key.js';
import { ledgerStream } from '#domain/codec.js';
import { isId } from '#domain/ids.js';
import { canonicalJson } from '#domain/canonical.js';
import type { EventStore } from '#event-store/event-store.js';
import { exportedLine } from '#event-store/exported-line.js';
import { join } from 'node:path';
import type { Configuration } from '#platform/configuration.js';
import { UsedWrongly } from './outcome.js';
import { openBeside } from './opened.js';
import { progressOf, type Progress } from './progress.js';

const NO_HASH = '0'.repeat(64);

const write = async (file: WriteStream, text: string): Promise<void> => {
  if (!file.write(text)) await once(file, 'drain');
};

interface Written {
  readonly count: number;
  readonly headHash: string;
}

const writeEvents = async (
  store: EventStore,
  stream: string,
  to: number,
  file: WriteStream,
  bar: Progress,
): Promise<Written> => {
  let count = 0;
  let headHash = NO_HASH;
  for await (const page of store.read(stream, 0)) {
    let text = '';
    for (const event of page) {
      // What is appended meanwhile belongs to the next export: the header has said where this one ends.
      if (event.revision > to) break;
      text += exportedLine(event);
      headHash = Buffer.from(event.hash).toString('hex');
      count++;
    }
    await write(file, text);
    bar.update(count, to + 1);
    if (count > to) break;
  }
  return { count, headHash };
};

/** What the installation signs: where the stream stood. Ed25519 over the canonical JSON of `statement`. */
const checkpointOf = async (
  configuration: Configuration,
  stream: string,
  { count, headHash }: Written,
): Promise<object> => {
  const key = await loadAdminKey(join(configuration.dataDir, 'keys', 'checkpoint.pem'));
  const statement = { stream, revision: count - 1, head_hash: headHash };
  const signature = sign(null, Buffer.from(canonicalJson(statement)), key.private).toString('base64');
  const publicKey = key.public.export({ type: 'spki', format: 'der' }).toString('base64');
  return { statement, algorithm: 'Ed25519', public_key: publicKey, signature };
};

/** Writes a tenant's stream up to where it stands now. The file appears under its name only when it is whole. */
export const exportStream = async (
  configuration: Configuration,
  options: { readonly tenant: string; readonly out: string; readonly json: boolean },
): Promise<void> => {
  if (!isId('tenant', options.tenant)) throw new UsedWrongly(`${options.tenant} is no tenant's id (tnt_…).`);
  const opened = await openBeside(configuration);
  const draft = `${options.out}.${process.pid}.part`;
  const bar = progressOf('export', options.json);
  try {
    const stream = ledgerStream(options.tenant);
    const head = await opened.store.head(stream);
    if (head === null) throw new UsedWrongly(`There is no tenant ${options.tenant}.`);
    const file = createWriteStream(draft, { mode: 0o600 });
    await once(file, 'open').catch((error: NodeJS.ErrnoException) => {
      throw new UsedWrongly(`${options.out} can't be written (${error.code ?? error.message}).`);
    });
    const header = {
      format: 'daybook.export/1',
      tenant_id: options.tenant,
      stream,
      from_revision: 0,
      to_revision: head.revision,
      previous_hash: NO_HASH,
    };
    await write(file, `${JSON.stringify(header)}\n`);
    const written = await writeEvents(opened.store, stream, head.revision, file, bar);
    const checkpoint = await checkpointOf(configuration, stream, written);
    file.end(`${JSON.stringify({ count: written.count, head_hash: written.headHash, checkpoint })}\n`);
    await once(file, 'finish');
    renameSync(draft, options.out);
  } finally {
    bar.end();
    rmSync(draft, { force: true });
    await opened.close();
  }
};
