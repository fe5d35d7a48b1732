import { clear } from '../decision.js';
import type { Command } from '../commands.js';
import { account, card, customer, deposit, given, tenant, transfer, type Row } from '../spec-support.js';
import type { PostTransactionData } from './post-transaction.js';
import { block, close, credit, debit, entriesOf, fee, journal, outcome, post, UNKNOWN } from './spec-commands.js';

const MAX = Number.MAX_SAFE_INTEGER;

const two = [tenant(), account('ada'), account('bob'), deposit('ada', 1000)];
const withEuro = [...two, account('eve', 'customer', 'EUR')];
const fx = (data: Partial<PostTransactionData>): Command =>
  post({ type: 'exchange', destination: '@eve', rate: '0.5', destination_amount: 50, ...data });

const MALFORMED: readonly Row[] = [
  ['no amount', two, post({ amount: undefined, currency: undefined }), 'refused: missing_field (amount)'],
  ['no currency', two, post({ currency: undefined, source: undefined }), 'refused: missing_field (currency)'],
  ['no source', two, post({ source: undefined, destination: undefined }), 'refused: missing_field (source)'],
  ['no destination', two, post({ destination: undefined, rate: '1' }), 'refused: missing_field (destination)'],
  ['no rate', withEuro, fx({ rate: undefined, amount: 0 }), 'refused: missing_field (rate)'],
  ['no entries', two, journal(undefined, { rate: '1' }), 'refused: missing_field (entries)'],
  ['a rate', two, post({ rate: '1', amount: 0 }), 'refused: invalid_parameter (rate)'],
  ['a transfer of entries', two, post({ entries: [], amount: 0 }), 'refused: invalid_parameter (entries)'],
  ['a journal from', two, journal([], { source: '@ada' }), 'refused: invalid_parameter (source)'],
  ['a fraction', two, post({ amount: 1.5, currency: 'XXX' }), 'refused: invalid_parameter (amount)'],
  ['nothing', two, post({ amount: 0, currency: 'XXX' }), 'refused: amount_not_positive (amount)'],
  ['less than nothing', two, post({ amount: -1 }), 'refused: amount_not_positive (amount)'],
  ['2^53', two, post({ amount: MAX + 1, currency: 'XXX' }), 'refused: amount_out_of_range (amount)'],
  ['no currency of ISO', two, post({ currency: 'XXX', channel: 'x' }), 'refused: invalid_currency (currency)'],
  ['no known channel', two, post({ channel: 'x', effective_at: 'x' }), 'refused: invalid_parameter (channel)'],
  ['one entry', two, journal([debit('@ada', 1)]), 'refused: invalid_parameter (entries)'],
  ['101 entries', two, journal(Array(101).fill(debit('@ada', 1))), 'refused: invalid_parameter (entries)'],
  [
    'a zero entry',
    two,
    journal([debit('@ada', 1), credit('x', 0)]),
    'refused: amount_not_positive (entries[1].amount)',
  ],
  [
    'an entry in X',
    two,
    journal([debit('@ada', 1, 'X'), credit('x', 1)]),
    'refused: invalid_currency (entries[0].currency)',
  ],
  [
    'a journal of other currency',
    two,
    journal([debit('@ada', 1), credit('@bob', 1)], { currency: 'EUR' }),
    'refused: invalid_parameter (currency)',
  ],
  [
    'a journal of other amount',
    two,
    journal([debit('@ada', 1), credit('@bob', 1)], { amount: 2 }),
    'refused: invalid_parameter (amount)',
  ],
  ['to get nothing', withEuro, fx({ destination_amount: 0 }), 'refused: amount_not_positive (destination_amount)'],
  ['no decimal as rate', withEuro, fx({ rate: '1e3' }), 'refused: invalid_parameter (rate)'],
  [
    'not what the rate makes',
    withEuro,
    fx({ destination_amount: 51 }),
    'refused: invalid_parameter (destination_amount)',
  ],
  [
    '100 entries',
    two,
    journal(
      Array(50)
        .fill([debit('@ada', 1), credit('@bob', 1)])
        .flat(),
    ),
    'TransactionPosted',
  ],
  ['a journal of its amount', two, journal([debit('@ada', 1), credit('@bob', 1)], { amount: 1 }), 'TransactionPosted'],
  ['no time', two, post({ effective_at: 'noon', source: UNKNOWN }), 'refused: invalid_parameter (effective_at)'],
];

