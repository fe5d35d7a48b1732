import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { ulid } from 'ulid';
import { ledgerStream } from '#domain/codec.js';
import { decodeForFold } from '#domain/decode-for-fold.js';
import { idOf } from '#domain/ids.js';
import type { Command } from '#domain/commands.js';
import { evolve } from '#domain/ledger.js';
import { emptyState } from '#domain/state.js';
import { LedgerEngine } from '#engine/ledger-engine.js';
import type { Receipt, Snapshots, StoredSnapshot } from '#engine/ports.js';
import { makeSnapshot } from '#engine/snapshots.js';
import { WRITER_BOUNDS } from '#engine/tenant-writer.js';
import { EventStoreDbEventStore } from '#event-store/eventstoredb/eventstoredb-event-store.js';
import type { EventStore, NewEvent, RecordedEvent } from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { migrateEventStore } from '#event-store/postgres/migrate.js';
import { PostgresEventStore } from '#event-store/postgres/postgres-event-store.js';
import { MemorySubjectVault } from '#vault/memory-subject-vault.js';

export interface StoreFigures {
  readonly adapter: string;
  readonly append: readonly { readonly batch: number; readonly eventsPerSecond: number }[];
  readonly catchUpEventsPerSecond: number;
}

export interface CoreFigures {
  readonly foldEventsPerSecond: number;
  readonly accounts: number;
  readonly bytesPerAccount: number;
  readonly coldStart: { readonly events: number; readonly withoutSnapshotMs: number; readonly withSnapshotMs: number };
  readonly stores: readonly StoreFigures[];
}

const ACCOUNTS = 1_000;
const STREAM_EVENTS = 1_000_000;
const PATIENCE_MS = 600_000;
const NO_HASH = new Uint8Array(32);
const DATABASE = 'daybook_bench_core';

export class MemorySnapshots implements Snapshots {
  private stored: StoredSnapshot | null = null;

  latest(): Promise<StoredSnapshot | null> {
    return Promise.resolve(this.stored);
  }

  save(_tenant: string, _fold: number, revision: number, hash: Uint8Array, parts: Iterable<Uint8Array>): Promise<void> {
    const kept = [...parts];
    this.stored = {
      revision,
      hash,
      parts: {
        async *[Symbol.asyncIterator]() {
          yield* kept;
        },
      },
    };
    return Promise.resolve();
  }
}

export const engineOver = (store: EventStore, snapshots: Snapshots): LedgerEngine =>
  new LedgerEngine(
    {
      store,
      snapshots,
      // Nothing here is ever asked for twice: the indexes know of no older key.
      coldIndex: { lookUp: () => Promise.resolve({ revision: Number.MAX_SAFE_INTEGER, found: new Map() }) },
      idempotencyIndex: { lookUp: () => Promise.resolve({ revision: Number.MAX_SAFE_INTEGER, found: new Map() }) },
      vault: new MemorySubjectVault(),
      clock: { now: () => Date.now() },
    },
    // A load of the whole stream takes longer than a client would be let wait.
    { bounds: { ...WRITER_BOUNDS, queuedMs: PATIENCE_MS, pendingMs: PATIENCE_MS } },
  );

export const run = (engine: LedgerEngine, tenantId: string, command: Command): Promise<Receipt> =>
  engine.execute({
    tenantId,
    command,
    issuer: { plane: 'system', keyId: null, entitlement: null },
    actor: 'bench',
    requestId: null,
    apiVersion: null,
    ip: null,
    idempotency: null,
  });

export const committed = async (receipt: Promise<Receipt>): Promise<Extract<Receipt, { kind: 'committed' }>> => {
  const answer = await receipt;
  if (answer.kind !== 'committed') throw new Error(`the bench's own command came to ${JSON.stringify(answer)}`);
  return answer;
};

export const newTenant = (tenantId: string): Command => ({
  type: 'CreateTenant',
  data: {
    tenant_id: tenantId,
    partner_id: idOf('partner', ulid()),
    workspace_id: idOf('workspace', ulid()),
    environment: 'live',
    name: 'Bench',
    default_currency: 'EUR',
    timezone: 'UTC',
    api_version: '2026-05-19',
    partner: { name: 'Bench', email: 'bench@example.com', tier: 'enterprise' },
  },
});

