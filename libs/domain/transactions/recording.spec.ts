import { LedgerInconsistent } from '../entries.js';
import { AmountOutOfRange } from '../money.js';
import { amountRefusal, withinRange } from './recording.js';

describe('withinRange', () => {
  it('refuses what leaves the range of numbers', () => {
    const decide = (): never => {
      throw new AmountOutOfRange();
    };
    expect(withinRange(decide)).toEqual({ kind: 'refused', code: 'amount_out_of_range', param: 'amount' });
  });

  it('hides no defect', () => {
    const decide = (): never => {
      throw new LedgerInconsistent('debits and credits of a posting differ');
    };
    expect(() => withinRange(decide)).toThrow(LedgerInconsistent);
  });
});

describe('amountRefusal', () => {
  it.each([
    [1, undefined],
    [Number.MAX_SAFE_INTEGER, undefined],
    [0, 'amount_not_positive'],
    [-1, 'amount_not_positive'],
    [-(2 ** 53), 'amount_not_positive'],
    [2 ** 53, 'amount_out_of_range'],
    [0.5, 'invalid_parameter'],
    [-0.5, 'invalid_parameter'],
    [Number.NaN, 'invalid_parameter'],
    [Number.POSITIVE_INFINITY, 'invalid_parameter'],
  ])('%s: %s', (amount, code) => {
    expect(amountRefusal(amount, 'fee')?.code).toBe(code);
    expect(amountRefusal(amount, 'fee')?.param).toBe(code === undefined ? undefined : 'fee');
  });
});