const CONFLICTS: readonly Row[] = [
  ['an unknown source', two, post({ source: UNKNOWN, destination: UNKNOWN }), 'refused: account_not_found (source)'],
  ['an unknown destination', two, post({ destination: UNKNOWN }), 'refused: account_not_found (destination)'],
  [
    'an unknown account of an entry',
    two,
    journal([debit('@ada', 1), credit(UNKNOWN, 2)]),
    'refused: account_not_found (entries[1].account)',
  ],
  ['a deposit from a wallet', two, post({ type: 'deposit', reference: 'r' }), 'refused: invalid_parameter (source)'],
  ['a withdrawal to a wallet', two, post({ type: 'withdrawal' }), 'refused: invalid_parameter (destination)'],
  [
    'a reference that is taken',
    [...two, post({ reference: 'r' })],
    post({ reference: 'r', destination: '@ada' }),
    'refused: duplicate_reference (reference)',
  ],
  [
    'a reference that is taken, of a journal',
    [...two, post({ reference: 'r' })],
    journal([debit('@ada', 1), credit('@bob', 1)], { reference: 'r' }),
    'refused: duplicate_reference (reference)',
  ],
  ['a reference that reads like none', [...two, post({ amount: 1 })], post({ reference: 'null' }), 'TransactionPosted'],
  [
    'a reference of what failed',
    [...two, post({ reference: 'r', amount: 9999 })],
    post({ reference: 'r' }),
    'TransactionPosted',
  ],
];

const LATER = '2026-01-05T10:00:00Z';

