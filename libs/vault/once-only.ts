import { createHmac, hkdfSync } from 'node:crypto';
import type pg from 'pg';
import type { MasterKey, MasterKeys } from './master-key.js';
import { decrypt, encrypt, owner } from './sealing.js';

/** The request that made a secret: what its replay repeats. */
export interface SecretRequest {
  /** Whose secret it is. */
  readonly tenantId: string;
  /** The key or endpoint that it opens. */
  readonly resourceId: string;
  /** Who asked: the tenant's id or the operator's, as idempotency keys are counted. */
  readonly caller: string;
  readonly idempotencyKey: string;
}

const KEPT_FOR = '30 days';

const PUT = `INSERT INTO daybook.once_only_secrets AS s (tenant_id, resource_id, request, sealed, master_key_id, expires_at)
  VALUES ($1, $2, $3, $4, $5, now() + interval '${KEPT_FOR}')
  ON CONFLICT (tenant_id, resource_id, request) DO UPDATE
  SET sealed = excluded.sealed, master_key_id = excluded.master_key_id, expires_at = excluded.expires_at
  WHERE s.expires_at <= now()`;

const GET = `SELECT sealed, master_key_id, request FROM daybook.once_only_secrets
  WHERE tenant_id = $1 AND resource_id = $2 AND expires_at > now()`;

const DROP = 'DELETE FROM daybook.once_only_secrets WHERE tenant_id = $1 AND resource_id = $2';

const SWEEP = 'DELETE FROM daybook.once_only_secrets WHERE expires_at <= now()';

interface Row {
  readonly sealed: Buffer;
  readonly master_key_id: string;
  readonly request: Buffer;
}

/**
 * Secrets that are answered once, so that a replay of the same request can answer them again (DECISIONS 15). Sealed under
 * HKDF(idempotency key, master key): a stolen database opens none, nor does the master key without the caller's key. The
 * pool's role is `daybook_auth`.
 */
export class OnceOnlySecrets {
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly masterKeys: MasterKeys,
  ) {}

  /**
   * Answers the secret that stands: of requests that repeat each other, even at once, the first one's, and all go on with
   * that. To be called before the secret is put to use.
   */
  async put(request: SecretRequest, secret: string): Promise<string> {
    const { current } = this.masterKeys;
    const sealed = encrypt(keyFor(current, request), nameOf(request), Buffer.from(secret, 'utf8'));
    const { tenantId, resourceId } = request;
    await this.pool.query(PUT, [tenantId, resourceId, fingerprint(current, request), sealed, current.id]);
    return (await this.get(request)) ?? secret;
  }

  /** Null: there is none, it was dropped is older than 30 days, or the idempotency or the master key is another one. */
  async get(request: SecretRequest): Promise<string | null> {
    const { rows } = await this.pool.query<Row>(GET, [request.tenantId, request.resourceId]);
    for (const row of rows) {
      const masterKey = this.masterKeys.find(row.master_key_id);
      if (masterKey === undefined || !fingerprint(masterKey, request).equals(row.request)) continue;
      return decrypt(keyFor(masterKey, request), nameOf(request), row.sealed)?.toString('utf8') ?? null;
    }
    return null;
  }

  /** Forgets all that was kept of a resource: on rotating or deleting it. */
  async drop(tenantId: string, resourceId: string): Promise<void> {
    await this.pool.query(DROP, [tenantId, resourceId]);
  }

  /** Deletes what is older than 30 days; to be called about daily. Answers how many. */
  async sweep(): Promise<number> {
    return (await this.pool.query(SWEEP)).rowCount ?? 0;
  }
}

const nameOf = (request: SecretRequest): Buffer =>
  owner(request.tenantId, request.resourceId, request.caller, request.idempotencyKey);

const keyFor = (masterKey: MasterKey, request: SecretRequest): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey.derive('vault: once-only secrets'), nameOf(request), 'secret', 32));

const fingerprint = (masterKey: MasterKey, request: SecretRequest): Buffer =>
  createHmac('sha256', masterKey.derive('vault: once-only secrets')).update(nameOf(request)).digest();
