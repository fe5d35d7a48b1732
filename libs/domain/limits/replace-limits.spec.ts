import { given, limit, replaceLimits, tenant, type Row } from '../spec-support.js';

const ROWS: readonly Row[] = [
  ['no limits', [tenant()], replaceLimits(), 'LimitsReplaced'],
  [
    'an unknown currency',
    [tenant()],
    replaceLimits(limit(1), limit(1, { currency: 'ABC' })),
    'refused: invalid_currency (limits[1].currency)',
  ],
  ['a negative amount', [tenant()], replaceLimits(limit(-1)), 'refused: amount_out_of_range (limits[0].amount)'],
  ['half a kobo', [tenant()], replaceLimits(limit(0.5)), 'refused: amount_out_of_range (limits[0].amount)'],
  [
    'a negative balance',
    [tenant()],
    replaceLimits(limit(1, { max_balance: -1 })),
    'refused: amount_out_of_range (limits[0].max_balance)',
  ],
  ['no balance, said so', [tenant()], replaceLimits(limit(1, { max_balance: null })), 'LimitsReplaced'],
  ['nothing at all may be sent', [tenant()], replaceLimits(limit(0)), 'LimitsReplaced'],
  ['one row twice', [tenant()], replaceLimits(limit(1), limit(2)), 'refused: overlapping_limits (limits[1])'],
  [
    'the default currency, named and not named',
    [tenant()],
    replaceLimits(limit(1), limit(1, { currency: 'NGN' })),
    'refused: overlapping_limits (limits[1])',
  ],
  [
    'another tier, direction, window, currency',
    [tenant()],
    replaceLimits(
      limit(1),
      limit(1, { kyc_level: 'tier2' }),
      limit(1, { direction: 'inbound' }),
      limit(1, { window: 'monthly' }),
      limit(1, { currency: 'EUR' }),
    ),
    'LimitsReplaced',
  ],
  [
    'two balances of one tier and currency',
    [tenant()],
    replaceLimits(limit(1, { max_balance: 5 }), limit(1), limit(1, { direction: 'inbound', max_balance: 6 })),
    'refused: overlapping_limits (limits[1])',
  ],
  [
    'two balances of one tier and currency, else in order',
    [tenant()],
    replaceLimits(
      limit(1, { max_balance: 5 }),
      limit(1, { window: 'monthly' }),
      limit(1, { direction: 'inbound', max_balance: 6 }),
    ),
    'refused: contradictory_max_balance (limits[2].max_balance)',
  ],
  [
    'one balance said twice, and others of other tiers and currencies',
    [tenant()],
    replaceLimits(
      limit(1, { max_balance: 5 }),
      limit(1, { direction: 'inbound', max_balance: 5 }),
      limit(1, { kyc_level: 'tier2', max_balance: 6 }),
      limit(1, { currency: 'EUR', max_balance: 7 }),
    ),
    'LimitsReplaced',
  ],
];

describe('ReplaceLimits', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('names its rows, says what was left out, and takes the place of all before', () => {
    const { book, when } = given(tenant(), replaceLimits(limit(1), limit(2, { window: 'monthly' })));
    const before = book.state.limitRules.value.rules.map(({ limit_id }) => limit_id);
    expect(new Set(before).size).toBe(2);
    const [event] = when(replaceLimits(limit(3))).events;
    const rules = book.state.limitRules.value.rules;
    expect(event?.data).toEqual({ limits: rules });
    expect(rules).toEqual([
      {
        limit_id: expect.stringMatching(/^lim_[0-9A-Z]{26}$/) as unknown,
        kyc_level: 'tier1',
        direction: 'outbound',
        window: 'daily',
        amount: 3,
        max_balance: null,
        currency: 'NGN',
      },
    ]);
    expect(before).not.toContain(rules[0]?.limit_id);
  });
});