const FAILURES: readonly Row[] = [
  ['to itself', two, post({ destination: '@ada', effective_at: LATER }), 'TransactionFailed: same_account'],
  [
    'ahead of now',
    withEuro,
    post({ effective_at: LATER, destination: '@eve' }),
    'TransactionFailed: effective_at_out_of_range',
  ],
  [
    'a journal ahead',
    two,
    journal([debit('@ada', 1), credit('@bob', 2)], { effective_at: LATER }),
    'TransactionFailed: effective_at_out_of_range',
  ],
  [
    'unbalanced',
    withEuro,
    journal([debit('@eve', 2), credit('@bob', 1)], { amount: 1 }),
    'TransactionFailed: unbalanced_entries',
  ],
  [
    'balanced over currencies only',
    withEuro,
    journal([debit('@ada', 1), credit('@eve', 1, 'EUR')]),
    'TransactionFailed: unbalanced_entries',
  ],
  [
    'credits of a currency without debits',
    withEuro,
    journal([debit('@ada', 1), credit('@bob', 1), credit('@eve', 1, 'EUR')]),
    'TransactionFailed: unbalanced_entries',
  ],
  [
    'from another currency',
    [...withEuro, close('bob')],
    post({ source: '@eve' }),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'to another currency',
    [...withEuro, close('eve')],
    post({ destination: '@eve', amount: 9999 }),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'an exchange of one currency',
    [...two, close('bob')],
    fx({ destination: '@bob' }),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'an entry of another currency',
    withEuro,
    journal([debit('@ada', 1), credit('@eve', 1)]),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'from a closed account',
    [...two, block('bob', true, false), close('bob')],
    post({ source: '@bob', destination: '@ada' }),
    'TransactionFailed: account_closed',
  ],
  ['to a closed account', [...two, close('bob')], post({ amount: 9999 }), 'TransactionFailed: account_closed'],
  [
    'from a frozen account, to a closed one',
    [...two, block('ada', true, true), close('bob')],
    post({}),
    'TransactionFailed: account_frozen',
  ],
  [
    'with debits blocked',
    [...two, block('ada', true, false)],
    post({ amount: 9999 }),
    'TransactionFailed: account_frozen',
  ],
  [
    'with credits blocked',
    [...two, block('bob', false, true)],
    post({ amount: 9999 }),
    'TransactionFailed: account_frozen',
  ],
  [
    'with credits blocked, more than it could count',
    [...two, account('cyn'), deposit('cyn', MAX - 1000), block('cyn', false, true)],
    post({ destination: '@cyn', amount: 2000 }),
    'TransactionFailed: account_frozen',
  ],
  [
    'from a float with debits blocked, more than it could count',
    [
      ...two,
      account('fl', 'float'),
      post({ type: 'deposit', source: '@fl', amount: MAX - 1000 }),
      block('fl', true, false),
    ],
    post({ type: 'deposit', source: '@fl', amount: 2000 }),
    'TransactionFailed: account_frozen',
  ],
  [
    'with the sides blocked that it does not need',
    [...two, block('ada', false, true), block('bob', true, false)],
    post({}),
    'TransactionPosted',
  ],
  [
    'below a blocked account',
    [
      tenant(),
      account('top'),
      account('ada', 'customer', 'NGN', { parent_account_id: '@top' }),
      account('bob'),
      deposit('ada', 500),
      block('top', true, false),
    ],
    post({}),
    'TransactionFailed: account_frozen',
  ],
  ['more than there is', two, post({ amount: 1001 }), 'TransactionFailed: insufficient_funds'],
  ['all that there is', two, post({ amount: 1000 }), 'TransactionPosted'],
  [
    'more than the float has',
    [...two, account('fl2', 'float')],
    post({ type: 'withdrawal', destination: '@fl2' }),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'down to the overdraft limit',
    [tenant(), account('ada', 'customer', 'NGN', { overdraft_limit: 100 }), account('bob')],
    post({}),
    'TransactionPosted',
  ],
  [
    'below the overdraft limit',
    [tenant(), account('ada', 'customer', 'NGN', { overdraft_limit: 99 }), account('bob')],
    post({}),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'below zero where that is allowed',
    [tenant(), account('ada', 'general', 'NGN', { normal_side: 'credit', allow_negative: true }), account('bob')],
    post({}),
    'TransactionPosted',
  ],
  [
    'more than a wallet can count',
    [...two, account('cyn'), deposit('cyn', MAX - 1000)],
    post({ source: '@cyn', destination: '@ada', amount: MAX - 1000 }),
    'TransactionPosted',
  ],
  [
    'more than a float can count',
    [...two, account('cyn'), deposit('cyn', MAX - 1000)],
    deposit('cyn', 1),
    'refused: amount_out_of_range (amount)',
  ],
];

