import { account, DAY, deposit, elapse, given, named, tenant, type Row } from '../spec-support.js';
import { block, close, entriesOf, fee, outcome, post, UNKNOWN } from '../transactions/spec-commands.js';
import { bounded, capture, holder, limit, reserve, standing } from './spec-reservations.js';

const MAX = Number.MAX_SAFE_INTEGER;
/** When the command after `holder` is decided: four commands, a second each. */
const NOW = Date.parse('2026-01-05T09:00:05.000Z');
const on = (ms: number): string => new Date(NOW + ms).toISOString();
const assets = [
  account('own', 'general', 'NGN', { normal_side: 'debit', allow_negative: true }),
  account('fund', 'general', 'NGN', { normal_side: 'debit' }),
];
const euro = [...holder, account('eve', 'customer', 'EUR')];

const ROWS: readonly Row[] = [
  ['a fraction', holder, reserve({ amount: 0.5, currency: 'X' }), 'refused: invalid_parameter (amount)'],
  ['nothing', holder, reserve({ amount: 0, currency: 'X' }), 'refused: amount_not_positive (amount)'],
  ['2^53', holder, reserve({ amount: MAX + 1, currency: 'X' }), 'refused: amount_out_of_range (amount)'],
  ['no currency', holder, reserve({ currency: 'XXX', expires_at: 'x' }), 'refused: invalid_currency (currency)'],
  ['no time', holder, reserve({ expires_at: 'noon', account_id: UNKNOWN }), 'refused: invalid_parameter (expires_at)'],
  [
    'an unknown account',
    holder,
    reserve({ account_id: UNKNOWN, destination: UNKNOWN }),
    'refused: account_not_found (account_id)',
  ],
  [
    'an unknown destination',
    holder,
    reserve({ destination: UNKNOWN, expires_at: on(-1) }),
    'refused: account_not_found (destination)',
  ],
  ['a time that is now', holder, reserve({ expires_at: on(0) }), 'refused: expiry_in_the_past (expires_at)'],
  ['in a millisecond', holder, reserve({ expires_at: on(1) }), 'FundsReserved'],
  ['366 days on', holder, reserve({ expires_at: on(366 * DAY) }), 'FundsReserved'],
  ['more than that', holder, reserve({ expires_at: on(366 * DAY + 1) }), 'refused: expiry_too_late (expires_at)'],
  [
    'a reference that reads like none',
    [...holder, reserve({ amount: 1 })],
    reserve({ reference: 'null' }),
    'FundsReserved',
  ],
  ...(
    [
      ['credits', undefined, [false, true], 'TransactionFailed: account_frozen'],
      ['debits', undefined, [true, false], 'FundsReserved'],
      ['credits', '@fund', [false, true], 'TransactionFailed: account_frozen'],
      ['debits', '@fund', [true, false], 'FundsReserved'],
      ['credits', '@bob', [false, true], 'FundsReserved'],
      ['debits', '@bob', [true, false], 'TransactionFailed: account_frozen'],
    ] as const
  ).map(([side, destination, [debits, credits], expected]): Row => [
    `from an asset with ${side} blocked, for ${destination ?? 'the main float'}`,
    [...holder, ...assets, block('own', debits, credits)],
    reserve({ account_id: '@own', ...(destination === undefined ? {} : { destination }) }),
    expected,
  ]),
  [
    'a reference that a transaction has',
    [...holder, post({ amount: 1, reference: 'r' })],
    reserve({ reference: 'r', destination: '@ada' }),
    'refused: duplicate_reference (reference)',
  ],
  [
    'a reference that a reservation has',
    [...holder, reserve({ amount: 1, reference: 'r' })],
    reserve({ reference: 'r' }),
    'refused: duplicate_reference (reference)',
  ],
  [
    'a transaction by a reservation’s reference',
    [...holder, reserve({ amount: 1, reference: 'r' })],
    post({ reference: 'r' }),
    'refused: duplicate_reference (reference)',
  ],
  [
    'a reference of what failed',
    [...holder, reserve({ amount: 999, reference: 'r' })],
    reserve({ reference: 'r' }),
    'FundsReserved',
  ],
  ['for itself', [...holder, bounded(9)], reserve({ destination: '@ada' }), 'TransactionFailed: same_account'],
  [
    'more than the tenant moves at once',
    [...euro, bounded(99)],
    reserve({ destination: '@eve' }),
    'TransactionFailed: max_single_transaction_exceeded by rule',
  ],
  ['as much as it moves at once', [...holder, bounded(100)], reserve(), 'FundsReserved'],
  [
    'in another currency',
    [...euro, close('eve')],
    reserve({ account_id: '@eve' }),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'on a closed account',
    [...holder, block('bob', true, false), close('bob')],
    reserve({ account_id: '@bob', destination: '@ada' }),
    'TransactionFailed: account_closed',
  ],
  [
    'with debits blocked',
    [...holder, block('ada', true, false)],
    reserve({ amount: 999 }),
    'TransactionFailed: account_frozen',
  ],
  ['with credits blocked', [...holder, block('ada', false, true)], reserve(), 'FundsReserved'],
  [
    'for another currency',
    [...euro, close('eve')],
    reserve({ destination: '@eve' }),
    'TransactionFailed: currency_mismatch',
  ],
  [
    'for a closed account',
    [...holder, close('bob')],
    reserve({ amount: 999, destination: '@bob' }),
    'TransactionFailed: account_closed',
  ],
  [
    'for one that may be open again by then',
    [...holder, block('bob', true, true)],
    reserve({ destination: '@bob' }),
    'FundsReserved',
  ],
  [
    'more than may go out on a day',
    [...holder, limit('outbound', 99)],
    reserve({ amount: 999 }),
    'TransactionFailed: limit_exceeded by rule',
  ],
  [
    'what an earlier hold leaves of a limit',
    [...holder, limit('outbound', 100), reserve({ amount: 60 })],
    reserve({ amount: 41 }),
    'TransactionFailed: limit_exceeded by rule',
  ],
  [
    'all that it leaves',
    [...holder, limit('outbound', 100), reserve({ amount: 60 })],
    reserve({ amount: 40 }),
    'FundsReserved',
  ],
  ['more than there is', holder, reserve({ amount: 151 }), 'TransactionFailed: insufficient_funds'],
  ['all that there is', holder, reserve({ amount: 150 }), 'FundsReserved'],
  [
    'more than is free',
    [...holder, reserve({ amount: 60 })],
    reserve({ amount: 91 }),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'a transfer of what is held',
    [...holder, reserve({ amount: 60 })],
    post({ amount: 91 }),
    'TransactionFailed: insufficient_funds',
  ],
  [
    'of an overdraft',
    [...holder, account('cyn', 'customer', 'NGN', { overdraft_limit: 100 })],
    reserve({ account_id: '@cyn' }),
    'FundsReserved',
  ],
  [
    'of what may be below zero',
    [...holder, account('own', 'general', 'NGN', { allow_negative: true })],
    reserve({ account_id: '@own' }),
    'FundsReserved',
  ],
  [
    'more holds than can be counted',
    [
      ...holder,
      account('own', 'general', 'NGN', { allow_negative: true }),
      reserve({ account_id: '@own', amount: MAX }),
    ],
    reserve({ account_id: '@own', amount: 1 }),
    'refused: amount_out_of_range (amount)',
  ],
];

