import pg from 'pg';
import type { EventStore } from '#event-store/event-store.js';
import { arrivalOf, type Arrival, type Reading } from './feed.js';
import { PROJECTING_MIGRATIONS } from './migrations.js';
import { openersFor } from './openers.js';
import { GroupPositions } from './positions.js';
import type { Occurrence, Projection, ProjectionGroup } from './projection.js';
import { DEFAULT_RUNNER_NAME } from './runner-options.js';
import { commitWork, prepare, type Checkpoint } from './transaction.js';
import { WRITER_SETTINGS } from './writer-settings.js';

export interface RebuildOptions<E extends Occurrence> {
  readonly store: EventStore;
  /** Owner of the schema: makes the tables beside, and puts them in place of the old. */
  readonly owner: pg.ClientConfig;
  /** The role that writes read models. */
  readonly projector: pg.ClientConfig;
  readonly reading: Reading<E>;
  readonly groups: readonly ProjectionGroup<E>[];
  /** Of the runner that keeps the tables meanwhile. */
  readonly runnerName?: string;
  readonly batchSize?: number;
  /** Checked between batches; the old tables stay. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Says whether to switch, with what differs. Without it tables are not compared: at a million rows that takes seconds, in which no read model moves. */
  readonly onCompared?: (tables: readonly ComparedTable[]) => boolean;
}

export interface RebuildProgress {
  readonly phase: 'building' | 'comparing' | 'switching';
  readonly events: number;
  /** Events there are to project; grows while others are appended. */
  readonly ofEvents: number;
}

export interface ComparedTable {
  readonly table: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Whether both hold the same rows. */
  readonly same: boolean;
  /** Where they do not, the first that differ, in the order of their keys. */
  readonly differences: readonly RowDifference[];
}

/** A row as it stands and as the events say; null where there is none. */
export interface RowDifference {
  readonly key: Readonly<Record<string, unknown>>;
  readonly stands: Readonly<Record<string, unknown>> | null;
  readonly due: Readonly<Record<string, unknown>> | null;
}

export interface Rebuilt {
  readonly events: number;
  readonly tables: readonly ComparedTable[];
  /** False where `onCompared` said no, or the signal aborted. */
  readonly switched: boolean;
}

/** With fewer events left than these the runner is held up for the rest. */
const NEARLY = 5_000;
const ROUNDS = 50;
/** Rows of a table that are told of where it differs. */
const DIFFERENCES = 10;
const REBUILD_LOCK = 7_305_527;
/** Whoever reads the old tables for longer than this makes the switch wait for another try. */
const LOCK_TIMEOUT_MS = 2_000;
const SWITCH_ATTEMPTS = 10;

interface Behind {
  readonly tenantId: string;
  readonly to: number;
}

/** One projection's tables, made anew in a schema of their own. */
class Rebuild<E extends Occurrence> {
  private readonly positions: GroupPositions<E>;
  private checkpoint: Checkpoint = { name: 'rebuild', position: null, commits: 0 };
  private events = 0;
  private left = 0;

  constructor(
    private readonly options: RebuildOptions<E>,
    private readonly projection: Projection<E>,
    group: ProjectionGroup<E>,
    readonly schema: string,
    private readonly owner: pg.Client,
    private readonly writer: pg.Client,
  ) {
    this.positions = new GroupPositions({ ...group, projections: [projection] });
  }

