import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { Sealed } from '#domain/decision.js';
import type { MasterKeys } from './master-key.js';
import { RecentlyUsed } from './recently-used.js';
import { assertSubject, newKey, type SubjectKey, unwrapKey, wrapKey } from './sealing.js';
import {
  type KeyOrErased,
  type KeyShelf,
  openerWith,
  Sealing,
  SubjectKeyMissing,
  subjectsOf,
} from './sealing-session.js';
import { TenantKeys } from './tenant-keys.js';

export interface SubjectVaultOptions {
  /** How many opened keys are kept in memory, about 300 bytes each: far more than a batch has subjects. 50,000 unless given. */
  readonly cachedKeys?: number;
  /** Milliseconds after which an erasure on one instance has been noticed by all others. 1000 unless given. */
  readonly noticeErasuresMs?: number;
}

interface Row {
  readonly subject: string;
  readonly generation: number | null;
  readonly wrapped: Buffer | null;
}

interface ErasedRow {
  readonly at: string;
  readonly tenant_id: string | null;
  readonly subject: string | null;
}

const FIND = `SELECT subject, generation, wrapped FROM daybook.subject_keys
  WHERE tenant_id = $1 AND subject = ANY ($2::text[])`;

const KEEP = `INSERT INTO daybook.subject_keys (tenant_id, subject, generation, wrapped)
  SELECT $1, made.subject, $2::int, made.wrapped FROM unnest($3::text[], $4::bytea[]) AS made (subject, wrapped)
  ON CONFLICT DO NOTHING RETURNING subject`;

const ERASE = `INSERT INTO daybook.subject_keys AS k (tenant_id, subject, erased_at) VALUES ($1, $2, clock_timestamp())
  ON CONFLICT (tenant_id, subject) DO UPDATE
  SET generation = NULL, wrapped = NULL, erased_at = excluded.erased_at WHERE k.erased_at IS NULL`;

// A minute more than is needed: an erasure is stamped before it is committed, and a look-up that began before it may come
// back after it.
const ERASED = `SELECT clock.at::text AS at, k.tenant_id, k.subject FROM (SELECT clock_timestamp() AS at) AS clock
  LEFT JOIN daybook.subject_keys k ON k.erased_at > $1::timestamptz - interval '1 minute'`;

/**
 * Subject keys in PostgreSQL, wrapped by the tenant's key; what the engine's port `SubjectVault` asks for. The pool's role
 * is `daybook_engine`, or `daybook_projector` where only `opener` is used.
 *
 * Erasing and several instances: each keeps opened keys in memory. Before it opens anything, it asks what was erased since
 * it last asked, unless that was less than `noticeErasuresMs` ago. So an erased subject opens nowhere later than that; an
 * instance that can't ask opens nothing (it throws). Sealing does not ask: what is sealed under a key that has just been
 * dropped opens for nobody. Who erases and then removes what was rendered waits this long in between, or removes it where
 * the erasure comes by in the stream.
 *
 * A dropped key stays in the database's dead rows until they are vacuumed, and in backups until those expire, wrapped.
 */
