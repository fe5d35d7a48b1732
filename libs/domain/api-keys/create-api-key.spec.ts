import { idOf } from '../ids.js';
import type { Command } from '../commands.js';
import { given, START, tenant, ulidAt, type Row } from '../spec-support.js';
import type { CreateApiKey } from './create-api-key.js';

const key = (data: Partial<CreateApiKey['data']> = {}): Command => ({
  type: 'CreateApiKey',
  data: { key_id: idOf('api_key', ulidAt(START, 9)), scopes: ['accounts:read'], ...data },
});
const free = tenant({ partner: { name: 'Jo', email: 'jo@acme.example', tier: 'free' } });
const enterprise = tenant({ partner: { name: 'Jo', email: 'jo@acme.example', tier: 'enterprise' } });

const ROWS: readonly Row[] = [
  ['while suspended', [tenant({ status: 'suspended' })], key(), 'refused: tenant_suspended'],
  ['an id that is taken', [tenant(), key()], key(), 'refused: invalid_state (key_id)'],
  ['no calls at all', [tenant()], key({ rate_limit_per_min: 0 }), 'refused: invalid_parameter (rate_limit_per_min)'],
  [
    'above the ceiling of a minute',
    [tenant()],
    key({ rate_limit_per_min: 6001 }),
    'refused: limit_above_tier (rate_limit_per_min)',
  ],
  [
    'above the ceiling of a day',
    [free],
    key({ rate_limit_per_day: 50_001 }),
    'refused: limit_above_tier (rate_limit_per_day)',
  ],
  ['an end that is no time', [tenant()], key({ expires_at: 'soon' }), 'refused: invalid_parameter (expires_at)'],
  [
    'an end that has passed',
    [tenant()],
    key({ expires_at: '2026-01-05T09:00:02Z' }),
    'refused: expiry_in_the_past (expires_at)',
  ],
  [
    'just below all of it',
    [tenant()],
    key({ rate_limit_per_min: 6000, expires_at: '2026-01-05T09:00:03Z' }),
    'ApiKeyCreated',
  ],
  ['without a ceiling', [enterprise], key({ rate_limit_per_min: 1_000_000 }), 'ApiKeyCreated'],
];

describe('CreateApiKey', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it.each([
    [free, 600, 50_000],
    [tenant(), 6000, 1_000_000],
    [enterprise, null, null],
  ])('gets the ceiling of its tier where nothing is asked', (owner, perMinute, perDay) => {
    const [event] = given(owner).when(key({ rate_limit_per_min: null })).events;
    expect(event?.data).toMatchObject({ api_key: { rate_limit_per_min: perMinute, rate_limit_per_day: perDay } });
  });

  it('states its end in UTC and its scopes once each', () => {
    const asked = key({ expires_at: '2027-01-05T10:00:00+01:00', scopes: ['b:read', 'a:read', 'b:read'] });
    expect(given(tenant()).when(asked).events[0]?.data).toMatchObject({
      api_key: { expires_at: '2027-01-05T09:00:00.000Z', scopes: ['a:read', 'b:read'], is_active: true },
    });
  });
});
