import { idOf } from '../ids.js';
import type { Command } from '../commands.js';
import { given, START, tenant, ulidAt, type Row } from '../spec-support.js';
import type { RotateApiKey } from './rotate-api-key.js';

const KEY = idOf('api_key', ulidAt(START, 9));
const OTHER = idOf('api_key', ulidAt(START, 10));
const made: Command = {
  type: 'CreateApiKey',
  data: {
    key_id: KEY,
    name: 'till',
    scopes: ['accounts:read'],
    rate_limit_per_min: 7,
    expires_at: '2026-06-01T00:00:00Z',
  },
};
const rotate = (data: Partial<RotateApiKey['data']> = {}): Command => ({
  type: 'RotateApiKey',
  data: { key_id: KEY, new_key_id: OTHER, overlap_until: null, ...data },
});
const remove: Command = { type: 'DeleteApiKey', data: { key_id: KEY } };
const revoke: Command = { type: 'UpdateApiKey', data: { key_id: KEY, is_active: false } };

const ROWS: readonly Row[] = [
  ['rotating an unknown key', [tenant()], rotate(), 'refused: api_key_not_found'],
  ['rotating a key out of use', [tenant(), made, revoke], rotate(), 'refused: invalid_state'],
  ['rotating a deleted key', [tenant(), made, remove], rotate(), 'refused: api_key_not_found'],
  ['rotating to a key that exists', [tenant(), made], rotate({ new_key_id: KEY }), 'refused: invalid_state (key_id)'],
  ['rotating', [tenant(), made], rotate(), 'ApiKeyUpdated ApiKeyCreated'],
  ['deleting an unknown key', [tenant()], remove, 'refused: api_key_not_found'],
  ['deleting', [tenant(), made], remove, 'ApiKeyDeleted'],
  ['deleting twice', [tenant(), made, remove], remove, 'refused: api_key_not_found'],
  [
    'bringing a deleted key back',
    [tenant(), made, remove],
    { type: 'UpdateApiKey', data: { key_id: KEY, is_active: true } },
    'refused: api_key_not_found',
  ],
  ['making a key under a deleted one’s id', [tenant(), made, remove], made, 'refused: invalid_state (key_id)'],
];

describe('RotateApiKey and DeleteApiKey', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it.each([
    ['at once', null, { is_active: false, expires_at: '2026-06-01T00:00:00.000Z' }],
    ['with an overlap', '2026-01-06T09:00:00Z', { is_active: true, expires_at: '2026-01-06T09:00:00.000Z' }],
    [
      'with an overlap beyond its end',
      '2026-07-01T00:00:00Z',
      { is_active: true, expires_at: '2026-06-01T00:00:00.000Z' },
    ],
  ])('%s: the new key has all the old one had, and the old one ends', (_telling, overlap_until, old) => {
    const [ended, begun] = given(tenant(), made).when(rotate({ overlap_until })).events;
    expect(ended?.data).toMatchObject({ api_key: { key_id: KEY, ...old } });
    expect(begun?.data).toEqual({
      api_key: {
        key_id: OTHER,
        name: expect.stringMatching(/^s1\..*till$/) as string,
        scopes: ['accounts:read'],
        rate_limit_per_min: 7,
        rate_limit_per_day: 1_000_000,
        is_active: true,
        expires_at: '2026-06-01T00:00:00.000Z',
      },
    });
  });

  it('shuts out what a deleted key issues', () => {
    const { when } = given(tenant(), made, remove);
    const issuer = { plane: 'tenant', keyId: KEY, entitlement: null } as const;
    expect(when({ type: 'CreateCustomer', data: { kind: 'person', name: 'Ada' } }, issuer).outcome).toBe(
      'refused: revoked_key',
    );
  });
});