const FEES: readonly Row[] = [
  [
    'without a merchant to pay',
    [...two, fee({ who_pays: 'merchant' })],
    post({ channel: 'funds_transfer', amount: 1001 }),
    'TransactionFailed: fee_payer_missing by rule',
  ],
  [
    'a payer that is blocked',
    [...two, account('shop', 'merchant'), block('shop', true, false), fee({ who_pays: 'merchant' })],
    post({ channel: 'funds_transfer', destination: '@shop', amount: 9999 }),
    'TransactionFailed: account_frozen by rule',
  ],
  [
    'a payer who has not enough for both',
    [...two, fee()],
    post({ channel: 'funds_transfer', amount: 1000 }),
    'TransactionFailed: insufficient_funds by rule',
  ],
  [
    'a payer who has not enough for either',
    [...two, fee()],
    post({ channel: 'funds_transfer', amount: 1001 }),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'a sender who has not enough, where another pays the fee',
    [...two, account('shop', 'merchant'), fee({ who_pays: 'merchant' })],
    post({ channel: 'funds_transfer', destination: '@shop', amount: 1010 }),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'a tenant that pays',
    [...two, fee({ who_pays: 'tenant' })],
    post({ channel: 'funds_transfer', amount: 1000 }),
    'SystemAccountOpened SystemAccountOpened TransactionPosted',
  ],
  ['no channel', [...two, fee()], post({ amount: 1000 }), 'TransactionPosted'],
  ['another channel', [...two, fee()], post({ amount: 1000, channel: 'va_payment' }), 'TransactionPosted'],
  [
    'a journal',
    [...two, fee()],
    journal([debit('@ada', 1000), credit('@bob', 1000)], { channel: 'funds_transfer' }),
    'TransactionPosted',
  ],
  [
    'a fee of nothing',
    [...two, fee({ flat_amount: 0 })],
    post({ amount: 1, channel: 'funds_transfer' }),
    'TransactionPosted',
  ],
];

