import { account, card, DAY, deposit, elapse, given, named, tenant, transfer, type Row } from '../spec-support.js';
import { block, entriesOf, fee } from '../transactions/spec-commands.js';
import type { CardTransactionEvent } from './card-transactions.js';
import {
  authorize,
  capture,
  clear,
  countedBy,
  holder,
  increment,
  NO_TRANSACTION,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];

const ROWS: readonly Row[] = [
  ['a fraction', holder, capture(0.5, { card_transaction_id: NO_TRANSACTION }), 'refused: invalid_parameter (amount)'],
  ['nothing', held, capture(0), 'refused: amount_not_positive (amount)'],
  ['2^53', [...held, capture(1)], capture(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['the same again', [...held, capture(100)], capture(100), 'unchanged: same_body'],
  [
    'the same again, of the second part',
    [...held, capture(30, { final: false }), capture(20, { final: false, network_reference: 'c2' })],
    capture(20, { final: false, network_reference: 'c2' }),
    'unchanged: same_body',
  ],
  [
    'the same again, which took all and was not final',
    [...held, capture(100, { final: false })],
    capture(100, { final: false }),
    'unchanged: same_body',
  ],
  [
    'the same again, which found no hold and was not final',
    [...held, capture(100), capture(60, { final: false, network_reference: 'c2' })],
    capture(60, { final: false, network_reference: 'c2' }),
    'unchanged: same_body',
  ],
  ['the same of another amount', [...held, capture(100)], capture(99), 'unchanged: other_body'],
  [
    'the same of another purchase',
    [...held, capture(100)],
    capture(100, { card_transaction_id: NO_TRANSACTION }),
    'unchanged: other_body',
  ],
  ['the same, final only now', [...held, capture(40, { final: false })], capture(40), 'unchanged: other_body'],
  ['the same, final no more', [...held, capture(40)], capture(40, { final: false }), 'unchanged: other_body'],
  ['the reference of a post', [...held, clear()], capture(100), 'unchanged: other_body'],
  [
    'the reference of the post that began it',
    [...holder, named('buy', clear())],
    capture(100),
    'unchanged: other_body',
  ],
  [
    'the reference of an authorization',
    held,
    capture(100, { network_reference: 'a1' }),
    'SystemAccountOpened SettlementOpened CardTransactionPosted',
  ],
  [
    'an unknown purchase',
    held,
    capture(1, { card_transaction_id: NO_TRANSACTION }),
    'refused: card_transaction_not_found',
  ],
  [
    'a posted credit',
    [...holder, named('buy', clear({ direction: 'credit', network_reference: 'x' }))],
    capture(1),
    'refused: invalid_state',
  ],
  [
    'on a blocked account',
    [...held, block('ada', true, true)],
    capture(100),
    'SystemAccountOpened SettlementOpened CardTransactionPosted',
  ],
  [
    'of a suspended tenant',
    [...held, suspended],
    capture(100),
    'SystemAccountOpened SettlementOpened CardTransactionPosted',
  ],
  [
    'with a terminated card',
    [...held, { type: 'ChangeCardStatus', data: { card_id: '@plastic', action: 'terminate' } }],
    capture(100),
    'SystemAccountOpened SettlementOpened CardTransactionPosted',
  ],
];

describe('CaptureCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('takes the hold', () => {
    const it = given(...held);
    const done = it.when(capture(100));
    expect(entriesOf(done, it.book)).toEqual(['ada debit 100 50', 'network_payable|NGN credit 100 100']);
    const event = done.events.at(-1);
    expect(event?.data).toMatchObject({
      card_transaction: {
        elements: [
          { type: 'authorization', network_reference: 'a1' },
          { type: 'capture', amount: 100, network_reference: 'c1', transaction_id: `ltx_${event?.id}` },
        ],
      },
      transaction: {
        transaction_id: `ltx_${event?.id}`,
        type: 'card_capture',
        status: 'completed',
        channel: 'pos_card_present',
        amount: 100,
        source: it.book.id('ada'),
        destination: it.book.state.systemAccounts.get('network_payable|NGN'),
        card_transaction_id: it.book.id('buy'),
        fees: [],
      },
      holds: [{ account_id: it.book.id('ada'), amount: -100, held_after: 0 }],
    });
    expect(standing(it)).toEqual({ status: 'captured', authorized: 100, captured: 100, on: [50, 0] });
    expect(it.book.state.cardTransactions.size).toBe(0);
  });

  it('takes it in parts and releases the rest with the last', () => {
    const it = given(...held, capture(30, { final: false }));
    expect(standing(it)).toEqual({
      status: 'partially_captured',
      authorized: 100,
      captured: 30,
      held: 70,
      on: [120, 70],
    });
    it.when(capture(50, { network_reference: 'c2' }));
    expect(standing(it)).toEqual({ status: 'captured', authorized: 100, captured: 80, released: 20, on: [70, 0] });
  });

  it('takes beyond the hold what is available', () => {
    const it = given(...held);
    expect(entriesOf(it.when(capture(140)), it.book)).toEqual([
      'ada debit 140 10',
      'network_payable|NGN credit 140 140',
    ]);
    expect(standing(it)).toEqual({
      status: 'captured',
      authorized: 100,
      captured: 140,
      over_captured: 40,
      on: [10, 0],
    });
  });

  it('leaves the holds of other purchases alone, and posts the shortfall to the receivable', () => {
    const it = given(...held, authorize({ amount: 45, network_reference: 'a2' }));
    const debt = `receivable:${it.book.id('ada')}|NGN`;
    expect(entriesOf(it.when(capture(140)), it.book)).toEqual([
      'ada debit 105 45',
      `${debt} debit 35 35`,
      'network_payable|NGN credit 140 140',
    ]);
    expect(standing(it)).toEqual({
      status: 'captured',
      authorized: 100,
      captured: 140,
      over_captured: 40,
      receivable: 35,
      on: [45, 45],
    });
  });

  it('posts after all is captured, and after a decline, without a hold', () => {
    const late = given(...held, capture(100));
    late.when(capture(60, { network_reference: 'c2' }));
    expect(standing(late)).toEqual({
      status: 'captured',
      authorized: 100,
      captured: 160,
      over_captured: 60,
      receivable: 10,
      on: [0, 0],
    });
    const declined = given(...holder, named('buy', authorize({ amount: 151 })));
    declined.when(capture(151));
    expect(standing(declined)).toEqual({
      status: 'captured',
      captured: 151,
      over_captured: 151,
      receivable: 1,
      on: [0, 0],
    });
  });

  it('leaves out of too many keys the last, in whatever order they came', () => {
    const had = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, 'x']));
    const { when } = given(...holder, named('buy', authorize({ metadata: had })));
    const data = when(capture(1, { metadata: { z: '1', a: '2' } })).events.at(-1)?.data;
    const metadata = data !== undefined && 'card_transaction' in data ? (data.card_transaction?.metadata ?? []) : [];
    expect([metadata.length, metadata[0]?.[0], metadata.at(-1)?.[0]]).toEqual([50, 'a', 'k9']);
  });

  it.each([
    ['nothing', 0, 51, 50, 'k49', 'new'],
    ['49 keys', 49, 51, 50, 'k49', 'new'],
    ['50 keys', 50, 51, 50, 'k49', 'new'],
    ['50 keys, two of them again', 50, 2, 50, 'k49', 'old'],
    ['one key', 1, 2, 2, 'k01', 'new'],
  ] as const)('keeps fifty keys of metadata: %s', (_telling, had, brought, kept, last, value) => {
    const keys = (count: number, text: string): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${String(i).padStart(2, '0')}`, text]));
    const { book, when } = given(...holder, named('buy', authorize({ metadata: keys(had, 'old') })));
    const event = when(capture(100, { metadata: keys(brought, 'new') })).events.at(-1);
    const { metadata } = (event?.data as CardTransactionEvent['data']).card_transaction;
    expect([metadata.length, metadata.at(-1)]).toEqual([kept, [last, `s1.${book.id('ada')}.${value}`]]);
  });

  it('uses an overdraft limit before the receivable', () => {
    const it = given(
      tenant(),
      account('ada', 'customer', 'NGN', { overdraft_limit: 30 }),
      deposit('ada', 100),
      ...card('plastic', 'ada'),
      named('buy', authorize()),
    );
    it.when(capture(140));
    expect(standing(it)).toMatchObject({ receivable: 10, on: [-30, 0] });
  });

  it('charges the fee of the card’s channel, what is lacking to the receivable', () => {
    const it = given(...held, account('bob'), transfer('ada', 'bob', 45), fee({ channel: 'pos_card_present' }));
    const debt = `receivable:${it.book.id('ada')}|NGN`;
    const done = it.when(capture(100));
    expect(entriesOf(done, it.book)).toEqual([
      'ada debit 100 5',
      'network_payable|NGN credit 100 100',
      'ada debit 5 0',
      `${debt} debit 7 7`,
      'fees:platform|NGN credit 12 12',
    ]);
    expect(done.events.at(-1)?.data).toMatchObject({
      card_transaction: { amounts: { captured: 100, receivable: 7 } },
      transaction: { fees: [{ amount: 12, payer: 'customer', payee: 'platform', account_id: it.book.id('ada') }] },
    });
  });

  it('counts only what goes beyond the hold, and gives back what is left of it', () => {
    const over = given(...held);
    expect(countedBy(over.when(capture(140)))).toEqual(['outbound 40 01-05']);
    const under = given(...held, elapse(DAY), increment(20));
    // What was held first is spent first: of 100 and 20, 70 of the first day are captured.
    expect(countedBy(under.when(capture(70)))).toEqual(['outbound -20 01-06', 'outbound -30 01-05']);
    const parts = given(...held, elapse(DAY), increment(20), capture(70, { final: false }));
    expect(countedBy(parts.when(capture(10, { network_reference: 'c2' })))).toEqual([
      'outbound -20 01-06',
      'outbound -20 01-05',
    ]);
    expect(parts.book.state.cards.get(parts.book.id('plastic'))?.spent).toEqual({
      day: '2026-01-06',
      daily: 0,
      monthly: 80,
      allTime: 80,
    });
  });

  it('adds what the message says to the metadata', () => {
    const it = given(...holder, named('buy', authorize({ metadata: { a: '1', b: '2' } })));
    const event = it.when(capture(100, { metadata: { b: '3' } })).events.at(-1);
    const ada = it.book.id('ada');
    expect(event?.data).toMatchObject({
      card_transaction: {
        metadata: [
          ['a', `s1.${ada}.1`],
          ['b', `s1.${ada}.3`],
        ],
      },
    });
  });
});