export class PostgresSubjectVault {
  /** So that a master key can be replaced: `tenantKeys.rewrapAll()`. */
  readonly tenantKeys: TenantKeys;
  readonly #keys: RecentlyUsed<KeyOrErased>;
  readonly #noticeErasuresMs: number;
  readonly #shelf: KeyShelf;
  /** The database's clock when erasures were last asked for. */
  #askedAt: string | null = null;
  #freshUntil = -Infinity;
  #asking: Promise<void> | null = null;

  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    masterKeys: MasterKeys,
    options: SubjectVaultOptions = {},
  ) {
    this.tenantKeys = new TenantKeys(pool, masterKeys);
    this.#keys = new RecentlyUsed(options.cachedKeys ?? 50_000);
    this.#noticeErasuresMs = options.noticeErasuresMs ?? 1_000;
    this.#shelf = {
      peek: (tenantId, subject) => this.#keys.get(nameOf(tenantId, subject)),
      keep: (tenantId, keys) => this.#keep(tenantId, keys),
    };
  }

  /** Loads, or makes where there is none yet, the keys of these subjects: one query, two where some are new. */
  async load(tenantId: string, subjects: readonly string[]): Promise<void> {
    const absent = subjects.filter((subject) => this.#keys.get(nameOf(tenantId, subject)) === undefined);
    if (absent.length === 0) return;
    absent.forEach(assertSubject);
    await this.#noticeErasures();
    const found = await this.#find(tenantId, absent);
    const made = new Map(absent.filter((subject) => !found.has(subject)).map((subject) => [subject, newKey()]));
    // Another instance's keys may be first; they are then the ones that are loaded.
    if (made.size > 0) await this.#insert(tenantId, made);
  }

  session(tenantId: string, isNew: (subject: string) => boolean): Sealing {
    return new Sealing(tenantId, isNew, this.#shelf);
  }

  /** One query at most, for the keys that are not in memory; the texts are then opened synchronously. */
  async opener(tenantId: string, sealedTexts: Iterable<Sealed>): Promise<(sealed: Sealed) => string | null> {
    const subjects = subjectsOf(sealedTexts);
    if (subjects.size > 0) await this.#noticeErasures();
    const keys = new Map<string, KeyOrErased>();
    const absent: string[] = [];
    for (const subject of subjects) {
      const key = this.#keys.get(nameOf(tenantId, subject));
      if (key === undefined) absent.push(subject);
      else keys.set(subject, key);
    }
    if (absent.length > 0) {
      for (const [subject, key] of await this.#find(tenantId, absent)) keys.set(subject, key);
    }
    return openerWith(tenantId, subjects, keys);
  }

  /**
   * Drops the subject's key for good: everything sealed under it opens to null from now on, here at once, elsewhere within
   * `noticeErasuresMs`. Repeating it changes nothing; a subject that has no key yet never gets one.
   */
  async erase(tenantId: string, subject: string): Promise<void> {
    assertSubject(subject);
    await this.#noticeErasures();
    await this.pool.query(ERASE, [tenantId, subject]);
    this.#keys.set(nameOf(tenantId, subject), null);
  }

  async #keep(tenantId: string, keys: ReadonlyMap<string, SubjectKey>): Promise<void> {
    // Whatever is put in memory must be later than the first question for erasures.
    if (this.#askedAt === null) await this.#noticeErasures();
    const standing = await this.#insert(tenantId, keys);
    const lost = [...keys].find(([subject, key]) => standing.get(subject)?.equals(key) !== true);
    if (lost !== undefined) throw new SubjectKeyMissing(lost[0]);
  }

  /** Writes these keys where there are none, in one statement, and answers those that stand then. */
  async #insert(tenantId: string, keys: ReadonlyMap<string, SubjectKey>): Promise<Map<string, KeyOrErased>> {
    const wrapping = await this.tenantKeys.current(tenantId);
    // In one order everywhere, or two instances with the same subjects would wait for each other.
    const sorted = [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
    const { rows } = await this.pool.query<{ subject: string }>({
      name: 'vault.keep_subject_keys',
      text: KEEP,
      values: [
        tenantId,
        wrapping.generation,
        sorted.map(([subject]) => subject),
        sorted.map(([subject, key]) => wrapKey(wrapping.key, [tenantId, subject], key)),
      ],
    });
    const kept = new Set(rows.map((row) => row.subject));
    const standing = new Map<string, KeyOrErased>();
    for (const [subject, key] of keys) {
      if (kept.has(subject)) standing.set(subject, this.#remember(tenantId, subject, key));
    }
    const raced = [...keys.keys()].filter((subject) => !kept.has(subject));
    if (raced.length > 0) {
      for (const [subject, key] of await this.#find(tenantId, raced)) standing.set(subject, key);
    }
    return standing;
  }

  async #find(tenantId: string, subjects: readonly string[]): Promise<Map<string, KeyOrErased>> {
    const { rows } = await this.pool.query<Row>({
      name: 'vault.find_subject_keys',
      text: FIND,
      values: [tenantId, subjects],
    });
    const found = new Map<string, KeyOrErased>();
    for (const { subject, generation, wrapped } of rows) {
      const key =
        generation === null || wrapped === null
          ? null
          : unwrapKey(await this.tenantKeys.ofGeneration(tenantId, generation), [tenantId, subject], wrapped);
      found.set(subject, this.#remember(tenantId, subject, key));
    }
    return found;
  }

  /** An erasure in memory is never undone by a look-up that began before it. */
  #remember(tenantId: string, subject: string, key: KeyOrErased): KeyOrErased {
    const name = nameOf(tenantId, subject);
    if (this.#keys.get(name) === null) return null;
    this.#keys.set(name, key);
    return key;
  }

  #noticeErasures(): Promise<void> {
    if (performance.now() < this.#freshUntil) return Promise.resolve();
    this.#asking ??= this.#askForErasures().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #askForErasures(): Promise<void> {
    const began = performance.now();
    const { rows } = await this.pool.query<ErasedRow>({
      name: 'vault.erased_subjects',
      text: ERASED,
      values: [this.#askedAt],
    });
    for (const row of rows) {
      this.#askedAt = row.at;
      if (row.tenant_id !== null && row.subject !== null) this.#keys.set(nameOf(row.tenant_id, row.subject), null);
    }
    this.#freshUntil = began + this.#noticeErasuresMs;
  }
}

const nameOf = (tenantId: string, subject: string): string => `${tenantId}/${subject}`;
