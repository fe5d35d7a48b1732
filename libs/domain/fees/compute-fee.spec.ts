import fc from 'fast-check';
import { AmountOutOfRange } from '../money.js';
import { explainFee, feeAmount, findRule } from './compute-fee.js';
import type { FeeRule } from './fees.js';

const rule = (terms: Partial<FeeRule> = {}): FeeRule => ({
  rule_id: 'fee_1',
  channel: 'funds_transfer',
  currency: 'NGN',
  flat_amount: 0,
  percentage_rate: '0',
  min_amount: null,
  max_amount: null,
  fee_floor: null,
  fee_cap: null,
  who_pays: 'customer',
  who_gets_paid: 'platform',
  effective_from: '2026-01-01T00:00:00.000Z',
  ...terms,
});
const NOW = Date.parse('2026-01-10T00:00:00Z');

describe('findRule', () => {
  const rules = [
    rule({ rule_id: 'old', effective_from: '2026-01-01T00:00:00.000Z' }),
    rule({ rule_id: 'band', effective_from: '2026-01-05T00:00:00.000Z', min_amount: 100, max_amount: 200 }),
    rule({ rule_id: 'now', effective_from: '2026-01-10T00:00:00.000Z', min_amount: 150, max_amount: 150 }),
    rule({ rule_id: 'later', effective_from: '2026-01-10T00:00:00.001Z' }),
    rule({ rule_id: 'euro', currency: 'EUR', min_amount: 5 }),
  ];

  it.each([
    [99, 'old'],
    [100, 'band'],
    [200, 'band'],
    [150, 'now'],
    [201, 'old'],
  ])('%s falls under %s', (amount, expected) => {
    expect(findRule({ rules }, 'funds_transfer', 'NGN', amount, NOW)?.rule_id).toBe(expected);
  });

  it('lets a rule in when its time comes', () => {
    expect(findRule({ rules }, 'funds_transfer', 'NGN', 150, NOW + 1)?.rule_id).toBe('later');
  });

  it.each([
    ['nin_lookup', 'NGN', 100],
    ['funds_transfer', 'USD', 100],
    ['funds_transfer', 'EUR', 4],
  ])('no fee on %s %s %s', (channel, currency, amount) => {
    expect(findRule({ rules }, channel, currency, amount, NOW)).toBeUndefined();
  });
});

describe('feeAmount', () => {
  it.each([
    // flat, rate, amount, fee
    [5000, '0.015', 100_000, 6500],
    [0, '0.5', 1, 0],
    [0, '0.5', 3, 2],
    [0, '0.5', 5, 2],
    // Flat part and share are rounded together: 1.5 goes to 2, where 1 + 0.5 rounded apart would be 1.
    [1, '0.5', 1, 2],
    [0, '0.000001', 500_000, 0],
    [0, '0.000001', 500_001, 1],
    [0, '1', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [0, '0.000001', Number.MAX_SAFE_INTEGER, 9_007_199_255],
  ])('%s + %s × %s = %s', (flat_amount, percentage_rate, amount, fee) => {
    expect(feeAmount(rule({ flat_amount, percentage_rate }), amount)).toBe(fee);
  });

  it('clamps to floor and cap', () => {
    const clamped = rule({ percentage_rate: '0.01', fee_floor: 10, fee_cap: 20 });
    expect([0, 1000, 1500, 2000, 9999].map((amount) => feeAmount(clamped, amount))).toEqual([10, 10, 15, 20, 20]);
  });

  it('throws where the fee is no amount', () => {
    expect(() => feeAmount(rule({ flat_amount: 1, percentage_rate: '1' }), Number.MAX_SAFE_INTEGER)).toThrow(
      AmountOutOfRange,
    );
  });

  const amounts = fc.integer({ min: 1, max: 1_000_000_000_000 });
  const micros = fc.integer({ min: 0, max: 1_000_000 });
  const rateOf = (micro: number): string =>
    `${Math.floor(micro / 1_000_000)}.${String(micro % 1_000_000).padStart(6, '0')}`;

  it('is never further than half a unit from the exact fee, and even where it is exactly half', () => {
    fc.assert(
      fc.property(amounts, micros, fc.integer({ min: 0, max: 1_000_000 }), (amount, micro, flat) => {
        const fee = BigInt(feeAmount(rule({ flat_amount: flat, percentage_rate: rateOf(micro) }), amount));
        const exact = BigInt(flat) * 1_000_000n + BigInt(amount) * BigInt(micro);
        const off = fee * 1_000_000n - exact;
        const distance = off < 0n ? -off : off;
        expect(distance < 500_000n || (distance === 500_000n && fee % 2n === 0n)).toBe(true);
      }),
    );
  });

  it('never falls when the amount rises, and stays between floor and cap', () => {
    fc.assert(
      fc.property(amounts, amounts, micros, fc.nat(1000), fc.nat(1000), (a, b, micro, floor, more) => {
        const clamped = rule({ percentage_rate: rateOf(micro), fee_floor: floor, fee_cap: floor + more });
        const [low, high] = [feeAmount(clamped, Math.min(a, b)), feeAmount(clamped, Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(floor);
        expect(high).toBeLessThanOrEqual(floor + more);
      }),
    );
  });
});

describe('explainFee', () => {
  it.each<[Partial<FeeRule>, number, object]>([
    [{ flat_amount: 5 }, 100, { exact: '5', rounded: 5, clamped_by: null, fee: 5 }],
    [{ percentage_rate: '0.015' }, 100, { exact: '1.5', rounded: 2, clamped_by: null, fee: 2 }],
    [{ percentage_rate: '0.015', flat_amount: 1 }, 100, { exact: '2.5', rounded: 2, clamped_by: null, fee: 2 }],
    [{ percentage_rate: '0.000001' }, 1, { exact: '0.000001', rounded: 0, clamped_by: null, fee: 0 }],
    [{ percentage_rate: '0.015', fee_floor: 7 }, 100, { exact: '1.5', rounded: 2, clamped_by: 'fee_floor', fee: 7 }],
    [{ percentage_rate: '0.5', fee_cap: 7 }, 100, { exact: '50', rounded: 50, clamped_by: 'fee_cap', fee: 7 }],
    [{ flat_amount: 7, fee_floor: 7, fee_cap: 7 }, 1, { exact: '7', rounded: 7, clamped_by: null, fee: 7 }],
  ])('%j of %d', (terms, amount, expected) => {
    expect(explainFee(rule(terms), amount)).toEqual(expected);
  });

  it('tells the very fee that is charged', () => {
    const amounts = fc.integer({ min: 0, max: 10_000_000 });
    const clamp = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null });
    fc.assert(
      fc.property(
        amounts,
        amounts,
        fc.integer({ min: 0, max: 1_000_000 }),
        clamp,
        clamp,
        (amount, flat, millionths, floor, cap) => {
          const terms = rule({
            flat_amount: flat,
            percentage_rate: (millionths / 1e6).toFixed(6),
            fee_floor: floor,
            fee_cap: cap,
          });
          expect(explainFee(terms, amount).fee).toBe(feeAmount(terms, amount));
        },
      ),
    );
  });
});