  async run(): Promise<Rebuilt> {
    await this.makeTables();
    for (let round = 0; ; round += 1) {
      const behind = await this.behind();
      if (this.left <= NEARLY || round === ROUNDS) break;
      if (!(await this.project(behind))) return { events: this.events, tables: [], switched: false };
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.finish();
      } catch (error) {
        await this.owner.query('ROLLBACK');
        const isLocked = (error as { code?: string }).code === '55P03';
        if (!isLocked || attempt === SWITCH_ATTEMPTS) throw error;
      }
    }
  }

  private async makeTables(): Promise<void> {
    const { owner, schema } = this;
    await owner.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
    for (const { sql } of [...PROJECTING_MIGRATIONS, ...this.projection.migrations]) await owner.query(sql);
    await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO daybook_projector;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO daybook_projector;
      SET search_path = daybook`);
    await this.writer.query(`SET search_path = ${schema}`);
    for (const setting of WRITER_SETTINGS) await this.writer.query(`SET ${setting}`);
    await this.writer.query('INSERT INTO projection_checkpoints (name) VALUES ($1)', [this.checkpoint.name]);
  }

  /** Tenants whose old tables have what the new ones lack. Never further than the old: a switch must not run ahead. */
  private async behind(): Promise<Behind[]> {
    const { rows } = await this.writer.query<{ tenant_id: string; revision: string }>(
      'SELECT tenant_id, revision FROM daybook.tenant_progress WHERE projection_group = $1 ORDER BY tenant_id',
      [this.positions.group.name],
    );
    const all = rows.map((row) => ({ tenantId: row.tenant_id, to: Number(row.revision) }));
    const behind = all.filter(({ tenantId, to }) => this.positions.revisionOf(tenantId) < to);
    this.left = behind.reduce((sum, { tenantId, to }) => sum + to - this.positions.revisionOf(tenantId), 0);
    return behind;
  }

  /** False when the signal aborted. */
  private async project(behind: readonly Behind[]): Promise<boolean> {
    const { store, reading, batchSize = 2_000, signal } = this.options;
    const total = this.events + this.left;
    let arrivals: Arrival<E>[] = [];
    for (const { tenantId, to } of behind) {
      const from = this.positions.revisionOf(tenantId) + 1;
      for await (const page of store.read(reading.streamOf(tenantId), from, Math.min(batchSize, to - from + 1))) {
        for (const recorded of page) if (recorded.revision <= to) arrivals.push(arrivalOf(reading, recorded));
        if (arrivals.length >= batchSize) {
          if (signal?.aborted === true) return false;
          await this.write(arrivals, total);
          arrivals = [];
        }
        if ((page.at(-1)?.revision ?? to) >= to) break;
      }
    }
    await this.write(arrivals, total);
    return true;
  }

  private async write(arrivals: readonly Arrival<E>[], total: number): Promise<void> {
    if (arrivals.length === 0) return;
    const gaps = new Set<string>();
    const work = this.positions.accept(arrivals, gaps);
    if (gaps.size > 0) throw new Error(`the store lacks events of ${[...gaps].join(', ')}`);
    const prepared = prepare({ groups: [work], openers: await openersFor(this.options.reading, [work]) });
    const { checkpoint, parked } = await commitWork(this.writer, prepared, this.checkpoint, null);
    this.checkpoint = checkpoint;
    const [first] = parked;
    if (first !== undefined) {
      throw new Error(`${first.tenantId} can't be projected at revision ${first.revision}: ${first.reason}`);
    }
    this.events += arrivals.length;
    this.tell('building', total);
  }

  /** Holds the runner at the row that each of its transactions takes first, brings the rest over, and switches. */
  private async finish(): Promise<Rebuilt> {
    const { owner, projection, schema } = this;
    await owner.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await owner.query('SELECT FROM projection_checkpoints WHERE name = $1 FOR UPDATE', [
      this.options.runnerName ?? DEFAULT_RUNNER_NAME,
    ]);
    const whole = await this.project(await this.behind());
    const tables = this.options.onCompared === undefined ? [] : await this.compare();
    if (!whole || this.options.onCompared?.(tables) === false) {
      await owner.query('ROLLBACK');
      return { events: this.events, tables, switched: false };
    }
    this.tell('switching', this.events);
    for (const table of projection.tables) {
      await owner.query(`DROP TABLE daybook.${table}; ALTER TABLE ${schema}.${table} SET SCHEMA daybook`);
    }
    await owner.query(
      `INSERT INTO built_projections (name, version) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, built_at = now()`,
      [projection.name, projection.version],
    );
    await owner.query('COMMIT');
    return { events: this.events, tables, switched: true };
  }

  private async compare(): Promise<ComparedTable[]> {
    this.tell('comparing', this.events);
    // Whole tables are read now.
    await this.writer.query('SET enable_seqscan = on');
    const compared: ComparedTable[] = [];
    for (const table of this.projection.tables) {
      const before = await this.digest(`daybook.${table}`);
      const after = await this.digest(`${this.schema}.${table}`);
      const same = before.digest === after.digest;
      const differences = same ? [] : await this.differences(table);
      compared.push({ table, rowsBefore: before.rows, rowsAfter: after.rows, same, differences });
    }
    return compared;
  }

  private async differences(table: string): Promise<RowDifference[]> {
    const { rows: keys } = await this.writer.query<{ name: string }>(
      `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
       WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`,
      [`${this.schema}.${table}`],
    );
    const key = keys.map(({ name }) => `"${name}"`).join(', ');
    const { rows } = await this.writer.query<Omit<RowDifference, 'key'>>(
      `SELECT to_jsonb(stands) AS stands, to_jsonb(due) AS due
       FROM daybook.${table} stands FULL JOIN ${this.schema}.${table} due USING (${key})
       WHERE stands IS DISTINCT FROM due ORDER BY ${key} LIMIT ${DIFFERENCES}`,
    );
    return rows.map(({ stands, due }) => ({
      key: Object.fromEntries(keys.map(({ name }) => [name, (stands ?? due)?.[name]])),
      stands,
      due,
    }));
  }

  /** Rows differ by their keys, so the exclusive or of their digests is one of them all, in whatever order they lie. */
  private async digest(table: string): Promise<{ readonly rows: number; readonly digest: string }> {
    const { rows } = await this.writer.query<{ rows: string; digest: string | null }>(
      `SELECT count(*) AS rows, bit_xor(hashtextextended(t::text, 0)) AS digest FROM ${table} t`,
    );
    return { rows: Number(rows[0]?.rows ?? 0), digest: `${rows[0]?.rows} ${rows[0]?.digest}` };
  }

  private tell(phase: RebuildProgress['phase'], ofEvents: number): void {
    this.options.onProgress?.({ phase, events: this.events, ofEvents });
  }
}

