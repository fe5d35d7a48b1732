import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { ulid } from 'ulid';
import { ledgerStream } from '#domain/codec.js';
import { idOf, timeOfUlid } from '#domain/ids.js';
import type { Command } from '#domain/commands.js';
import type { StatementResource } from '#contract/resources/statement.js';
import { exportedLine } from '#event-store/exported-line.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import { rebuild } from '#projecting/rebuild.js';
import { Runner } from '#projecting/runner.js';
import { withTenant } from '#projecting/tenant-session.js';
import { balanceAtTime } from '#projections/entries/entries.queries.js';
import { GROUPS, ledgerReading, PROJECTION_MIGRATIONS } from '#projections/registry.js';
import { FORMAT, NO_HASH } from '#proof/book-file.js';
import { originOf, signCheckpoint, verifierKey } from '#proof/checkpoint.js';
import { GrowingTree } from '#proof/merkle.js';
import { statementCamt } from '#statements/camt.js';
import { statementCsv } from '#statements/csv.js';
import { statementPdf } from '#statements/pdf.js';
import { readStatement } from '../../api/statements/statement-reads.js';
import { committed, engineOver, freshDatabase, MemorySnapshots, newTenant, perSecond, run } from './core-figures.js';

export interface ProofFigures {
  readonly events: number;
  /** All entries; half of them are on one account. */
  readonly entries: number;
  readonly exportEventsPerSecond: number;
  readonly verifyEventsPerSecond: number;
  readonly verifyBytesPerSecond: number;
  readonly projectEventsPerSecond: number;
  /** The read models that most of a stream is about, one after the other, with the comparison. */
  readonly rebuildSeconds: number;
  /** Of one read model, on average. */
  readonly rebuildEventsPerSecond: number;
  readonly statement: { readonly lines: number; readonly ms: Readonly<Record<string, number>> };
  readonly asOf: { readonly p50Ms: number; readonly p99Ms: number };
}

const COMMAND = resolve(import.meta.dirname, '..', '..', '..', '..', 'bin', 'daybook.mjs');
const ACCOUNTS = 100;
const STATEMENT_LINES = 10_000;
const AS_OF_READS = 1_000;
const AT_ONCE = 2_000;
/** Of all read models those that most of a stream is about. */
const REBUILT = ['accounts', 'entries', 'transactions', 'events', 'cold-index', 'idempotency-index'];

/** A tenant whose every transfer is to or from one account; answers that account. */
const makeHotBook = async (store: MemoryEventStore, tenantId: string, events: number): Promise<string> => {
  const engine = engineOver(store, new MemorySnapshots());
  const does = (command: Command) => committed(run(engine, tenantId, command));
  await does(newTenant(tenantId));
  const accounts: string[] = [];
  for (let i = 0; i < ACCOUNTS; i++) {
    const data = { account_name: `Account ${i}`, wallet_type: 'customer', currency: 'EUR' } as const;
    const opened = (await does({ type: 'OpenAccount', data })).events[0]!;
    if (opened.type !== 'AccountOpened') throw new Error('no account was opened');
    accounts.push(opened.data.account.account_id);
  }
  const [hot, ...others] = accounts as [string, ...string[]];
  for (const destination of accounts) {
    const data = { type: 'deposit', amount: 1_000_000_000, currency: 'EUR', destination } as const;
    await does({ type: 'PostTransaction', data });
  }
  for (let at = 2 * ACCOUNTS + 2; at < events; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, events - at) }, (_, i) => {
      const other = others[(at + i) % others.length]!;
      const [source, destination] = i % 2 === 0 ? [hot, other] : [other, hot];
      return does({
        type: 'PostTransaction',
        data: { type: 'transfer', amount: 1, currency: 'EUR', source, destination, narration: 'for the goods' },
      });
    });
    await Promise.all(some);
  }
  await engine.drain();
  return hot;
};

const exportTo = async (path: string, store: MemoryEventStore, tenantId: string): Promise<number> => {
  const stream = ledgerStream(tenantId);
  const to = (await store.head(stream))!.revision;
  const keys = generateKeyPairSync('ed25519');
  const begun = performance.now();
  const file = createWriteStream(path);
  const write = async (text: string): Promise<void> => {
    if (!file.write(text)) await once(file, 'drain');
  };
  const terms = { tenant_id: tenantId, stream, from_revision: 0, to_revision: to, previous_hash: NO_HASH };
  await write(`${JSON.stringify({ format: FORMAT, ...terms })}\n`);
  const tree = new GrowingTree();
  let head = NO_HASH;
  for await (const page of store.read(stream, 0)) {
    let text = '';
    for (const event of page) {
      text += exportedLine(event);
      tree.push(event.hash);
    }
    head = Buffer.from(page.at(-1)!.hash).toString('hex');
    await write(text);
  }
  const origin = originOf(stream);
  const signer = { private: keys.privateKey, public: keys.publicKey };
  const note = signCheckpoint({ origin, size: to + 1, root: tree.root() }, signer);
  const checkpoint = { note, public_key: verifierKey(origin, keys.publicKey) };
  file.end(`${JSON.stringify({ count: to + 1, head_hash: head, checkpoint })}\n`);
  await once(file, 'finish');
  return perSecond(to + 1, begun);
};

const timed = async <T>(work: () => Promise<T> | T): Promise<{ readonly ms: number; readonly answer: T }> => {
  const begun = performance.now();
  const answer = await work();
  return { ms: performance.now() - begun, answer };
};

/** The second of two, when code and caches are warm. */
const warm = async <T>(work: () => Promise<T> | T): Promise<{ readonly ms: number; readonly answer: T }> => {
  await work();
  return timed(work);
};