/** A stream as the engine writes it: a tenant, accounts, and transfers between them. */
const makeStream = async (store: EventStore, tenantId: string, events: number): Promise<void> => {
  const engine = engineOver(store, new MemorySnapshots());
  await committed(run(engine, tenantId, newTenant(tenantId)));
  const accounts = await Promise.all(
    Array.from({ length: ACCOUNTS }, async (_, i) => {
      const data = { account_name: `Account ${i}`, wallet_type: 'customer', currency: 'EUR' } as const;
      const { events: made } = await committed(run(engine, tenantId, { type: 'OpenAccount', data }));
      const opened = made[0];
      if (opened?.type !== 'AccountOpened') throw new Error('no account was opened');
      return opened.data.account.account_id;
    }),
  );
  const deposit = (destination: string): Command => ({
    type: 'PostTransaction',
    data: { type: 'deposit', amount: 1_000_000_000, currency: 'EUR', destination },
  });
  await Promise.all(accounts.map((account) => committed(run(engine, tenantId, deposit(account)))));
  const so = 2 * ACCOUNTS + 2;
  for (let at = so; at < events; at += 2_000) {
    const some = Array.from({ length: Math.min(2_000, events - at) }, (_, i) =>
      committed(
        run(engine, tenantId, {
          type: 'PostTransaction',
          data: {
            type: 'transfer',
            amount: 1,
            currency: 'EUR',
            source: accounts[(at + i) % ACCOUNTS] as string,
            destination: accounts[(at + i + 7) % ACCOUNTS] as string,
          },
        }),
      ),
    );
    await Promise.all(some);
  }
  await engine.drain();
};

const allOf = async (store: EventStore, stream: string): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const page of store.read(stream, 0)) events.push(...page);
  return events;
};

export const perSecond = (count: number, begun: number): number => count / ((performance.now() - begun) / 1000);

