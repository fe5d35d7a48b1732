import type pg from 'pg';
import { maskedSecret, type Secret } from './signing.js';

/** Seals under a key that is in no database; `owner` is authenticated with it, so that a row moved elsewhere opens nothing. */
export interface SecretBox {
  seal(owner: readonly string[], text: string): { readonly sealed: Buffer; readonly keyId: string };
  /** Null where the key is not known, or the row is another's. */
  open(owner: readonly string[], sealed: Buffer, keyId: string): string | null;
}

const PUT = `INSERT INTO daybook.webhook_secrets (tenant_id, endpoint_id, secret_id, sealed, master_key_id, masked)
  VALUES ($1, $2, $3, $4, $5, $6)`;

const OF = `SELECT secret_id, sealed, master_key_id FROM daybook.webhook_secrets
  WHERE tenant_id = $1 AND endpoint_id = $2`;

const MASKED =
  'SELECT secret_id, masked FROM daybook.webhook_secrets WHERE tenant_id = $1 AND secret_id = ANY($2::text[])';

const KEEP_ONLY = `DELETE FROM daybook.webhook_secrets
  WHERE tenant_id = $1 AND endpoint_id = $2 AND NOT secret_id = ANY($3::text[])
    AND (secret_id = ANY($4::text[]) OR created_at < now() - interval '1 minute')`;

const DISCARD = 'DELETE FROM daybook.webhook_secrets WHERE tenant_id = $1 AND endpoint_id = $2 AND secret_id = $3';

/** Signing secrets by endpoint. The pool's role is `daybook_auth`. */
export class WebhookSecrets {
  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly box: SecretBox,
  ) {}

  /** Before the event that names it, so that no endpoint is ever without. */
  async put(tenantId: string, endpointId: string, secretId: string, secret: Secret): Promise<void> {
    const { sealed, keyId } = this.box.seal([tenantId, endpointId, secretId], secret);
    await this.pool.query(PUT, [tenantId, endpointId, secretId, sealed, keyId, maskedSecret(secret)]);
  }

  /** By id. One that can't be opened is left out. */
  async of(tenantId: string, endpointId: string): Promise<ReadonlyMap<string, Secret>> {
    const { rows } = await this.pool.query<{ secret_id: string; sealed: Buffer; master_key_id: string }>(OF, [
      tenantId,
      endpointId,
    ]);
    const opened = rows.map(({ secret_id, sealed, master_key_id }) => {
      const text = this.box.open([tenantId, endpointId, secret_id], sealed, master_key_id);
      return [secret_id, text as Secret | null] as const;
    });
    return new Map(opened.filter((one): one is readonly [string, Secret] => one[1] !== null));
  }

  /** How secrets are shown, by id. */
  async masked(tenantId: string, secretIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.pool.query<{ secret_id: string; masked: string }>(MASKED, [tenantId, secretIds]);
    return new Map(rows.map(({ secret_id, masked }) => [secret_id, masked]));
  }

  /**
   * Forgets what the endpoint's events name no more. What was just made, and is none that they named before, may be of a
   * request under way, and stays.
   */
  async keepOnly(
    tenantId: string,
    endpointId: string,
    secretIds: readonly string[],
    before: readonly string[],
  ): Promise<void> {
    await this.pool.query(KEEP_ONLY, [tenantId, endpointId, secretIds, before]);
  }

  /** Of a request that came to nothing. */
  async discard(tenantId: string, endpointId: string, secretId: string): Promise<void> {
    await this.pool.query(DISCARD, [tenantId, endpointId, secretId]);
  }
}
