import type { Command } from '../commands.js';
import { account, deposit, given, tenant } from '../spec-support.js';
import type { PostTransactionData } from './post-transaction.js';
import { entriesOf, outcome, post } from './spec-commands.js';

const withEuro = [tenant(), account('ada'), account('bob'), deposit('ada', 1000), account('eve', 'customer', 'EUR')];
const fx = (data: Partial<PostTransactionData>): Command =>
  post({ type: 'exchange', destination: '@eve', rate: '0.5', destination_amount: 50, ...data });

describe('an exchange', () => {
  it('exchanges through the position in the pair, one for both directions', () => {
    const { book, when } = given(...withEuro);
    expect(entriesOf(when(fx({})), book)).toEqual([
      'ada debit 100 900',
      'exchange:EUR-NGN|NGN credit 100 100',
      'exchange:EUR-NGN|EUR debit 50 -50',
      'eve credit 50 50',
    ]);
    const back = fx({
      source: '@eve',
      destination: '@ada',
      amount: 50,
      currency: 'EUR',
      rate: '2',
      destination_amount: 100,
    });
    expect(entriesOf(when(back), book)).toEqual([
      'eve debit 50 0',
      'exchange:EUR-NGN|EUR credit 50 0',
      'exchange:EUR-NGN|NGN debit 100 0',
      'ada credit 100 1000',
    ]);
  });

  it.each([
    ['0.5', 25, 12],
    ['0.5', 27, 14],
    ['0.333333', 100, 33],
    ['1.000000000000000001', 100, 100],
  ])('rounds at %s half-even: %i to %i', (rate, amount, arriving) => {
    const { when } = given(...withEuro);
    expect(outcome(when(fx({ rate, amount, destination_amount: arriving })))).toMatch(/TransactionPosted$/);
  });

  it('between floats leaves the one for the other', () => {
    const { book, when } = given(
      ...withEuro,
      account('naira', 'float'),
      account('euro', 'float', 'EUR'),
      post({ type: 'deposit', source: '@naira', destination: '@ada', amount: 300 }),
    );
    expect(entriesOf(when(fx({ source: '@naira', destination: '@euro' })), book)).toEqual([
      'naira credit 100 200',
      'exchange:EUR-NGN|NGN debit 100 -100',
      'exchange:EUR-NGN|EUR credit 50 50',
      'euro debit 50 50',
    ]);
  });
});