const connect = async (config: pg.ClientConfig): Promise<pg.Client> => {
  const client = new pg.Client({ application_name: 'daybook-rebuild', keepAlive: true, ...config });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/**
 * Makes a projection's tables anew from the streams, beside the ones in use, and puts them in their place: readers and
 * writers go on meanwhile, the runner is held up for the last few events. Where it fails, and where `onCompared` says no,
 * everything is as it was. Throws `RangeError` for a name that is no projection's, and where the same is being rebuilt.
 */
export const rebuild = async <E extends Occurrence>(name: string, options: RebuildOptions<E>): Promise<Rebuilt> => {
  const group = options.groups.find(({ projections }) => projections.some((one) => one.name === name));
  const projection = group?.projections.find((one) => one.name === name);
  if (group === undefined || projection === undefined) throw new RangeError(`there is no projection ${name}`);
  const schema = `daybook_rebuild_${name.replaceAll('-', '_')}`;
  const owner = await connect(options.owner);
  let writer: pg.Client | undefined;
  try {
    writer = await connect({ ...options.projector, pipeline: true });
    const { rows } = await owner.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken', [
      REBUILD_LOCK,
      name,
    ]);
    if (rows[0]?.taken !== true) throw new RangeError(`${name} is being rebuilt already`);
    try {
      return await new Rebuild(options, projection, group, schema, owner, writer).run();
    } finally {
      await owner.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
  } finally {
    await writer?.end();
    await owner.end();
  }
};
