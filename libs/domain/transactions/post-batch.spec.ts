import type { Command } from '../commands.js';
import { account, deposit, given, tenant, type Row } from '../spec-support.js';
import { MAX_BATCH } from './post-batch.js';
import type { PostTransactionData } from './post-transaction.js';
import { fee } from './spec-commands.js';

const batch = (...transactions: readonly PostTransactionData[]): Command => ({
  type: 'PostBatch',
  data: { transactions },
});

const move = (source: string, destination: string, amount: number, differing: Partial<PostTransactionData> = {}) =>
  ({ type: 'transfer', amount, currency: 'NGN', source, destination, ...differing }) as const;
const get = (destination: string, amount: number): PostTransactionData => ({
  type: 'deposit',
  amount,
  currency: 'NGN',
  destination,
});

const two = [tenant(), account('ada'), account('bob')];
const rich = [...two, deposit('ada', 100)];
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';

const ROWS: readonly Row[] = [
  ['none', two, batch(), 'refused: invalid_parameter (transactions)'],
  [
    'too many',
    two,
    batch(...Array<PostTransactionData>(MAX_BATCH + 1).fill(get('@ada', 1))),
    'refused: invalid_parameter (transactions)',
  ],
  [
    'as many as may be',
    two,
    batch(...Array<PostTransactionData>(MAX_BATCH).fill(get('@ada', 1))),
    ['AccountOpened', ...Array<string>(MAX_BATCH).fill('TransactionPosted')].join(' '),
  ],
  [
    'a field at fault',
    rich,
    batch(move('@ada', '@bob', 1), move('@ada', UNKNOWN, 1)),
    'refused: account_not_found (transactions[1].destination)',
  ],
  [
    'a rule in the way',
    rich,
    batch(move('@ada', '@bob', 1), move('@ada', '@bob', 100)),
    'refused: insufficient_funds (transactions[1])',
  ],
  [
    'two in the way',
    rich,
    batch(move('@bob', '@ada', 1), move('@ada', '@ada', 1)),
    'refused: insufficient_funds (transactions[0])',
  ],
  [
    'money that came in the same batch',
    two,
    batch(get('@ada', 50), move('@ada', '@bob', 50), move('@bob', '@ada', 20)),
    'AccountOpened TransactionPosted TransactionPosted TransactionPosted',
  ],
  [
    'money spent in the same batch',
    rich,
    batch(move('@ada', '@bob', 60), move('@ada', '@bob', 60)),
    'refused: insufficient_funds (transactions[1])',
  ],
  [
    'a reference twice',
    rich,
    batch(move('@ada', '@bob', 1, { reference: 'r' }), move('@ada', '@bob', 1, { reference: 'r' })),
    'refused: duplicate_reference (transactions[1].reference)',
  ],
  [
    'none, and one that reads like none',
    rich,
    batch(move('@ada', '@bob', 1), move('@ada', '@bob', 1, { reference: 'undefined' })),
    'TransactionPosted TransactionPosted',
  ],
  [
    'a reference that is taken',
    [...rich, batch(move('@ada', '@bob', 1, { reference: 'r' }))],
    batch(move('@ada', '@bob', 1, { reference: 'r' })),
    'refused: duplicate_reference (transactions[0].reference)',
  ],
];

describe('PostBatch', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('says what is refused, and of a fee the rule', () => {
    const { book } = given(...rich, fee());
    const paid = move('@ada', '@bob', 95, { channel: 'funds_transfer' });
    const rule = book.state.feeSchedule.value.rules[0]?.rule_id;
    expect(book.decide(batch(move('@ada', '@bob', 101)))).toEqual({
      kind: 'refused',
      code: 'insufficient_funds',
      param: 'transactions[0]',
    });
    expect(book.decide(batch(paid))).toMatchObject({ param: 'transactions[0]', rule });
  });

  it('leaves the state as it was until its events are folded, recording or not', () => {
    for (const recording of [false, true]) {
      const { book } = given(...rich);
      const { state } = book;
      state.journal.record(recording);
      const before = state.accounts.get(book.id('ada'));
      const savepoint = state.journal.savepoint();
      const same = move('@ada', '@bob', 10, { reference: 'r' });
      expect(book.decide(batch(same, move('@ada', '@bob', 91))).kind).toBe('refused');
      expect(state.accounts.get(book.id('ada'))).toBe(before);
      expect(state.cold.get('ref:r')).toBeNull();
      expect(state.journal.savepoint()).toBe(savepoint);
      const accepted = book.decide(batch(same, get('@ada', 5)));
      expect(accepted.kind).toBe('accepted');
      expect(state.accounts.get(book.id('ada'))).toBe(before);
      expect(state.cold.get('ref:r')).toBeNull();
      if (accepted.kind === 'accepted') book.write(accepted.events);
      expect(state.accounts.get(book.id('ada'))?.balance).toBe(95);
    }
  });
});
