import type { Command } from '../commands.js';
import { account, card, DAY, deposit, elapse, given, named, tenant, type Row } from '../spec-support.js';
import { block, close, entriesOf, fee, outcome, post, UNKNOWN } from '../transactions/spec-commands.js';
import { bounded, capture, holder, limit, NO_RESERVATION, release, reserve, standing } from './spec-reservations.js';

const held = [...holder, named('hold', reserve({ destination: '@bob' }))];
const euro = [...held, account('eve', 'customer', 'EUR')];
const blocked = [...held, block('ada', true, false)];

const ROWS: readonly Row[] = [
  ['a fraction', held, capture({ amount: 0.5, reservation_id: NO_RESERVATION }), 'refused: invalid_parameter (amount)'],
  ['nothing', held, capture({ amount: 0 }), 'refused: amount_not_positive (amount)'],
  ['2^53', held, capture({ amount: 2 ** 53 }), 'refused: amount_out_of_range (amount)'],
  [
    'an unknown reservation',
    held,
    capture({ reservation_id: NO_RESERVATION, destination: UNKNOWN }),
    'refused: reservation_not_found',
  ],
  [
    'for an unknown account',
    [...held, capture()],
    capture({ destination: UNKNOWN }),
    'refused: account_not_found (destination)',
  ],
  ['what was captured', [...held, capture()], capture({ amount: 999 }), 'refused: invalid_state'],
  ['the rest of a final part', [...held, capture({ amount: 40 })], capture({ amount: 60 }), 'refused: invalid_state'],
  ['what was released', [...held, release()], capture(), 'refused: invalid_state'],
  ['what has expired', [...held, elapse(7 * DAY)], capture(), 'refused: invalid_state'],
  [
    'more than is held',
    blocked,
    capture({ amount: 101, destination: '@ada' }),
    'TransactionFailed: amount_exceeds_reservation',
  ],
  [
    'more than a part left',
    [...held, capture({ amount: 40, final: false })],
    capture({ amount: 61 }),
    'TransactionFailed: amount_exceeds_reservation',
  ],
  ['to itself', blocked, capture({ destination: '@ada' }), 'TransactionFailed: same_account'],
  ['with debits blocked', blocked, capture({ destination: '@ada', amount: 1 }), 'TransactionFailed: same_account'],
  ['from an account that is blocked', blocked, capture(), 'TransactionFailed: account_frozen'],
  ['with credits blocked', [...held, block('ada', false, true)], capture(), 'ReservationCaptured'],
  [
    'to another currency',
    [...euro, close('eve')],
    capture({ destination: '@eve' }),
    'TransactionFailed: currency_mismatch',
  ],
  ['to a closed account', [...held, close('bob')], capture(), 'TransactionFailed: account_closed'],
  ['to a blocked account', [...held, block('bob', false, true)], capture(), 'TransactionFailed: account_frozen'],
  ['to one that may not pay', [...held, block('bob', true, false)], capture(), 'ReservationCaptured'],
  [
    'more than may come in on a day',
    [...held, limit('inbound', 99)],
    capture(),
    'TransactionFailed: limit_exceeded by rule',
  ],
  ['as much as may come in', [...held, limit('inbound', 100)], capture(), 'ReservationCaptured'],
  [
    'what an earlier part leaves of a limit',
    [...held, limit('inbound', 60), capture({ amount: 40, final: false })],
    capture({ amount: 21 }),
    'TransactionFailed: limit_exceeded by rule',
  ],
  [
    'more than the destination may hold',
    [...held, limit('inbound', 999, { max_balance: 99 })],
    capture(),
    'TransactionFailed: max_balance_exceeded by rule',
  ],
  [
    'to an asset that would have less than nothing',
    [...held, account('owed', 'general', 'NGN', { normal_side: 'debit' })],
    capture({ destination: '@owed' }),
    'TransactionFailed: insufficient_funds',
  ],
  ['not limited twice', [...held, limit('outbound', 99), bounded(99)], capture(), 'ReservationCaptured'],
  ['to the main float', held, capture({ destination: undefined }), 'ReservationCaptured'],
  [
    'more than an account can count',
    [
      tenant(),
      account('own', 'general', 'NGN', { allow_negative: true }),
      account('bob', 'general', 'NGN', { normal_side: 'credit' }),
      account('bank', 'float', 'NGN', { allow_negative: true }),
      post({ source: '@own', destination: '@bob', amount: Number.MAX_SAFE_INTEGER }),
      named('hold', reserve({ account_id: '@bank', destination: '@bob', amount: 1 })),
    ],
    capture(),
    'refused: amount_out_of_range (amount)',
  ],
];

