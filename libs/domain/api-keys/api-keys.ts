import type { Personal } from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import { cold, type TenantState } from '../state.js';

/** That a key exists and what it may do. Its secret's verifier is in a credential table, never in a stream. */
export interface ApiKeyFacts {
  readonly key_id: string;
  readonly name: Personal | null;
  readonly scopes: readonly string[];
  /** Null: no limit. */
  readonly rate_limit_per_min: number | null;
  readonly rate_limit_per_day: number | null;
  readonly is_active: boolean;
  /** RFC 3339, null: never. */
  readonly expires_at: string | null;
}

export type ApiKeyEvent =
  | { readonly type: 'ApiKeyCreated'; readonly data: { readonly api_key: ApiKeyFacts } }
  | {
      readonly type: 'ApiKeyUpdated' | 'ApiKeyDeleted';
      readonly data: { readonly api_key: ApiKeyFacts; readonly previous: Partial<ApiKeyFacts> };
    };

/** The writer refuses a command of a key that is no longer active, however it got past the door. */
export interface ApiKey {
  readonly active: boolean;
  readonly expiresAt: string | null;
}

export const evolveApiKey = (state: TenantState, event: ApiKeyEvent): void => {
  const { key_id, is_active, expires_at } = event.data.api_key;
  state.apiKeys.set(key_id, { active: is_active, expiresAt: expires_at });
};

/** The whole key; null where none has this id, or it was deleted. The command must have declared that it needs `key:<id>`. */
export const apiKeyFacts = (state: TenantState, keyId: string): ApiKeyFacts | null => {
  if (!state.apiKeys.has(keyId)) return null;
  const event = cold(state, `key:${keyId}`);
  if (event === null || !('api_key' in event.data)) throw new LedgerInconsistent(`no event says what ${keyId} is`);
  return event.type === 'ApiKeyDeleted' ? null : event.data.api_key;
};
