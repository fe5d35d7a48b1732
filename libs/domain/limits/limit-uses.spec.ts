import { account, DAY, elapse, given, tenant, transfer } from '../spec-support.js';
import { credit, debit, journal, outcome } from '../transactions/spec-commands.js';

const ALL = Number.MAX_SAFE_INTEGER - 10;

describe('what is used in a month', () => {
  it.each([
    [10, 'TransactionPosted'],
    [11, 'refused: amount_out_of_range (amount)'],
  ])('stays a number, whatever a day uses: %s more', (amount, expected) => {
    const { when } = given(
      tenant(),
      account('books', 'general', 'NGN', { allow_negative: true }),
      account('ada'),
      account('bob'),
      journal([debit('@books', ALL), credit('@ada', ALL)]),
      transfer('ada', 'bob', ALL),
      elapse(DAY),
      // Counts for nobody, and gives Ada something to send again.
      journal([debit('@bob', 100), credit('@ada', 100)]),
    );
    expect(outcome(when(transfer('ada', 'bob', amount)))).toBe(expected);
  });
});