describe('CaptureReservation', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('takes all that is held to where the reservation names', () => {
    const { book, when } = given(...held);
    const done = when(capture());
    expect(entriesOf(done, book)).toEqual(['ada debit 100 50', 'bob credit 100 100']);
    expect(standing(book)).toEqual({ status: 'captured', captured: 100, on: [50, 0] });
    const [event] = done.events;
    expect(event?.data).toMatchObject({
      holds: [{ account_id: book.id('ada'), amount: -100, held_after: 0 }],
      limit_uses: [{ account_id: book.id('bob'), direction: 'inbound', amount: 100 }],
      reservation: { transaction_id: `ltx_${event?.id}` },
      previous: { status: 'active', amounts: { held: 100, captured: 0, released: 0, expired: 0 } },
      transaction: {
        transaction_id: `ltx_${event?.id}`,
        reservation_id: book.id('hold'),
        type: 'reservation_capture',
        status: 'completed',
        amount: 100,
        source: book.id('ada'),
        destination: book.id('bob'),
        fees: [],
        metadata: [],
      },
    });
    expect([book.state.reservations.size, book.state.dueTimes.size]).toEqual([0, 0]);
  });

  it('takes part by part, never more than was held', () => {
    const { book, when } = given(...held);
    when(capture({ amount: 30, final: false }));
    expect(standing(book)).toEqual({ status: 'partially_captured', held: 70, captured: 30, on: [120, 70] });
    when(capture({ amount: 20, final: false, destination: '@bob' }));
    expect(outcome(when(capture({ amount: 51, final: false })))).toBe('TransactionFailed: amount_exceeds_reservation');
    expect(outcome(when(post({ amount: 51 })))).toBe('TransactionFailed: insufficient_funds');
    when(capture({ amount: 50, final: false }));
    expect(standing(book)).toEqual({ status: 'captured', captured: 100, on: [50, 0] });
    expect(outcome(when(capture({ amount: 1 })))).toBe('refused: invalid_state');
  });

  it('gives the rest back with the final part, also to the limit', () => {
    const { book, when } = given(...held, limit('outbound', 100));
    expect(outcome(when(post({ amount: 1 })))).toBe('TransactionFailed: limit_exceeded by rule');
    const { events } = when(capture({ amount: 40 }));
    expect(standing(book)).toEqual({ status: 'captured', captured: 40, released: 60, on: [110, 0] });
    expect(events[0]?.data).toMatchObject({
      holds: [{ amount: -100, held_after: 0 }],
      limit_uses: [
        { account_id: book.id('bob'), direction: 'inbound', amount: 40 },
        { account_id: book.id('ada'), direction: 'outbound', amount: -60, counted_on: '2026-01-05' },
      ],
    });
    expect(outcome(when(post({ amount: 61 })))).toBe('TransactionFailed: limit_exceeded by rule');
    expect(outcome(when(post({ amount: 60 })))).toBe('TransactionPosted');
  });

  it('goes where the capture names rather than where the reservation does, and without either to the main float', () => {
    const { book, when } = given(...held, account('cyn'), named('loose', reserve({ amount: 50 })));
    expect(entriesOf(when(capture({ destination: '@cyn' })), book)).toEqual(['ada debit 100 50', 'cyn credit 100 100']);
    expect(entriesOf(when(capture({ reservation_id: '@loose' })), book)).toEqual([
      'ada debit 50 0',
      'float|NGN credit 50 100',
    ]);
  });

  it('opens the main float where there is none, and leaves it unopened where it fails', () => {
    const history = [
      tenant(),
      account('own', 'general', 'NGN', { allow_negative: true, normal_side: 'debit' }),
      named('hold', reserve({ account_id: '@own' })),
    ];
    const { book, when } = given(...history);
    const done = when(capture());
    expect(entriesOf(done, book)).toEqual(['own credit 100 -100', 'float|NGN debit 100 100']);
    expect(done.events.at(-1)?.data).toMatchObject({
      transaction: { destination: book.state.systemAccounts.get('float|NGN') },
    });
    const { events } = given(...history, block('own', true, true)).when(capture());
    expect(events.map(({ type, data }) => [type, 'transaction' in data && data.transaction.destination])).toEqual([
      ['TransactionFailed', null],
    ]);
  });

  it('keeps no system account for a client', () => {
    const { book, when } = given(...held, fee(), post({ channel: 'funds_transfer', amount: 20 }));
    const fees = book.state.systemAccounts.get('fees:platform|NGN') as string;
    expect(outcome(when(capture({ destination: fees })))).toBe('refused: invalid_parameter (destination)');
  });

  it('takes no fee', () => {
    const { book, when } = given(...held, fee());
    expect(entriesOf(when(capture()), book)).toEqual(['ada debit 100 50', 'bob credit 100 100']);
  });

  it('repays what the destination’s owner owes, out of what comes', () => {
    const merchant = { name: 'Shop', category_code: '5411' };
    const force: Command = {
      type: 'PostCardTransaction',
      data: { card_id: '@visa', direction: 'debit', amount: 30, currency: 'NGN', network_reference: 'n', merchant },
    };
    const { book, when } = given(...held, ...card('visa', 'bob'), force);
    expect(entriesOf(when(capture()), book)).toEqual([
      'ada debit 100 50',
      'bob credit 100 100',
      'bob debit 30 70',
      expect.stringMatching(/^receivable:.* credit 30 0$/),
    ]);
  });

  it('is reversed like every transaction, and gives back what hold and capture had counted', () => {
    const { book, when } = given(...held, limit('outbound', 100));
    const transaction_id = `ltx_${when(capture()).events[0]?.id}`;
    const reverse = (amount: number): Command => ({ type: 'ReverseTransaction', data: { transaction_id, amount } });
    const done = when(reverse(40));
    expect(entriesOf(done, book)).toEqual(['ada credit 40 90', 'bob debit 40 60']);
    expect(done.events[0]?.data).toMatchObject({
      limit_uses: [
        { account_id: book.id('ada'), direction: 'outbound', amount: -40, counted_on: '2026-01-05' },
        { account_id: book.id('bob'), direction: 'inbound', amount: -40, counted_on: '2026-01-05' },
      ],
      original: { status: 'partially_reversed', reversed_amount: 40, reservation_id: book.id('hold') },
    });
    expect(outcome(when(post({ amount: 41 })))).toBe('TransactionFailed: limit_exceeded by rule');
    expect(outcome(when(post({ amount: 40 })))).toBe('TransactionPosted');
    expect(outcome(when(reverse(60)))).toBe('TransactionReversed');
    expect(standing(book)).toEqual({ status: 'captured', captured: 100, on: [110, 0] });
  });

  it('gives back by its reversal what was captured, not what was released', () => {
    const { book, when } = given(...held, limit('outbound', 100));
    const reverse = (id: string | undefined): Command => ({
      type: 'ReverseTransaction',
      data: { transaction_id: `ltx_${id}` },
    });
    expect(when(reverse(when(capture({ amount: 40 })).events[0]?.id)).events[0]?.data).toMatchObject({
      limit_uses: [
        { account_id: book.id('ada'), direction: 'outbound', amount: -40 },
        { account_id: book.id('bob'), direction: 'inbound', amount: -40 },
      ],
    });
    when(reserve({ amount: 30, reference: 'r2' }));
    const event = book.events.at(-1);
    if (event?.type !== 'FundsReserved') throw new RangeError('nothing was reserved');
    const { reservation_id } = event.data.reservation;
    const data = when(reverse(when(capture({ reservation_id })).events[0]?.id)).events[0]?.data;
    expect(data !== undefined && 'limit_uses' in data ? data.limit_uses : []).toEqual([
      { account_id: book.id('ada'), direction: 'outbound', amount: -30, counted_on: '2026-01-05' },
    ]);
  });

  it('keeps what was refused as a failed transaction, and the hold as it was', () => {
    const { book, when } = given(...blocked);
    const { events } = when(capture({ amount: 40 }));
    expect(events.map(({ data }) => data)).toMatchObject([
      {
        transaction: {
          type: 'reservation_capture',
          status: 'failed',
          amount: 40,
          failure_code: 'account_frozen',
          reservation_id: book.id('hold'),
        },
      },
    ]);
    expect(standing(book)).toEqual({ status: 'active', held: 100, on: [150, 100] });
  });

  it('does not wait for money that came later: a hold and a transfer can’t spend the same', () => {
    const { when } = given(...held);
    expect(outcome(when(post({ amount: 51 })))).toBe('TransactionFailed: insufficient_funds');
    expect(outcome(when(post({ amount: 50 })))).toBe('TransactionPosted');
    expect(outcome(when(capture()))).toBe('ReservationCaptured');
    expect(outcome(when(deposit('ada', 5)))).toBe('TransactionPosted');
  });
});