describe('CreateReservation', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('keeps no system account for a client', () => {
    const { book, when } = given(...holder, fee(), post({ channel: 'funds_transfer' }));
    const fees = book.state.systemAccounts.get('fees:platform|NGN') as string;
    expect(outcome(when(reserve({ account_id: fees })))).toBe('refused: invalid_parameter (account_id)');
    expect(outcome(when(reserve({ destination: fees })))).toBe('refused: invalid_parameter (destination)');
  });

  it('holds for a week, and says all of it', () => {
    const { book, when } = given(...holder);
    const { events } = when(reserve({ destination: '@bob', reference: 'r', metadata: { shop: 'Lekki' } }));
    const [event] = events;
    expect(event?.data).toEqual({
      local_date: '2026-01-05',
      business_date: '2026-01-05',
      reservation: {
        reservation_id: `rsv_${event?.id}`,
        account_id: book.id('ada'),
        amount: 100,
        currency: 'NGN',
        destination: book.id('bob'),
        status: 'active',
        amounts: { held: 100, captured: 0, released: 0, expired: 0 },
        reference: 'r',
        transaction_id: null,
        expires_at: on(7 * DAY),
        counted_on: '2026-01-05',
        metadata: [['shop', `s1.${book.id('ada')}.Lekki`]],
      },
      holds: [{ account_id: book.id('ada'), amount: 100, held_after: 100 }],
      limit_uses: [{ account_id: book.id('ada'), direction: 'outbound', amount: 100, counted_on: '2026-01-05' }],
    });
    expect(book.state.accounts.get(book.id('ada'))).toMatchObject({ balance: 150, held: 100 });
  });

  it('keeps what was refused as a failed transaction', () => {
    const { book, when } = given(...holder);
    const { events } = when(reserve({ amount: 999, reference: 'r', destination: '@bob', metadata: { shop: 'Lekki' } }));
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({
      transaction: {
        type: 'reservation',
        status: 'failed',
        amount: 999,
        source: book.id('ada'),
        destination: book.id('bob'),
        reference: 'r',
        failure_code: 'insufficient_funds',
        metadata: [['shop', `s1.${book.id('ada')}.Lekki`]],
      },
    });
    expect(book.state.reservations.size).toBe(0);
  });

  it('ends at its time, not a millisecond before', () => {
    const short = named('hold', reserve({ expires_at: on(60_000) }));
    // The step after the elapse takes a second more.
    expect(standing(given(...holder, short, elapse(58_999), deposit('ada', 1)).book)).toMatchObject({
      status: 'active',
      on: [151, 100],
    });
    const { book } = given(...holder, short, elapse(59_000), deposit('ada', 1));
    expect(standing(book)).toEqual({ status: 'expired', expired: 100, on: [151, 0] });
    expect(book.events.slice(-2).map(({ type }) => type)).toEqual(['ReservationExpired', 'TransactionPosted']);
    expect(outcome(given(...holder, short, elapse(59_000)).when(capture()))).toBe('refused: invalid_state');
  });

  it('ends each of several in the order of their times, and holds no more then', () => {
    const { book, when } = given(
      ...holder,
      named('late', reserve({ amount: 10, expires_at: on(3_600_000) })),
      named('soon', reserve({ amount: 20, expires_at: on(60_000) })),
      named('later', reserve({ amount: 30, expires_at: on(2 * 3_600_000) })),
      elapse(3_600_000),
    );
    expect(outcome(when(reserve({ amount: 120 })))).toBe('FundsReserved');
    expect(book.events.slice(-3).map(({ type }) => type)).toEqual([
      'ReservationExpired',
      'ReservationExpired',
      'FundsReserved',
    ]);
    expect(['soon', 'late', 'later'].map((name) => standing(book, name).status)).toEqual([
      'expired',
      'expired',
      'active',
    ]);
    expect(book.state.dueTimes.size).toBe(2);
  });

  it('holds what leaves one float for another', () => {
    const floats = [tenant(), account('one', 'float'), account('two', 'float'), account('ada'), deposit('ada', 90)];
    const { book, when } = given(
      ...floats,
      named('hold', reserve({ account_id: '@one', destination: '@two', amount: 60 })),
    );
    expect(outcome(when(reserve({ account_id: '@one', destination: '@two', amount: 31 })))).toBe(
      'TransactionFailed: insufficient_funds',
    );
    expect(entriesOf(when(capture()), book)).toEqual(['one credit 60 30', 'two debit 60 60']);
    expect(outcome(given(...floats, block('one', true, false)).when(reserve({ account_id: '@one', amount: 60 })))).toBe(
      'FundsReserved',
    );
    expect(outcome(given(...floats, block('one', false, true)).when(reserve({ account_id: '@one', amount: 60 })))).toBe(
      'TransactionFailed: account_frozen',
    );
  });
});