describe('PostTransaction', () => {
  it.each([...MALFORMED, ...CONFLICTS, ...FAILURES, ...FEES])('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('keeps no system account for a client', () => {
    const { book, when } = given(...two, fee(), post({ channel: 'funds_transfer' }));
    const fees = book.state.systemAccounts.get('fees:platform|NGN') as string;
    expect(outcome(when(post({ destination: fees })))).toBe('refused: invalid_parameter (destination)');
    expect(outcome(when(journal([debit(fees, 1), credit('@bob', 1)])))).toBe(
      'refused: invalid_parameter (entries[0].account)',
    );
  });

  it('opens the main float of a currency with the first deposit, and uses it from then on', () => {
    const { book, when } = given(tenant(), account('ada'));
    const first = when(deposit('ada', 70));
    expect(outcome(first)).toBe('AccountOpened TransactionPosted');
    expect(entriesOf(first, book)).toEqual(['float|NGN debit 70 70', 'ada credit 70 70']);
    const second = when({
      type: 'PostTransaction',
      data: { type: 'withdrawal', amount: 20, currency: 'NGN', source: '@ada' },
    });
    expect(entriesOf(second, book)).toEqual(['ada debit 20 50', 'float|NGN credit 20 50']);
    expect(second.events[0]?.data).toMatchObject({
      transaction: { type: 'withdrawal', destination: book.state.systemAccounts.get('float|NGN'), fees: [] },
    });
  });

  it('leaves a main float unopened where the deposit fails', () => {
    const { book, when } = given(tenant(), account('ada'), block('ada', false, true));
    const [failed, ...others] = when(deposit('ada', 70)).events;
    expect(others).toEqual([]);
    expect(failed?.data).toMatchObject({
      transaction: { status: 'failed', source: null, destination: book.id('ada'), failure_code: 'account_frozen' },
    });
    expect(book.state.systemAccounts.size).toBe(0);
  });

  it('moves money between two floats out of the source', () => {
    const { book, when } = given(
      tenant(),
      account('one', 'float'),
      account('two', 'float'),
      account('ada'),
      deposit('ada', 90),
    );
    expect(entriesOf(when(transfer('one', 'two', 30)), book)).toEqual(['one credit 30 60', 'two debit 30 30']);
    expect(outcome(when(transfer('one', 'two', 61)))).toBe('TransactionFailed: insufficient_funds');
  });

  it('charges a fee beside the amount', () => {
    const { book, when } = given(...two, fee());
    const done = when(post({ channel: 'funds_transfer' }));
    expect(entriesOf(done, book)).toEqual([
      'ada debit 100 900',
      'bob credit 100 100',
      'ada debit 12 888',
      'fees:platform|NGN credit 12 12',
    ]);
    const rule_id = book.state.feeSchedule.value.rules[0]?.rule_id;
    expect(done.events.at(-1)?.data).toMatchObject({
      transaction: {
        channel: 'funds_transfer',
        fees: [{ rule_id, amount: 12, payer: 'customer', payee: 'platform', account_id: book.id('ada') }],
      },
    });
  });

  it('charges the one who gets a deposit, the merchant who gets a transfer, and the tenant as an expense', () => {
    const { book, when } = given(...two, account('shop', 'business'), fee());
    const channel = 'funds_transfer';
    expect(entriesOf(when(post({ type: 'deposit', source: undefined, channel })), book)).toContain('bob debit 12 88');
    when(fee({ who_pays: 'merchant' }));
    expect(entriesOf(when(post({ destination: '@shop', channel })), book)).toContain('shop debit 12 88');
    when(fee({ who_pays: 'processor', who_gets_paid: 'tenant' }));
    expect(entriesOf(when(post({ channel })), book).slice(2)).toEqual([
      'fee_expense|NGN debit 12 12',
      'fees:tenant|NGN credit 12 12',
    ]);
  });

  it('repays what an account owes before anything else, whatever credits it', () => {
    const owing = [
      ...two,
      ...card('plastic', 'bob'),
      {
        type: 'PostCardTransaction',
        data: {
          card_id: '@plastic',
          amount: 150,
          currency: 'NGN',
          merchant: { name: 'Shop', category_code: '5411' },
          network_reference: 'n1',
          direction: 'debit',
        },
      } as const,
    ];
    const { book, when } = given(...owing);
    const debt = `receivable:${book.id('bob')}|NGN`;
    expect(entriesOf(when(post({})), book)).toEqual([
      'ada debit 100 900',
      'bob credit 100 100',
      'bob debit 100 0',
      `${debt} credit 100 50`,
    ]);
    expect(entriesOf(when(journal([debit('@ada', 80), credit('@bob', 80)])), book)).toEqual([
      'ada debit 80 820',
      'bob credit 80 80',
      'bob debit 50 30',
      `${debt} credit 50 0`,
    ]);
    expect(entriesOf(when(post({ amount: 1 })), book)).toHaveLength(2);
  });

  it('lets a journal touch one account often and judges it by what is left', () => {
    const { book, when } = given(...two);
    const done = when(journal([debit('@ada', 1500), credit('@bob', 1500), debit('@bob', 600), credit('@ada', 600)]));
    expect(entriesOf(done, book)).toEqual([
      'ada debit 1500 -500',
      'bob credit 1500 1500',
      'bob debit 600 900',
      'ada credit 600 100',
    ]);
    expect(done.events[0]?.data).toMatchObject({ transaction: { amount: 2100, currency: 'NGN', source: null } });
  });

  it('seals what is said under the customer, else the account', () => {
    const { book, when } = given(
      ...two,
      customer('cynthia'),
      account('cyn', 'customer', 'NGN', { customer_id: '@cynthia' }),
    );
    const said = { narration: 'rent', metadata: { b: '2', a: '1' }, effective_at: '2026-01-05T10:30:00+02:00' };
    const toCyn = when(post({ ...said, destination: '@cyn' })).decision;
    if (toCyn.kind !== 'accepted') throw new RangeError('it was refused');
    expect(toCyn.events[0]).toMatchObject({
      subject: book.id('cynthia'),
      data: {
        transaction: {
          narration: clear('rent'),
          metadata: [
            ['a', clear('1')],
            ['b', clear('2')],
          ],
          effective_at: '2026-01-05T08:30:00.000Z',
        },
      },
    });
    expect(when(post(said)).events[0]?.data).toMatchObject({ transaction: { narration: `s1.${book.id('ada')}.rent` } });
    const given_ = when({
      type: 'PostTransaction',
      data: { type: 'deposit', amount: 1, currency: 'NGN', destination: '@bob', narration: 'x' },
    });
    expect(given_.events[0]?.data).toMatchObject({ transaction: { narration: `s1.${book.id('bob')}.x` } });
  });
});
