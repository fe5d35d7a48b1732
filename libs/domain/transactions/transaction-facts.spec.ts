import type { LedgerEvent } from '../ledger.js';
import { account, DAY, deposit, elapse, given, tenant, type Outcome } from '../spec-support.js';
import type { TransactionFacts } from './transactions.js';
import { credit, debit, fee, journal, post } from './spec-commands.js';

const two = [tenant(), account('ada'), account('bob'), deposit('ada', 1000)];

const factsOf = ({ events }: Outcome): TransactionFacts => {
  const data = (events.at(-1) as LedgerEvent).data;
  if (!('transaction' in data)) throw new RangeError('no transaction');
  return data.transaction;
};

describe('the ledger', () => {
  it('keeps the latest day that anything was recorded on, and numbers what clients see', () => {
    const { book, when } = given(...two);
    expect(book.state.localDate.value).toBe('2026-01-05');
    book.step(elapse(DAY));
    when(deposit('ada', 1));
    expect(book.state.localDate.value).toBe('2026-01-06');
    const shown = book.events.flatMap(({ meta: { sequence } }) => (sequence === null ? [] : [sequence]));
    expect(shown.length).toBeGreaterThan(3);
    expect(shown).toEqual(shown.map((_, i) => i + 1));
    expect(book.state.head.value).toMatchObject({ revision: book.events.length - 1, sequence: shown.length });
  });
});

describe('a transaction', () => {
  it('that is posted says all there is to it', () => {
    const { book, when } = given(...two);
    const done = when(post({ reference: 'r', narration: 'rent', metadata: { a: '1' } }));
    expect(factsOf(done)).toEqual({
      transaction_id: `ltx_${done.events[0]?.id}`,
      type: 'transfer',
      status: 'completed',
      channel: null,
      amount: 100,
      currency: 'NGN',
      destination_amount: null,
      rate: null,
      source: book.id('ada'),
      destination: book.id('bob'),
      reference: 'r',
      narration: `s1.${book.id('ada')}.rent`,
      metadata: [['a', `s1.${book.id('ada')}.1`]],
      fees: [],
      failure_code: null,
      failure_rule: null,
      reversal_of: null,
      reversed_amount: 0,
      card_transaction_id: null,
      effective_at: '2026-01-05T09:00:05.000Z',
    });
  });

  it('that fails for its fee charges none', () => {
    const { book, when } = given(...two, fee());
    expect(factsOf(when(post({ amount: 1000, channel: 'funds_transfer' })))).toMatchObject({
      status: 'failed',
      failure_code: 'insufficient_funds',
      failure_rule: book.state.feeSchedule.value.rules[0]?.rule_id,
      fees: [],
      metadata: [],
    });
  });

  it('names the main float that it opens', () => {
    const { book, when } = given(tenant(), account('ada'));
    const source = factsOf(when(deposit('ada', 70))).source;
    expect(source).toBe(book.state.systemAccounts.get('float|NGN'));
    expect(source).toMatch(/^acc_/);
  });

  it.each([
    ['of a journal, what one side comes to', [debit('@ada', 7), credit('@bob', 3), credit('@bob', 4)], {}, 7, 'NGN'],
    [
      'of a journal of two currencies, in the one that it names',
      [debit('@ada', 7), credit('@bob', 7), debit('@eve', 2, 'EUR'), credit('@eve', 2, 'EUR')],
      { currency: 'EUR' },
      2,
      'EUR',
    ],
  ])('has as its amount, %s', (_telling, entries, differing, amount, currency) => {
    const { when } = given(...two, account('eve', 'customer', 'EUR'));
    expect(factsOf(when(journal(entries, differing)))).toMatchObject({ amount, currency });
  });
});
