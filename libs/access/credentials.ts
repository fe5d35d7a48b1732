import type pg from 'pg';
import type { ApiKeyFacts } from '#domain/api-keys/api-keys.js';
import { type KeyVerifiers, parseApiKey } from './api-keys.js';

/** Payload: the id of a key whose row has changed. */
export const CREDENTIALS_CHANNEL = 'daybook_api_keys';

export interface Unsettled {
  readonly tenantId: string;
  readonly keyId: string;
}

const RESERVE = `INSERT INTO daybook.api_key_credentials (tenant_id, key_id, environment, verifier, hash_version)
  VALUES ($1, $2, $3, $4, $5)`;

const announced = (change: string): string =>
  `WITH changed AS (${change} RETURNING key_id) SELECT pg_notify('${CREDENTIALS_CHANNEL}', key_id) FROM changed`;

const SETTLE = announced(`UPDATE daybook.api_key_credentials
  SET scopes = $3, rate_limit_per_min = $4, rate_limit_per_day = $5, is_active = $6, expires_at = $7, revision = $8,
    changed_at = clock_timestamp()
  WHERE tenant_id = $1 AND key_id = $2 AND coalesce(revision, -1) <= $8`);

// least() passes over null: a key without an end gets one.
const RESTRICT = announced(`UPDATE daybook.api_key_credentials
  SET is_active = is_active AND $3, expires_at = least(expires_at, $4), changed_at = clock_timestamp()
  WHERE tenant_id = $1 AND key_id = $2`);

const UNSETTLED = `SELECT tenant_id, key_id FROM daybook.api_key_credentials
  WHERE revision IS NULL AND created_at < now() - $1 * interval '1 millisecond' ORDER BY created_at LIMIT 1000`;

const DISCARD = 'DELETE FROM daybook.api_key_credentials WHERE tenant_id = $1 AND key_id = $2 AND revision IS NULL';

const LAST_USED = `SELECT key_id, last_used_at FROM daybook.api_key_credentials
  WHERE tenant_id = $1 AND last_used_at IS NOT NULL`;

/**
 * The rows that the guard reads, written by what commands keys. In this order, so that a crash between two steps never
 * leaves a key that opens what no event allows:
 *
 * - *create:* `reserve` (the key opens nothing yet) → append `ApiKeyCreated` → `settle` → only then is the secret answered.
 *   A crash after the append is completed by the replay of the request, or at start: `unsettled`, then `settle` where the
 *   key's event exists and `discard` where it does not.
 * - *deactivate, or end earlier:* `restrict` (in force at once, on every instance) → append → `settle`.
 * - *reactivate, end later, other limits:* append → `settle`.
 *
 * `settle` is repeated freely: an older revision never overwrites a newer one. The pool's role is `daybook_auth`.
 */
export class ApiKeyCredentials {
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly verifiers: KeyVerifiers,
  ) {}

  /** Throws `RangeError` for a text that is no key. */
  async reserve(tenantId: string, fullKey: string): Promise<void> {
    const key = parseApiKey(fullKey);
    if (key === null) throw new RangeError('this is no API key');
    const verifier = this.verifiers.verifierOf(key);
    await this.pool.query(RESERVE, [tenantId, key.keyId, key.environment, verifier, this.verifiers.currentVersion]);
  }

  /**
   * Makes the row say what the event at this revision of the tenant's stream says. False: there is no row (a restored
   * ledger, whose keys stay unusable until they are rotated), or it is newer.
   */
  async settle(tenantId: string, facts: ApiKeyFacts, revision: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(SETTLE, [
      tenantId,
      facts.key_id,
      facts.scopes,
      facts.rate_limit_per_min,
      facts.rate_limit_per_day,
      facts.is_active,
      facts.expires_at,
      revision,
    ]);
    return rowCount === 1;
  }

  /** Only ever takes away: what is not named, or would allow more, stays as it is. */
  async restrict(
    tenantId: string,
    keyId: string,
    to: { readonly isActive?: false; readonly expiresAt?: string },
  ): Promise<void> {
    await this.pool.query(RESTRICT, [tenantId, keyId, to.isActive ?? true, to.expiresAt ?? null]);
  }

  /** Reserved for longer than this many milliseconds, oldest first, at most 1,000: something broke off in between. */
  async unsettled(olderThanMs: number): Promise<readonly Unsettled[]> {
    const { rows } = await this.pool.query<{ tenant_id: string; key_id: string }>(UNSETTLED, [olderThanMs]);
    return rows.map((row) => ({ tenantId: row.tenant_id, keyId: row.key_id }));
  }

  /** Removes a reserved row; one that was settled stays. */
  async discard(tenantId: string, keyId: string): Promise<void> {
    await this.pool.query(DISCARD, [tenantId, keyId]);
  }

  /** When each key of a tenant was last used, a few seconds late; keys never used are not in it. */
  async lastUsed(tenantId: string): Promise<ReadonlyMap<string, Date>> {
    const { rows } = await this.pool.query<{ key_id: string; last_used_at: Date }>(LAST_USED, [tenantId]);
    return new Map(rows.map((row) => [row.key_id, row.last_used_at]));
  }
}
