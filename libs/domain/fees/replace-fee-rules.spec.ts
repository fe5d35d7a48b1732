import type { Command } from '../commands.js';
import { given, tenant, type Row } from '../spec-support.js';
import { findRule } from './compute-fee.js';
import type { FeeRule } from './fees.js';
import type { FeeTerms } from './replace-fee-rules.js';

const rule = (terms: Partial<FeeTerms> = {}): FeeTerms => ({
  channel: 'funds_transfer',
  currency: 'NGN',
  flat_amount: 2500,
  percentage_rate: '0.015',
  who_pays: 'customer',
  who_gets_paid: 'platform',
  effective_from: '2026-02-01T00:00:00Z',
  ...terms,
});
const replace = (...rules: FeeTerms[]): Command => ({ type: 'ReplaceFeeRules', data: { rules } });

const ROWS: readonly Row[] = [
  [
    'no bounds, said so',
    [tenant()],
    replace(rule({ min_amount: null, max_amount: null, fee_floor: null, fee_cap: null })),
    'FeeRulesReplaced',
  ],
  [
    'one bound of two',
    [tenant()],
    replace(rule({ min_amount: 5, max_amount: null, fee_floor: null, fee_cap: 5 })),
    'FeeRulesReplaced',
  ],
  [
    'the other bound of two',
    [tenant()],
    replace(rule({ min_amount: null, max_amount: 5, fee_floor: 5, fee_cap: null })),
    'FeeRulesReplaced',
  ],
  [
    'an unknown currency',
    [tenant()],
    replace(rule({ currency: 'ABC' })),
    'refused: invalid_currency (rules[0].currency)',
  ],
  [
    'a negative flat part',
    [tenant()],
    replace(rule({ flat_amount: -1 })),
    'refused: amount_out_of_range (rules[0].flat_amount)',
  ],
  [
    'half a kobo of cap',
    [tenant()],
    replace(rule({ fee_cap: 0.5 })),
    'refused: amount_out_of_range (rules[0].fee_cap)',
  ],
  [
    'seven places',
    [tenant()],
    replace(rule({ percentage_rate: '0.0000001' })),
    'refused: invalid_parameter (rules[0].percentage_rate)',
  ],
  [
    'more than all of it',
    [tenant()],
    replace(rule({ percentage_rate: '1.5' })),
    'refused: invalid_parameter (rules[0].percentage_rate)',
  ],
  [
    'a negative share',
    [tenant()],
    replace(rule({ percentage_rate: '-0.1' })),
    'refused: invalid_parameter (rules[0].percentage_rate)',
  ],
  [
    'a band that ends before it begins',
    [tenant()],
    replace(rule(), rule({ min_amount: 9, max_amount: 8 })),
    'refused: invalid_parameter (rules[1].max_amount)',
  ],
  [
    'a floor above the cap',
    [tenant()],
    replace(rule({ fee_floor: 9, fee_cap: 8 })),
    'refused: invalid_parameter (rules[0].fee_cap)',
  ],
  [
    'no time',
    [tenant()],
    replace(rule({ effective_from: 'now' })),
    'refused: invalid_parameter (rules[0].effective_from)',
  ],
  ['one rule twice', [tenant()], replace(rule(), rule()), 'refused: overlapping_fee_rules (rules[1])'],
  [
    'bands that meet in one amount',
    [tenant()],
    replace(rule({ max_amount: 100 }), rule({ min_amount: 100 })),
    'refused: overlapping_fee_rules (rules[1])',
  ],
  [
    'bands of one moment, written in two ways',
    [tenant()],
    replace(rule(), rule({ effective_from: '2026-02-01T01:00:00+01:00' })),
    'refused: overlapping_fee_rules (rules[1])',
  ],
  [
    'bands that meet in one amount, the higher one first',
    [tenant()],
    replace(rule({ min_amount: 100 }), rule({ max_amount: 100 })),
    'refused: overlapping_fee_rules (rules[1])',
  ],
  [
    'bands side by side, the higher one first',
    [tenant()],
    replace(rule({ min_amount: 100 }), rule({ max_amount: 99 })),
    'FeeRulesReplaced',
  ],
  [
    'a band of one amount, and a fee of one',
    [tenant()],
    replace(rule({ min_amount: 9, max_amount: 9, fee_floor: 5, fee_cap: 5 })),
    'FeeRulesReplaced',
  ],
  ['bands side by side', [tenant()], replace(rule({ max_amount: 99 }), rule({ min_amount: 100 })), 'FeeRulesReplaced'],
  [
    'another channel, currency, time',
    [tenant()],
    replace(
      rule(),
      rule({ channel: 'va_payment' }),
      rule({ currency: 'EUR' }),
      rule({ effective_from: '2026-03-01T00:00:00Z' }),
    ),
    'FeeRulesReplaced',
  ],
  ['no rules', [tenant()], replace(), 'FeeRulesReplaced'],
];

const rulesOf = (command: Command): readonly FeeRule[] =>
  (given(tenant()).when(command).events[0]?.data as { rules: readonly FeeRule[] }).rules;

describe('ReplaceFeeRules', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('lets a future rule wait and a past one begin now', () => {
    const rules = rulesOf(replace(rule(), rule({ effective_from: '2024-01-01T00:00:00Z' })));
    expect(rules.map((one) => one.effective_from)).toEqual(['2026-02-01T00:00:00.000Z', '2026-01-05T09:00:02.000Z']);
  });

  it.each([
    ['the later one first', '2025-06-01T00:00:00Z', false],
    ['the later one last', '2025-06-01T00:00:00Z', true],
    ['the later one now', '2026-01-05T09:00:02Z', false],
    ['the later one now, last', '2026-01-05T09:00:02Z', true],
  ])('keeps the order of past rules: %s', (_telling, effective_from, isLast) => {
    const later = rule({ effective_from, min_amount: 10, max_amount: 20, flat_amount: 1 });
    const earlier = rule({ effective_from: '2024-01-01T00:00:00Z', flat_amount: 2 });
    const rules = rulesOf(isLast ? replace(earlier, later) : replace(later, earlier));
    const at = Date.parse('2026-01-05T09:00:02Z');
    const charged = (amount: number): unknown => findRule({ rules }, 'funds_transfer', 'NGN', amount, at)?.flat_amount;
    expect([9, 10, 20, 21].map(charged)).toEqual([2, 1, 1, 2]);
  });

  it.each([
    ['0', '0'],
    ['0.0150', '0.015'],
    ['00.10', '0.1'],
    ['000.05', '0.05'],
    ['01', '1'],
    ['1.000000', '1'],
    ['0.000001', '0.000001'],
  ])('writes the rate %s as %s', (asked, kept) => {
    expect(rulesOf(replace(rule({ percentage_rate: asked })))[0]?.percentage_rate).toBe(kept);
  });

  it('names its rules and takes the place of all before', () => {
    const { book, when } = given(tenant(), replace(rule(), rule({ channel: 'va_payment' })));
    const before = book.state.feeSchedule.value.rules.map(({ rule_id }) => rule_id);
    expect(new Set(before).size).toBe(2);
    for (const id of before) expect(id).toMatch(/^fee_[0-9A-Z]{26}$/);
    when(replace(rule()));
    expect(book.state.feeSchedule.value.rules).toHaveLength(1);
    expect(before).not.toContain(book.state.feeSchedule.value.rules[0]?.rule_id);
  });
});