const statementFigures = async (
  pool: pg.Pool,
  tenantId: string,
  account: string,
): Promise<ProofFigures['statement']> => {
  const { rows } = await pool.query<{ transaction_id: string }>(
    `SELECT transaction_id FROM entries WHERE tenant_id = $1 AND account_id = $2 ORDER BY revision DESC OFFSET 1000 LIMIT ${STATEMENT_LINES}`,
    [tenantId, account],
  );
  const at = (row: { transaction_id: string } | undefined): number => timeOfUlid(row!.transaction_id.slice(4));
  const period = { from: at(rows.at(-1)), to: at(rows[0]), revision: null };
  const read = await warm(async () => {
    const { resource } = await readStatement(pool, tenantId, account, period);
    return { resource: resource as unknown as StatementResource, text: JSON.stringify(resource) };
  });
  const statement = read.answer.resource;
  const ms = {
    json: read.ms,
    csv: (await warm(() => statementCsv(statement))).ms,
    camt: (await warm(() => statementCamt(statement))).ms,
    pdf: (await warm(() => statementPdf(statement))).ms,
  };
  return { lines: statement.line_count, ms };
};

const asOfFigures = async (
  pool: pg.Pool,
  tenantId: string,
  account: string,
  between: readonly [number, number],
): Promise<ProofFigures['asOf']> => {
  const took: number[] = [];
  for (let i = 0; i < AS_OF_READS; i++) {
    const time = between[0] + Math.floor(Math.random() * (between[1] - between[0]));
    const id = { id: account, normal_side: 'credit' } as const;
    took.push((await timed(() => withTenant(pool, tenantId, (session) => balanceAtTime(session, id, time)))).ms);
  }
  took.sort((a, b) => a - b);
  return { p50Ms: took[took.length >> 1]!, p99Ms: took[Math.floor(took.length * 0.99)]! };
};

const projected = async (runner: Runner<never>, pool: pg.Pool, to: number): Promise<void> => {
  const stop = new AbortController();
  const running = runner.run(stop.signal);
  for (;;) {
    const { rows } = await pool.query<{ revision: string }>('SELECT min(revision) AS revision FROM tenant_progress');
    if (Number(rows[0]?.revision ?? -1) >= to) break;
    await new Promise((next) => setTimeout(next, 50));
  }
  stop.abort();
  await running;
};

/** Export, verification, rebuilds, statements and as-of reads of one large book. `ownerUrl`: may create a database. */
export const measureProofs = async (
  ownerUrl: string,
  events = 500_000,
  rebuilds: readonly string[] = REBUILT,
): Promise<ProofFigures> => {
  const tenantId = idOf('tenant', ulid());
  const store = new MemoryEventStore();
  const hot = await makeHotBook(store, tenantId, events);
  const folder = mkdtempSync(join(tmpdir(), 'daybook-bench-proof-'));
  const path = join(folder, 'book.ndjson');
  const exportEventsPerSecond = await exportTo(path, store, tenantId);
  const bytes = statSync(path).size;
  // As an auditor runs it: in this process the stream in memory would be in its collector's way.
  const verified = await timed(() => promisify(execFile)(process.execPath, [COMMAND, 'verify', path]));
  rmSync(folder, { recursive: true });

  const url = await freshDatabase(ownerUrl);
  const urls = await prepareDatabase(url, randomBytes(32), PROJECTION_MIGRATIONS);
  const [pool, engine] = [urls.app, urls.engine].map((one) => new pg.Pool({ connectionString: one, max: 4 })) as [
    pg.Pool,
    pg.Pool,
  ];
  const projector = { connectionString: urls.projector };
  const reading = ledgerReading(() => Promise.resolve(() => 'for the goods'));
  try {
    const begun = performance.now();
    await projected(new Runner({ store, connection: projector, reading, groups: GROUPS }) as never, engine, events - 1);
    const projectEventsPerSecond = perSecond(events, begun);
    const rebuilt = await timed(async () => {
      const owner = { connectionString: url };
      for (const name of rebuilds) {
        const options = { store, owner, projector, reading, groups: GROUPS, onCompared: () => true };
        const { tables } = await rebuild(name, options);
        const other = tables.find(({ same }) => !same);
        if (other !== undefined) throw new Error(`${other.table} is another one after it was rebuilt`);
      }
    });
    const last = (await store.head(ledgerStream(tenantId)))!.revision;
    const first = timeOfUlid(hot.slice(4));
    return {
      events,
      entries: 2 * events,
      exportEventsPerSecond,
      verifyEventsPerSecond: (last + 1) / (verified.ms / 1000),
      verifyBytesPerSecond: bytes / (verified.ms / 1000),
      projectEventsPerSecond,
      rebuildSeconds: rebuilt.ms / 1000,
      rebuildEventsPerSecond: (events * rebuilds.length) / (rebuilt.ms / 1000),
      statement: await statementFigures(await asApp(pool, tenantId), tenantId, hot),
      asOf: await asOfFigures(pool, tenantId, hot, [first, Date.now()]),
    };
  } finally {
    await Promise.all([pool.end(), engine.end()]);
  }
};

/** Every connection of the pool looks at one tenant, as row-level security asks. */
const asApp = async (pool: pg.Pool, tenantId: string): Promise<pg.Pool> => {
  pool.on('connect', (client) => void client.query(`SET daybook.tenant = ${pg.escapeLiteral(tenantId)}`));
  await pool.query(`SET daybook.tenant = ${pg.escapeLiteral(tenantId)}`);
  return pool;
};
