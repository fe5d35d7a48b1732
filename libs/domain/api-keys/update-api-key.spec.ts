import { idOf } from '../ids.js';
import type { Command, Issuer } from '../commands.js';
import { given, named, START, tenant, ulidAt, type Row } from '../spec-support.js';
import type { UpdateApiKey } from './update-api-key.js';

const KEY = idOf('api_key', ulidAt(START, 9));
const made = named('k', { type: 'CreateApiKey', data: { key_id: KEY, scopes: ['accounts:read'] } });
const update = (data: Omit<UpdateApiKey['data'], 'key_id'>, key_id = KEY): Command => ({
  type: 'UpdateApiKey',
  data: { key_id, ...data },
});
const suspend: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };
const deactivate: Command = { type: 'ChangeTenantStatus', data: { status: 'inactive' } };
const revoke = update({ is_active: false });

const ROWS: readonly Row[] = [
  [
    'more calls while suspended',
    [tenant(), made, suspend],
    update({ rate_limit_per_min: 9 }),
    'refused: tenant_suspended',
  ],
  [
    'back in use while inactive',
    [tenant(), made, revoke, deactivate],
    update({ is_active: true }),
    'refused: tenant_inactive',
  ],
  ['out of use while suspended', [tenant(), made, suspend], revoke, 'ApiKeyUpdated'],
  ['out of use while inactive', [tenant(), made, deactivate], revoke, 'ApiKeyUpdated'],
  ['an unknown key', [tenant()], update({ is_active: false }), 'refused: api_key_not_found'],
  [
    'above the ceiling',
    [tenant(), made],
    update({ rate_limit_per_day: 1_000_001 }),
    'refused: limit_above_tier (rate_limit_per_day)',
  ],
  [
    'an end that has passed',
    [tenant(), made],
    update({ expires_at: '2026-01-01T00:00:00Z' }),
    'refused: expiry_in_the_past (expires_at)',
  ],
  ['out of use twice', [tenant(), made, revoke], revoke, 'unchanged'],
  ['back to the ceiling it has', [tenant(), made], update({ rate_limit_per_min: null, expires_at: null }), 'unchanged'],
  ['back in use', [tenant(), made, revoke], update({ is_active: true }), 'ApiKeyUpdated'],
];

describe('UpdateApiKey', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('shuts out what the key issues from then on', () => {
    const issuer: Issuer = { plane: 'tenant', keyId: KEY, entitlement: null };
    const { when } = given(tenant(), made);
    expect(when(update({ rate_limit_per_min: 9 }), issuer).outcome).toBe('ApiKeyUpdated');
    when(revoke);
    expect(when(update({ is_active: true }), issuer).outcome).toBe('refused: revoked_key');
  });
});
