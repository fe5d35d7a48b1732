import pg from 'pg';
import type { LedgerEvent } from '#domain/ledger.js';
import type { TenantFacts } from '#domain/tenants/tenants.js';
import { adoptTenant, registeredTenants, type Registered } from '#engine/adopt-tenant.js';
import { appendBytes } from '#event-store/check-appends.js';
import { MAX_APPEND_BYTES, type EventStore, type NewEvent } from '#event-store/event-store.js';
import type { Configuration } from '#platform/configuration.js';
import { BookFile, NO_HASH } from '#proof/book-file.js';
import { eventLine, readCanonical } from '#proof/envelope.js';
import { NotABook } from '#proof/not-a-book.js';
import { verifyFile, type VerifiedBook } from '#proof/verify-file.js';
import { Wrong } from '#proof/wrong.js';
import { ledgerStream } from '#domain/codec.js';
import { MasterKeys } from '#vault/master-key.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { FoundWrong, UsedWrongly } from './outcome.js';
import { openBeside, type Opened } from './opened.js';
import { progressOf, type Progress } from './progress.js';
import { readable } from './verify.js';

export interface ImportArguments {
  readonly key?: string;
  /** The live tenant whose sandbox it is. */
  readonly twinOf?: string;
  readonly json: boolean;
}

const MOST_EVENTS = 500;

/** What is not true is not taken in. */
const verified = async (file: string, key: string | undefined, bar: Progress): Promise<VerifiedBook> => {
  try {
    return await readable(file, () => verifyFile(file, { key, onProgress: bar.update }));
  } catch (error) {
    if (error instanceof NotABook) throw new UsedWrongly(error.message);
    if (error instanceof Wrong) throw new FoundWrong(`${file}: ${error.message}; nothing was imported`);
    throw error;
  }
};

interface Stored {
  readonly event: LedgerEvent;
  readonly stored: NewEvent;
}

function* eventsOf(file: BookFile): Generator<Stored> {
  const lines = file.lines();
  lines.next();
  for (const { bytes } of lines) {
    const line = eventLine(bytes);
    if (line === null) return;
    const event = readCanonical(line.open);
    const payload = Buffer.concat([line.open, Buffer.from('}')]);
    yield { event, stored: { id: event.id, type: event.type, payload, hash: Buffer.from(line.hash, 'hex') } };
  }
}

/** Appends what a stream does not have yet, as it was: the same revisions, ids, bytes and hashes. */
const append = async (store: EventStore, book: VerifiedBook, file: BookFile, bar: Progress): Promise<void> => {
  const stream = ledgerStream(book.tenantId);
  const head = await store.head(stream);
  let expected = head?.revision ?? -1;
  let hash: Uint8Array = head?.hash ?? Buffer.from(NO_HASH, 'hex');
  let batch: NewEvent[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const [result] = await store.append([{ stream, expectedRevision: expected, expectedHash: hash, events: batch }]);
    if (result?.outcome !== 'appended') throw new FoundWrong(`${stream} was written by somebody else meanwhile.`);
    expected += batch.length;
    hash = batch.at(-1)!.hash;
    bar.update(expected + 1, book.revision + 1);
    batch = [];
    bytes = 0;
  };
  for (const { event, stored } of eventsOf(file)) {
    if (event.revision < (head?.revision ?? -1)) continue;
    if (event.revision === head?.revision) {
      if (Buffer.compare(stored.hash, head.hash) !== 0) throw new UsedWrongly(`${stream} exists, and is another one.`);
      continue;
    }
    if (bytes + appendBytes(stored) > MAX_APPEND_BYTES || batch.length === MOST_EVENTS) await flush();
    batch.push(stored);
    bytes += appendBytes(stored);
  }
  await flush();
};

/** Nothing that is imported is told to webhooks: they begin behind it (DECISIONS 8). */
const PAUSE = `INSERT INTO daybook.webhook_pauses (tenant_id, from_revision, until_revision) VALUES ($1, -1, $2)
  ON CONFLICT (tenant_id, from_revision) DO UPDATE SET until_revision = EXCLUDED.until_revision`;

