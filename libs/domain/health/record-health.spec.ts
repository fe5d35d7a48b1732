import type { Command } from '../commands.js';
import { given, tenant, type Row } from '../spec-support.js';

const record = (measures: object): Command => ({ type: 'RecordHealth', data: { measures } });
const settings = (data: object): Command => ({ type: 'ChangeFinanceSettings', data });
const born = [tenant()];
const crossed = [...born, record({ blocked_accounts: 11 })];
const CROSSED = 'HealthThresholdCrossed';
const RESTORED = 'HealthThresholdRestored';

const ROWS: readonly Row[] = [
  ['without a tenant', [], record({ blocked_accounts: 11 }), 'refused: tenant_not_found'],
  ['nothing', born, record({}), 'refused: invalid_parameter (measures)'],
  ['nothing of what there is', born, record({ coverage_ratio: 1 }), 'refused: invalid_parameter (measures)'],
  ['at the threshold', born, record({ blocked_accounts: 10 }), 'unchanged'],
  ['above it', born, record({ blocked_accounts: 11 }), CROSSED],
  ['above it still', crossed, record({ blocked_accounts: 500 }), 'unchanged'],
  ['at it again', crossed, record({ blocked_accounts: 10 }), 'unchanged'],
  ['just above four fifths of it', crossed, record({ blocked_accounts: 9 }), 'unchanged'],
  ['at four fifths of it', crossed, record({ blocked_accounts: 8 }), RESTORED],
  ['none any more', crossed, record({ blocked_accounts: 0 }), RESTORED],
  ['nothing to measure any more', crossed, record({ blocked_accounts: null }), RESTORED],
  ['nothing to measure', born, record({ kyc_rejection_rate: null }), 'unchanged'],
  [
    'once more after it was restored',
    [...crossed, record({ blocked_accounts: 0 })],
    record({ blocked_accounts: 11 }),
    CROSSED,
  ],
  ['5 % of webhooks', born, record({ webhook_failure_rate: 500 }), 'unchanged'],
  ['a hundredth more', born, record({ webhook_failure_rate: 501 }), CROSSED],
  ['20.01 % of KYC decisions', born, record({ kyc_rejection_rate: 2_001 }), CROSSED],
  ['a hundred and one hits', born, record({ rate_limit_hits: 101 }), CROSSED],
  [
    'a threshold of the tenant’s own',
    [...born, settings({ rate_limit_hits_per_day: 0 })],
    record({ rate_limit_hits: 1 }),
    CROSSED,
  ],
  [
    'several at once',
    crossed,
    record({ blocked_accounts: 0, rate_limit_hits: 500, kyc_rejection_rate: 1 }),
    `${CROSSED} ${RESTORED}`,
  ],
  ['while suspended', [tenant({ status: 'suspended' })], record({ rate_limit_hits: 500 }), CROSSED],
];

describe('RecordHealth', () => {
  it.each(ROWS)('%s: %s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('says what was measured, and what it is beyond', () => {
    expect(given(...born).when(record({ rate_limit_hits: 101 })).events[0]?.data).toEqual({
      health: { indicator: 'rate_limit_hits', value: 101, threshold: 100 },
    });
  });
});
