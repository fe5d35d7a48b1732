/** Accounts of several currencies in one ledger: what may be posted between them, and how each currency stays balanced. */
import type { Command } from '../commands.js';
import { account, deposit, given, tenant, type Row, type Step } from '../spec-support.js';
import type { PostTransactionData } from './post-transaction.js';
import { block, close, credit, debit, entriesOf, journal, outcome, post } from './spec-commands.js';

const many: readonly Step[] = [
  tenant(),
  account('ada'),
  account('bob'),
  account('eve', 'customer', 'EUR'),
  account('uma', 'customer', 'USD'),
  account('yen', 'float', 'JPY'),
  account('till', 'float'),
  deposit('ada', 1000),
  deposit('eve', 500, 'EUR'),
];
const exchange = (data: Partial<PostTransactionData> = {}): Command =>
  post({ type: 'exchange', destination: '@eve', rate: '0.5', destination_amount: 50, ...data });
const FAILED = 'TransactionFailed: ';

const ROWS: readonly Row[] = [
  [
    'a leg in another currency than its account’s, however balanced',
    many,
    journal([debit('@ada', 5), credit('@bob', 5), debit('@eve', 7, 'EUR'), credit('@uma', 7, 'EUR')]),
    `${FAILED}currency_mismatch`,
  ],
  [
    'balanced together alone',
    many,
    journal([debit('@ada', 5), credit('@eve', 5, 'EUR')]),
    `${FAILED}unbalanced_entries`,
  ],
  [
    'one of two off by one',
    many,
    journal([debit('@ada', 5), credit('@bob', 5), debit('@eve', 7, 'EUR'), credit('@eve', 6, 'EUR')]),
    `${FAILED}unbalanced_entries`,
  ],
  [
    'unbalanced goes before the wrong currency',
    many,
    journal([debit('@ada', 5, 'EUR'), credit('@bob', 5)]),
    `${FAILED}unbalanced_entries`,
  ],
  [
    'an account in another currency than its own',
    many,
    journal([debit('@ada', 5, 'EUR'), credit('@eve', 5, 'EUR')]),
    `${FAILED}currency_mismatch`,
  ],
  ['a transfer of what the source is not in', many, post({ currency: 'EUR' }), `${FAILED}currency_mismatch`],
  ['to an account of another currency', many, post({ destination: '@eve' }), `${FAILED}currency_mismatch`],
  [
    'a deposit from a float of another currency',
    many,
    post({ type: 'deposit', source: '@yen' }),
    `${FAILED}currency_mismatch`,
  ],
  ['an exchange into the same currency', many, exchange({ destination: '@bob' }), `${FAILED}currency_mismatch`],
  ['of what the source is not in', many, exchange({ currency: 'USD' }), `${FAILED}currency_mismatch`],
  ['with itself', many, exchange({ destination: '@ada' }), `${FAILED}same_account`],
  [
    'of more than there is',
    many,
    exchange({ amount: 1001, rate: '1', destination_amount: 1001 }),
    `${FAILED}insufficient_funds`,
  ],
  ['from a blocked account', [...many, block('ada', true, false)], exchange(), `${FAILED}account_frozen`],
  ['to a blocked account', [...many, block('eve', false, true)], exchange(), `${FAILED}account_frozen`],
  ['to a closed account', [...many, close('uma')], exchange({ destination: '@uma' }), `${FAILED}account_closed`],
  [
    'half a cent, to the even one above',
    many,
    exchange({ amount: 3, destination_amount: 2 }),
    'SystemAccountOpened SystemAccountOpened TransactionPosted',
  ],
  [
    'not to the odd one below',
    many,
    exchange({ amount: 3, destination_amount: 1 }),
    'refused: invalid_parameter (destination_amount)',
  ],
  [
    'half a cent, to the even one below',
    many,
    exchange({ amount: 1, rate: '2.5', destination_amount: 2 }),
    'SystemAccountOpened SystemAccountOpened TransactionPosted',
  ],
  [
    'what comes to nothing',
    many,
    exchange({ amount: 1, rate: '0.5', destination_amount: 1 }),
    'refused: invalid_parameter (destination_amount)',
  ],
  [
    'what comes to more than a number holds',
    many,
    exchange({ rate: '99999999999999999', destination_amount: Number.MAX_SAFE_INTEGER }),
    'refused: invalid_parameter (destination_amount)',
  ],
];

describe('currencies', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('are balanced each for itself in one journal', () => {
    const { book, when } = given(...many, account('ben', 'customer', 'EUR'));
    const both = journal([debit('@ada', 5), credit('@bob', 5), debit('@eve', 7, 'EUR'), credit('@ben', 7, 'EUR')]);
    expect(entriesOf(when(both), book)).toEqual([
      'ada debit 5 995',
      'bob credit 5 5',
      'eve debit 7 493',
      'ben credit 7 7',
    ]);
  });

  it('go through one position of the pair, whichever way they are exchanged', () => {
    const { book, when } = given(...many);
    when(exchange());
    const back = exchange({
      source: '@eve',
      destination: '@ada',
      amount: 50,
      currency: 'EUR',
      rate: '2',
      destination_amount: 100,
    });
    expect(entriesOf(when(back), book)).toEqual([
      'eve debit 50 500',
      'exchange:EUR-NGN|EUR credit 50 0',
      'exchange:EUR-NGN|NGN debit 100 0',
      'ada credit 100 1000',
    ]);
  });

  it('take their own amount of each, in a batch of several', () => {
    const { book, when } = given(...many);
    const transactions = [deposit('uma', 3, 'USD'), deposit('bob', 2), deposit('eve', 1, 'EUR')].map(
      (one) => one.data as PostTransactionData,
    );
    when({ type: 'PostBatch', data: { transactions } });
    const balances = ['uma', 'bob', 'eve'].map((name) => book.state.accounts.get(book.id(name))?.balance);
    expect(balances).toEqual([3, 2, 501]);
  });
});