const CLOCK = { now: Date.now };

/** The first event of a book, which makes its tenant. */
const tenantOf = (path: string): TenantFacts => {
  const file = new BookFile(path);
  try {
    for (const { event } of eventsOf(file)) if (event.type === 'TenantCreated') return event.data.tenant;
  } finally {
    file.close();
  }
  throw new FoundWrong(`${path} does not begin with a tenant.`);
};

/** No book says whose sandbox it is; who says so must name one that it can be. */
const checkTwin = (known: readonly Registered[], tenant: TenantFacts, twinOf: string): void => {
  const live = known.find(({ tenant_id }) => tenant_id === twinOf);
  const other = known.find(({ twin_of }) => twin_of === twinOf);
  if (live?.environment !== 'live') throw new UsedWrongly(`--twin-of ${twinOf}: there is no such live tenant here.`);
  if (tenant.environment !== 'sandbox') throw new UsedWrongly(`--twin-of: ${tenant.tenant_id} is no sandbox.`);
  if (live.workspace_id !== tenant.workspace_id)
    throw new UsedWrongly(`--twin-of ${twinOf}: it is of another workspace than ${tenant.tenant_id}.`);
  if (other !== undefined) throw new UsedWrongly(`--twin-of ${twinOf}: its sandbox is ${other.tenant_id} already.`);
};

const bringIn = async (
  opened: Opened,
  path: string,
  book: VerifiedBook,
  { twinOf = null }: { readonly twinOf?: string | null },
  bar: Progress,
): Promise<void> => {
  const pools = [opened.urls.projector, opened.urls.engine].map(
    (url) => new pg.Pool({ connectionString: url, max: 2 }),
  );
  const [projector, engine] = pools as [pg.Pool, pg.Pool];
  const file = new BookFile(path);
  try {
    const known = await registeredTenants(opened.store, CLOCK);
    const head = await opened.store.head(ledgerStream(book.tenantId));
    // An import that broke off registered nothing yet, however much it had appended.
    if (known.some(({ tenant_id }) => tenant_id === book.tenantId) || (head?.revision ?? -1) > book.revision)
      throw new UsedWrongly(`There is a tenant ${book.tenantId} already, at revision ${head?.revision}.`);
    const tenant = tenantOf(path);
    if (twinOf !== null) checkTwin(known, tenant, twinOf);
    // Before the first event, so that no worker is quicker.
    await projector.query(PAUSE, [book.tenantId, book.revision + 1]);
    await append(opened.store, book, file, bar);
    const { workspace_id, environment } = tenant;
    const vault = new PostgresSubjectVault(engine, new MasterKeys(opened.masterKey));
    await adoptTenant(opened.store, vault, CLOCK, {
      tenantId: book.tenantId,
      workspaceId: workspace_id,
      environment,
      twinOf,
      actor: 'cli',
    });
  } finally {
    file.close();
    await Promise.all(pools.map((pool) => pool.end()));
  }
};

/**
 * Takes an exported book into an installation that does not have its tenant: verified first, then event by event as it was. API
 * keys and webhook endpoints are known and have no secrets until they are rotated. Interrupted, it goes on where it was.
 */
export const importBook = async (
  configuration: Configuration,
  path: string,
  options: ImportArguments,
): Promise<void> => {
  const { json, key } = options;
  const bar = progressOf('import', json);
  const opened = await openBeside(configuration);
  try {
    const book = await verified(path, key, bar);
    await bringIn(opened, path, book, options, bar);
    bar.end();
    const { tenantId, revision, headHash } = book;
    const said = `${tenantId}: ${revision + 1} events, head ${headHash}. Rotate its API keys and webhook secrets: they were not in the file.`;
    const told = JSON.stringify({ imported: true, tenant_id: tenantId, revision, head_hash: headHash });
    process.stdout.write(`${json ? told : said}\n`);
  } finally {
    bar.end();
    await opened.close();
  }
};
