import type { ApiKeyFacts } from '#domain/api-keys/api-keys.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { createdAt, opened, type Open } from './personal.js';

/** Which digest the verifiers of today's keys are made with; tables of credentials know it of each. */
export const HASH_VERSION = 1;

/** A key without its secret, which is shown once, when it is made. */
export interface ApiKeyResource {
  readonly object: 'api_key';
  readonly id: string;
  readonly key_id: string;
  readonly tenant_id: string;
  readonly name: string | null;
  readonly scopes: readonly string[];
  readonly rate_limit_per_min: number | null;
  readonly rate_limit_per_day: number | null;
  readonly hash_version: number;
  readonly is_active: boolean;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `updatedAt`: time of the key's last event. Last use is no event; who knows it hands it over. */
export const renderApiKey = (
  facts: ApiKeyFacts,
  {
    tenantId,
    updatedAt,
    lastUsedAt = null,
  }: {
    readonly tenantId: string;
    readonly updatedAt: Instant;
    readonly lastUsedAt?: Instant | null;
  },
  open: Open,
): ApiKeyResource => ({
  object: 'api_key',
  id: facts.key_id,
  key_id: facts.key_id,
  tenant_id: tenantId,
  name: opened(facts.name, open),
  scopes: facts.scopes,
  rate_limit_per_min: facts.rate_limit_per_min,
  rate_limit_per_day: facts.rate_limit_per_day,
  hash_version: HASH_VERSION,
  is_active: facts.is_active,
  last_used_at: lastUsedAt === null ? null : formatInstant(lastUsedAt),
  expires_at: facts.expires_at,
  created_at: createdAt(facts.key_id),
  updated_at: formatInstant(updatedAt),
});