const foldSpeed = (events: readonly RecordedEvent[]): number => {
  const state = emptyState();
  const begun = performance.now();
  for (const { payload } of events)
    evolve(state, decodeForFold(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8')));
  return perSecond(events.length, begun);
};

/** In a process of its own, so that its heap holds nothing else. */
const memoryFigure = (): { accounts: number; bytesPerAccount: number } => {
  const script = join(import.meta.dirname, 'memory-figure.js');
  const child = spawnSync(process.execPath, ['--expose-gc', '--max-old-space-size=8192', script], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`the memory figure could not be taken: ${child.stderr}`);
  return JSON.parse(child.stdout) as { accounts: number; bytesPerAccount: number };
};

const copyTo = async (
  store: EventStore,
  stream: string,
  events: readonly RecordedEvent[],
  batch: number,
): Promise<void> => {
  let hash: Uint8Array = NO_HASH;
  for (let at = 0; at < events.length; at += batch) {
    const some = events.slice(at, at + batch);
    const [result] = await store.append([{ stream, expectedRevision: at - 1, expectedHash: hash, events: some }]);
    if (result?.outcome !== 'appended') throw new Error(`the copy of the stream stopped: ${JSON.stringify(result)}`);
    hash = (some.at(-1) as RecordedEvent).hash;
  }
};

/** From nothing in memory to the first decision: by the whole stream, and by a snapshot and an empty tail. */
const coldStart = async (store: EventStore, tenantId: string, events: number): Promise<CoreFigures['coldStart']> => {
  const first = async (snapshots: Snapshots): Promise<number> => {
    const engine = engineOver(store, snapshots);
    const begun = performance.now();
    // Refused, and asks no index: what is timed is the load that comes before the decision.
    const data = { type: 'transfer', amount: 1, currency: 'EUR', source: 'acc_none', destination: 'acc_none' } as const;
    await run(engine, tenantId, { type: 'PostTransaction', data });
    const took = performance.now() - begun;
    await engine.drain();
    return took;
  };
  const snapshots = new MemorySnapshots();
  const withoutSnapshotMs = await first(snapshots);
  await makeSnapshot(store, snapshots, tenantId);
  return { events, withoutSnapshotMs, withSnapshotMs: await first(snapshots) };
};

const chained = (count: number, previous: Uint8Array): NewEvent[] => {
  let hash = previous;
  return Array.from({ length: count }, () => {
    const payload = randomBytes(600);
    hash = createHash('sha256').update(hash).update(payload).digest();
    return { id: ulid(), type: 'Measured', payload, hash };
  });
};

const appendSpeed = async (store: EventStore, batch: number, forMs: number): Promise<number> => {
  const stream = `bench-${ulid()}`;
  let hash: Uint8Array = NO_HASH;
  let revision = -1;
  const begun = performance.now();
  while (performance.now() - begun < forMs) {
    const events = chained(batch, hash);
    const [result] = await store.append([{ stream, expectedRevision: revision, expectedHash: hash, events }]);
    if (result?.outcome !== 'appended') throw new Error(`an append came to ${JSON.stringify(result)}`);
    revision += batch;
    hash = (events.at(-1) as NewEvent).hash;
  }
  return perSecond(revision + 1, begun);
};

const catchUpSpeed = async (store: EventStore, most: number): Promise<number> => {
  const stop = new AbortController();
  const begun = performance.now();
  let seen = 0;
  for await (const batch of store.subscribe(null, {
    signal: stop.signal,
    streamPrefixes: ['bench-', 'ledger-'],
    batchSize: 1_000,
  })) {
    seen += batch.events.length;
    if (batch.caughtUp || seen >= most) break;
  }
  stop.abort();
  return perSecond(seen, begun);
};

const storeFigures = async (adapter: string, store: EventStore): Promise<StoreFigures> => {
  const append = [];
  for (const batch of [1, 10, 100]) append.push({ batch, eventsPerSecond: await appendSpeed(store, batch, 3_000) });
  return { adapter, append, catchUpEventsPerSecond: await catchUpSpeed(store, 200_000) };
};

export const freshDatabase = async (ownerUrl: string): Promise<string> => {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
  const url = new URL(ownerUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
};

const eventStoreDbFigures = async (): Promise<StoreFigures | null> => {
  const url = process.env['EVENTSTORE_URL'];
  if (url === undefined || url === '') {
    process.stderr.write('EVENTSTORE_URL is not set: no figures of EventStoreDB.\n');
    return null;
  }
  const store = new EventStoreDbEventStore(url);
  try {
    await store.ready(10_000);
    return await storeFigures('eventstoredb', store);
  } finally {
    await store.close();
  }
};

/** What the parts do by themselves, without HTTP. `ownerUrl`: of a role that may create a database. */
export const measureCore = async (ownerUrl: string): Promise<CoreFigures> => {
  process.stderr.write(
    `Measuring fold, memory, cold start (${STREAM_EVENTS.toLocaleString('en-GB')} events) and event stores …\n`,
  );
  const tenantId = idOf('tenant', ulid());
  const memory = new MemoryEventStore();
  await makeStream(memory, tenantId, STREAM_EVENTS);
  const events = await allOf(memory, ledgerStream(tenantId));
  const foldEventsPerSecond = foldSpeed(events);
  const pool = new pg.Pool({ connectionString: await freshDatabase(ownerUrl), max: 6 });
  await migrateEventStore(pool);
  const postgres = new PostgresEventStore(pool);
  try {
    await copyTo(postgres, ledgerStream(tenantId), events, 500);
    const started = await coldStart(postgres, tenantId, events.length);
    const stores = [await storeFigures('memory', new MemoryEventStore()), await storeFigures('postgres', postgres)];
    const eventStoreDb = await eventStoreDbFigures();
    if (eventStoreDb) stores.push(eventStoreDb);
    return { foldEventsPerSecond, ...memoryFigure(), coldStart: started, stores };
  } finally {
    await postgres.close();
    await pool.end();
  }
};
