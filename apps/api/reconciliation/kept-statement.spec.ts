import fc from 'fast-check';
import { holdsCardNumber } from '#contract/card-numbers.js';
import type { BankStatement } from './bank-statement.js';
import { keptStatement } from './kept-statement.js';

const STATEMENT: BankStatement = {
  format: 'camt053',
  number: '1',
  account: null,
  currency: 'NGN',
  opened_on: '2026-01-05',
  closed_on: '2026-01-05',
  opening_balance: 0,
  closing_balance: 0,
  lines: [],
};
const LINE = { amount: 0, booked_on: '2026-01-05', value_on: '2026-01-05', reference: null, text: null };
const keptText = (text: string): string | null =>
  keptStatement({ ...STATEMENT, lines: [{ ...LINE, text }] }).lines[0]?.text ?? null;

describe('what is kept of a statement', () => {
  it.each([
    ['paid with 4242424242424242 today', 'paid with ************4242 today'],
    ['on 7 4242 4242-4242 4242 of 12 30', 'on 7 **** ****-**** 4242 of 12 30'],
    // Several that share digits: 34 4242 4242 4242 is one too, and what ends with 78.
    ['12 34 4242 4242 4242 4242 56 78', '12 ** **** **** **** **** 56 78'],
    ['4242424242424242 424242424242', '**************** ********4242'],
    ['(4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2)', '(* * * * * * * * * * * * 4 2 4 2)'],
    ['4222222222222 and 6304000000000000000.', '*********2222 and ***************0000.'],
    ['4242\u200b4242\u200b4242\u200b4242', '************4242'],
    ['٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢', '************٤٢٤٢'],
    ['4242 4242 4242 4242 4242 4242 4242', '**** **** **** **** **** **** 4242'],
    ['4242\t4242\u00004242', '4242 42424242'],
    ['4242\u202a424242424242', '************4242'],
    // No card numbers, and whatever else a bank may say.
    ['4242424242424241', '4242424242424241'],
    ['REF4242424242424242', 'REF4242424242424242'],
    ['👨\u200d👩\u200d👧 1234 5678', '👨\u200d👩\u200d👧 1234 5678'],
    ['a\u0007b\u001b[1mc\u007f\u202ed\u2066e\u2069', 'ab[1mcde'],
    ['one\r\ntwo\nthree', 'one\r\ntwo\nthree'],
    ['\u202e', null],
    // Cut: neither half a number nor a number that was none.
    [`${'x'.repeat(487)} 4242424242424242`, `${'x'.repeat(487)} ************`],
    [`${'x'.repeat(483)} 42424242424242429`, `${'x'.repeat(483)} ************4242`],
  ])('%j is %j', (text, expected) => {
    expect(keptText(text)).toBe(expected);
  });

  it('holds no card number in any of its texts, however they are grouped', () => {
    const parts = fc.constantFrom('4', '2', '4242', '42424242', '4242424242424242', '7', ' ', '-', 'a', '\u200b', '٤');
    const text = fc.array(parts, { maxLength: 60 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, (told) => {
        const lines = [{ ...LINE, reference: told, text: told }];
        const { number, account, lines: kept } = keptStatement({ ...STATEMENT, number: told, account: told, lines });
        for (const one of [number, account, kept[0]?.reference, kept[0]?.text]) {
          expect(holdsCardNumber(one ?? '')).toBe(false);
        }
        if (!holdsCardNumber(told)) expect(kept[0]?.text ?? '').toBe(told);
      }),
      { numRuns: 2_000 },
    );
  });
});
