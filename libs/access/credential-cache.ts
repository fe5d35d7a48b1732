import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import { CREDENTIALS_CHANNEL } from './credentials.js';
import { CredentialsUnavailable, type KeyEnvironment, type TenantPrincipal } from './principal.js';

/** A key as the guard knows it. */
export interface Credential {
  readonly principal: TenantPrincipal;
  readonly verifier: { readonly bytes: Buffer; readonly version: number };
  /** Reserved: its event is not known to exist. */
  readonly reserved: boolean;
  readonly active: boolean;
  /** Milliseconds since 1970; Infinity: never. */
  readonly expiresAt: number;
  /** When the row was last changed, as the database writes it. */
  readonly version: string;
  /** SHA-256 of the text that proved to be this key, so that it need not prove it again. */
  provenBy: Buffer | null;
}

export interface CredentialCacheOptions {
  /** Milliseconds after which it is asked, beside serving, which keys have changed. 1000 unless given. */
  readonly freshMs?: number;
  /** Milliseconds after which nothing in memory is believed before that was asked. 2000 unless given. */
  readonly trustedMs?: number;
  /** Keys held in memory, about 1 KB each. 50,000 unless given. */
  readonly bound?: number;
}

interface Row {
  readonly tenant_id: string;
  readonly key_id: string;
  readonly environment: KeyEnvironment;
  readonly verifier: Buffer;
  readonly hash_version: number;
  readonly reserved: boolean;
  readonly scopes: readonly string[];
  readonly rate_limit_per_min: number | null;
  readonly rate_limit_per_day: number | null;
  readonly is_active: boolean;
  readonly expires_at: Date | null;
  readonly version: string;
}

interface ChangeRow {
  readonly at: string;
  readonly key_id: string | null;
  readonly version: string | null;
}

const FIND = `SELECT tenant_id, key_id, environment, verifier, hash_version, revision IS NULL AS reserved, scopes,
    rate_limit_per_min::float8 AS rate_limit_per_min, rate_limit_per_day::float8 AS rate_limit_per_day,
    is_active, expires_at, changed_at::text AS version
  FROM daybook.api_key_credentials WHERE key_id = $1`;

// Half a minute more than is needed: a change is stamped before it is committed.
const CHANGED = `SELECT clock.at::text AS at, c.key_id, c.changed_at::text AS version
  FROM (SELECT clock_timestamp() AS at) AS clock
  LEFT JOIN daybook.api_key_credentials c ON c.changed_at > $1::timestamptz - interval '30 seconds'`;

const UNKNOWN_KEYS = 10_000;
const RELISTEN_AFTER_MS = 1_000;

/**
 * Keys in memory. A revocation on one instance reaches the others by a notification, within milliseconds, and at the latest
 * after `trustedMs` without one: every `freshMs` under load it is asked what has changed, one small query for all keys, and
 * when that could not be asked for `trustedMs`, nothing in memory is believed. The pool's role is `daybook_auth`.
 */
export class CredentialCache {
  readonly #known = new Map<string, Credential>();
  readonly #unknown = new Set<string>();
  readonly #loading = new Map<string, Promise<Credential | null>>();
  readonly #freshMs: number;
  readonly #trustedMs: number;
  readonly #bound: number;
  /** The database's clock, and this process's, when it was last asked what has changed. */
  #askedAt: string | null = null;
  #askedHere = -Infinity;
  #asking: Promise<void> | null = null;
  #listener: pg.PoolClient | undefined;
  #listening = false;
  #closed = false;

  constructor(
    private readonly pool: Pick<pg.Pool, 'query' | 'connect'>,
    options: CredentialCacheOptions = {},
  ) {
    this.#freshMs = options.freshMs ?? 1_000;
    this.#trustedMs = options.trustedMs ?? 2_000;
    this.#bound = options.bound ?? 50_000;
  }

