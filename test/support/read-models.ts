/** Read models over a real PostgreSQL and a store in memory, for specs: events come from deciding real commands. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { ledgerStream } from '#domain/codec.js';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { Book, DAY, tenant, type Step } from '#domain/spec-support.js';
import { MemoryEventStore } from '#event-store/memory.js';
import type { NewEvent } from '#event-store/event-store.js';
import { prepareDatabase } from '#platform/database/prepare-database.js';
import type { DatabaseUrls } from '#platform/database/roles.js';
import { Runner } from '#projecting/runner.js';
import type { RunnerOptions } from '#projecting/runner-options.js';
import { startPostgres, type TestPostgres } from './postgres.js';
import { GROUPS, ledgerReading, PROJECTION_MIGRATIONS, PROJECTIONS } from '#projections/registry.js';

export const MASTER_KEY = Buffer.alloc(32, 7);

/** The specs of the domain seal as `s1.<subject>.<text>`. */
export const openPlain = (sealed: string): string => sealed.split('.').slice(2).join('.');

const HASH = new Uint8Array(32);

/** A tenant's book whose events go to a store. */
export class StoredBook extends Book {
  private appended = 0;
  private hash: Uint8Array = HASH;

  constructor(
    private readonly store: MemoryEventStore,
    readonly tenantId: string,
  ) {
    super();
  }

  /** Steps of the history, appended to the stream. */
  async tell(...steps: readonly Step[]): Promise<void> {
    for (const step of steps) this.step(step);
    await this.flush();
  }

  /** Decides a command, appends what comes of it, and answers those events. */
  async ask(command: Command): Promise<readonly LedgerEvent[]> {
    const { events } = this.run(command);
    await this.flush();
    return events;
  }

  async flush(): Promise<void> {
    let hash = this.hash;
    const fresh = this.stored.slice(this.appended).map((text, i) => {
      // A book does not know its tenant before the first event.
      const payload = Buffer.from(text.replace('"tenant_id":"tnt_new"', `"tenant_id":"${this.tenantId}"`));
      hash = createHash('sha256').update(hash).update(payload).digest();
      const { id, type } = this.events[this.appended + i] as LedgerEvent;
      const event: NewEvent = { id, type, payload, hash };
      return event;
    });
    await this.append(fresh);
  }

  /** Appends events as they are, whatever they say. */
  async append(events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const [result] = await this.store.append([
      { stream: ledgerStream(this.tenantId), expectedRevision: this.appended - 1, expectedHash: this.hash, events },
    ]);
    if (result?.outcome !== 'appended') throw new Error(`the append came to ${result?.outcome}`);
    this.appended += events.length;
    this.hash = events.at(-1)!.hash;
  }
}

/** A database with all read models, a store in memory, and runners over them. */
export class ReadModels {
  readonly app: pg.Pool;
  readonly engine: pg.Pool;
  readonly projector: pg.Pool;
  private readonly running: { readonly stop: AbortController; readonly done: Promise<void> }[] = [];

  private constructor(
    private readonly server: TestPostgres,
    readonly ownerUrl: string,
    readonly urls: DatabaseUrls,
    readonly store: MemoryEventStore,
  ) {
    this.app = new pg.Pool({ connectionString: urls.app, max: 4 });
    this.engine = new pg.Pool({ connectionString: urls.engine, max: 4 });
    this.projector = new pg.Pool({ connectionString: urls.projector, max: 4 });
    for (const pool of [this.app, this.engine, this.projector]) pool.on('error', () => undefined);
  }

  /** Over a store of its own, or over another's. */
  static async start(store = new MemoryEventStore()): Promise<ReadModels> {
    const server = await startPostgres();
    const ownerUrl = await server.createDatabase('daybook');
    return new ReadModels(server, ownerUrl, await prepareDatabase(ownerUrl, MASTER_KEY, PROJECTION_MIGRATIONS), store);
  }

  /** All rows of all projections, in an order that does not depend on when they were written. */
  async rows(): Promise<Record<string, string[]>> {
    const tables = PROJECTIONS.flatMap((projection) => projection.tables);
    const found = tables.map(async (table) => {
      const { rows } = await this.projector.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      return [table, rows.map(({ row }) => row).sort()] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** A tenant with this number; numbers of one bench differ. */
  async tenant(number: number, ...steps: readonly Step[]): Promise<StoredBook> {
    const tenantId = `tnt_01KE6${String(number).padStart(21, '0')}`;
    const book = new StoredBook(this.store, tenantId);
    // Another time makes other ids.
    book.at += number * DAY;
    await book.tell(tenant({ tenant_id: tenantId }), ...steps);
    return book;
  }

  options(differing: Partial<RunnerOptions<LedgerEvent>> = {}): RunnerOptions<LedgerEvent> {
    return {
      store: this.store,
      connection: { connectionString: this.urls.projector },
      reading: ledgerReading(() => Promise.resolve(openPlain)),
      groups: GROUPS,
      lookMs: 20,
      onFailure: (error) => void this.failures.push(error),
      ...differing,
    };
  }

  readonly failures: unknown[] = [];

  /** Starts a runner, which `stop` or the end of the bench stops. */
  run(differing: Partial<RunnerOptions<LedgerEvent>> = {}): { runner: Runner<LedgerEvent>; stop: () => Promise<void> } {
    const runner = new Runner(this.options(differing));
    const stop = new AbortController();
    const done = runner.run(stop.signal);
    this.running.push({ stop, done });
    return {
      runner,
      stop: async () => {
        stop.abort();
        await done;
      },
    };
  }

  /** Revision that a group stands at for a tenant, −1 before the first. */
  async revision(tenantId: string, group = 'core'): Promise<number> {
    const { rows } = await this.projector.query<{ revision: string }>(
      'SELECT revision FROM tenant_progress WHERE tenant_id = $1 AND projection_group = $2',
      [tenantId, group],
    );
    return Number(rows[0]?.revision ?? -1);
  }

  /** Waits until all events of these books are projected. */
  async projected(...books: readonly StoredBook[]): Promise<void> {
    for (const book of books) {
      await this.until(async () => (await this.revision(book.tenantId)) >= book.events.length - 1);
    }
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 25_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`it did not come about: ${this.failures.map(String).join('; ')}`);
      await new Promise((next) => setTimeout(next, 5));
    }
  }

  /** Stops all runners that were started. */
  async stop(): Promise<void> {
    for (const { stop } of this.running) stop.abort();
    await Promise.all(this.running.map(({ done }) => done));
    this.running.length = 0;
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all([this.app, this.engine, this.projector].map((pool) => pool.end()));
    await this.server.stop();
  }
}