  /** What is in memory and may be believed now; undefined where `find` must be asked. */
  peek(keyId: string): Credential | undefined {
    const age = performance.now() - this.#askedHere;
    if (age > this.#trustedMs) return undefined;
    // Nobody waits for it; when it fails for long, the line above answers.
    if (age > this.#freshMs) this.#ask().catch(() => undefined);
    return this.#known.get(keyId);
  }

  /** Null: there is no such key. Throws `CredentialsUnavailable`. */
  async find(keyId: string): Promise<Credential | null> {
    try {
      if (performance.now() - this.#askedHere > this.#trustedMs) await this.#ask();
      const known = this.peek(keyId);
      if (known !== undefined) return known;
      if (this.#unknown.has(keyId)) return null;
      return await this.#loadOnce(keyId);
    } catch (error) {
      throw new CredentialsUnavailable('the table of credentials', error);
    }
  }

  /** Hears of changes as they are made. Holds one connection of the pool; whatever fails here only costs time. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#listen();
  }

  close(): void {
    this.#closed = true;
    this.#listener?.release(true);
    this.#listener = undefined;
  }

  /** Of requests that come at once with the same key, one asks. */
  async #loadOnce(keyId: string): Promise<Credential | null> {
    const loading = this.#loading.get(keyId) ?? this.#load(keyId);
    this.#loading.set(keyId, loading);
    try {
      const credential = await loading;
      // Otherwise it changed while it was read, and what was read may be what it was before.
      if (this.#loading.get(keyId) === loading) this.#remember(keyId, credential);
      return credential;
    } finally {
      if (this.#loading.get(keyId) === loading) this.#loading.delete(keyId);
    }
  }

  async #load(keyId: string): Promise<Credential | null> {
    const { rows } = await this.pool.query<Row>({ name: 'access.find_api_key', text: FIND, values: [keyId] });
    return rows[0] === undefined ? null : credentialOf(rows[0]);
  }

  #remember(keyId: string, credential: Credential | null): void {
    if (credential === null) {
      if (this.#unknown.size >= UNKNOWN_KEYS) this.#unknown.clear();
      this.#unknown.add(keyId);
      return;
    }
    if (this.#known.size >= this.#bound) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(keyId, credential);
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#askWhatChanged().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #askWhatChanged(): Promise<void> {
    const began = performance.now();
    const { rows } = await this.pool.query<ChangeRow>({
      name: 'access.changed_api_keys',
      text: CHANGED,
      values: [this.#askedAt],
    });
    for (const { at, key_id, version } of rows) {
      this.#askedAt = at;
      if (key_id !== null && this.#known.get(key_id)?.version !== version) this.#forget(key_id);
    }
    this.#askedHere = began;
  }

  #forget(keyId: string): void {
    this.#known.delete(keyId);
    this.#unknown.delete(keyId);
    // What is being read of it is answered, but not remembered.
    this.#loading.delete(keyId);
  }

  async #listen(): Promise<void> {
    try {
      const client = await this.pool.connect();
      if (this.#closed) return client.release();
      this.#listener = client;
      client.on('notification', ({ payload }) => this.#forget(payload ?? ''));
      client.on('error', () => this.#lost(client));
      client.on('end', () => this.#lost(client));
      await client.query(`LISTEN ${CREDENTIALS_CHANNEL}`);
    } catch {
      if (this.#listener === undefined) this.#retry();
      else this.#lost(this.#listener);
    }
  }

  #lost(client: pg.PoolClient): void {
    if (this.#listener !== client) return;
    this.#listener = undefined;
    client.release(true);
    this.#retry();
  }

  #retry(): void {
    if (!this.#closed) setTimeout(() => void this.#listen(), RELISTEN_AFTER_MS).unref();
  }
}

const credentialOf = (row: Row): Credential => ({
  principal: Object.freeze({
    plane: 'tenant',
    tenantId: row.tenant_id,
    environment: row.environment,
    callerId: row.key_id,
    scopes: new Set(row.scopes),
    limits: Object.freeze({ perMinute: row.rate_limit_per_min, perDay: row.rate_limit_per_day }),
  }),
  verifier: { bytes: row.verifier, version: row.hash_version },
  reserved: row.reserved,
  active: row.is_active,
  expiresAt: row.expires_at?.getTime() ?? Infinity,
  version: row.version,
  provenBy: null,
});
