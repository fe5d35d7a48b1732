import type { Command } from '../commands.js';
import { account, card, DAY, deposit, elapse, given, named, tenant, transfer, type Row } from '../spec-support.js';
import { block, close, entriesOf, fee } from '../transactions/spec-commands.js';
import { authorize, capture, clear, countedBy, holder, HOTEL, NO_CARD } from './spec-messages.js';

const inactive: Command = { type: 'ChangeTenantStatus', data: { status: 'inactive', reason: 'r' } };
const POSTED = 'SystemAccountOpened SettlementOpened CardTransactionPosted';
const bad = { name: 'a', category_code: 'x' };

const ROWS: readonly Row[] = [
  ['nothing', holder, clear({ amount: 0, currency: 'X' }), 'refused: amount_not_positive (amount)'],
  ['2^53', holder, clear({ amount: 2 ** 53, currency: 'X' }), 'refused: amount_out_of_range (amount)'],
  ['no currency', holder, clear({ currency: 'X', merchant: bad }), 'refused: invalid_currency (currency)'],
  [
    'no category',
    holder,
    clear({ merchant: bad, channel: 'x' }),
    'refused: invalid_parameter (merchant.category_code)',
  ],
  ['no channel that there is', holder, clear({ channel: 'x', posted_at: 'x' }), 'refused: invalid_parameter (channel)'],
  ['no time', [...holder, clear()], clear({ posted_at: 'x' }), 'refused: invalid_parameter (posted_at)'],
  ['the same again', [...holder, clear()], clear(), 'unchanged: same_body'],
  [
    'the same credit again',
    [...holder, clear({ direction: 'credit' })],
    clear({ direction: 'credit' }),
    'unchanged: same_body',
  ],
  [
    'the same again of the same time',
    [...holder, clear({ posted_at: '2026-01-01T00:00:00Z' })],
    clear({ posted_at: '2026-01-01T01:00:00+01:00' }),
    'unchanged: same_body',
  ],
  [
    'the same of another time',
    [...holder, clear({ posted_at: '2026-01-01T00:00:00Z' })],
    clear({ posted_at: '2026-01-01T00:00:01Z' }),
    'unchanged: other_body',
  ],
  ['the same of another card', [...holder, clear()], clear({ card_id: NO_CARD }), 'unchanged: other_body'],
  ['the same of another amount', [...holder, clear()], clear({ amount: 99 }), 'unchanged: other_body'],
  ['the same of another currency', [...holder, clear()], clear({ currency: 'EUR' }), 'unchanged: other_body'],
  ['the same the other way', [...holder, clear()], clear({ direction: 'credit' }), 'unchanged: other_body'],
  ['the same of another merchant', [...holder, clear()], clear({ merchant: HOTEL }), 'unchanged: other_body'],
  [
    'the reference of a capture',
    [...holder, named('buy', authorize()), capture(100)],
    clear(),
    'unchanged: other_body',
  ],
  ['an unknown card', holder, clear({ card_id: NO_CARD, currency: 'EUR' }), 'refused: card_not_found (card_id)'],
  ['another currency', holder, clear({ currency: 'EUR' }), 'refused: currency_mismatch (currency)'],
  ['on a blocked account', [...holder, block('ada', true, true)], clear(), POSTED],
  ['to a blocked account', [...holder, block('ada', true, true)], clear({ direction: 'credit' }), POSTED],
  ['of an inactive tenant', [...holder, inactive], clear(), POSTED],
];

describe('PostCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('takes what is available and posts the rest to the receivable', () => {
    const { book, when } = given(...holder, authorize());
    const done = when(clear({ amount: 80, merchant: HOTEL, metadata: { a: '1' } }));
    const debt = `receivable:${book.id('ada')}|NGN`;
    expect(entriesOf(done, book)).toEqual([
      'ada debit 50 100',
      `${debt} debit 30 30`,
      'network_payable|NGN credit 80 80',
    ]);
    const event = done.events.at(-1);
    expect(event?.data).not.toHaveProperty('previous');
    expect(event?.data).toMatchObject({
      card_transaction: {
        card_transaction_id: `txn_${event?.id}`,
        direction: 'debit',
        status: 'captured',
        amount: 80,
        amounts: { authorized: 0, captured: 80, over_captured: 80, held: 0, receivable: 30 },
        merchant: HOTEL,
        elements: [{ type: 'capture', amount: 80, network_reference: 'c1', transaction_id: `ltx_${event?.id}` }],
        posted_at_clamped: false,
      },
      transaction: { type: 'card_capture', amount: 80, channel: 'pos_card_present' },
      holds: [],
    });
  });

  it('counts what it takes, whatever limits say, and nothing of what it gives', () => {
    const { when } = given(...holder, {
      type: 'UpdateCard',
      data: { card_id: '@plastic', spending_controls: { limits: [{ amount: 1, interval: 'daily' }] } },
    });
    expect(countedBy(when(clear({ amount: 60 })))).toEqual(['outbound 60 01-05']);
    expect(countedBy(when(clear({ direction: 'credit', network_reference: 'c2' })))).toEqual([]);
  });

  it('posts though the counter can’t add it up, and counts what there is room for', () => {
    const most = Number.MAX_SAFE_INTEGER - 10;
    const { when } = given(
      ...holder,
      named('buy', authorize({ amount: 3 })),
      clear({ amount: most - 3 }),
      clear({ amount: most - 3, direction: 'credit', network_reference: 'c2' }),
      // What is settled with the network of a day has sums of its own.
      elapse(DAY),
    );
    expect(countedBy(when(clear({ amount: 8, network_reference: 'c3' })))).toEqual(['outbound 8 01-06']);
    // The hold of 3 was counted before; of 7 beyond it, 2.
    const over = when(capture(10, { network_reference: 'c4' }));
    expect([over.outcome, countedBy(over)]).toEqual(['CardTransactionPosted', ['outbound 2 01-06']]);
    const full = when(clear({ amount: 5, network_reference: 'c5' }));
    expect([full.outcome, countedBy(full)]).toEqual(['CardTransactionPosted', []]);
    expect(when(authorize({ amount: 1, network_reference: 'a2' })).outcome).toMatch(/^refused: amount_out_of_range/);
  });

  it('gives, and repays what is owed first', () => {
    const { book, when } = given(...holder, clear({ amount: 170 }));
    const debt = `receivable:${book.id('ada')}|NGN`;
    const done = when(clear({ amount: 50, direction: 'credit', network_reference: 'c2' }));
    expect(entriesOf(done, book)).toEqual([
      'network_payable|NGN debit 50 120',
      'ada credit 50 50',
      'ada debit 20 30',
      `${debt} credit 20 0`,
    ]);
    expect(done.events.at(-1)?.data).toMatchObject({
      card_transaction: { direction: 'credit', status: 'captured', elements: [{ type: 'credit' }] },
      transaction: {
        type: 'card_credit',
        channel: null,
        source: book.state.systemAccounts.get('network_payable|NGN'),
        destination: book.id('ada'),
        metadata: [],
      },
    });
  });

  it('takes from a closed account by its receivable, and gives to it by suspense', () => {
    const { book, when } = given(...holder, account('bob'), transfer('ada', 'bob', 150), close('ada'));
    const debt = `receivable:${book.id('ada')}|NGN`;
    expect(entriesOf(when(clear({ amount: 20 })), book)).toEqual([
      `${debt} debit 20 20`,
      'network_payable|NGN credit 20 20',
    ]);
    expect(entriesOf(when(clear({ amount: 8, direction: 'credit', network_reference: 'c2' })), book)).toEqual([
      'network_payable|NGN debit 8 12',
      `${debt} credit 8 12`,
    ]);
    expect(entriesOf(when(clear({ amount: 50, direction: 'credit', network_reference: 'c3' })), book)).toEqual([
      'network_payable|NGN debit 50 -38',
      `${debt} credit 12 0`,
      'suspense|NGN credit 38 38',
    ]);
    expect(entriesOf(when(clear({ amount: 5, direction: 'credit', network_reference: 'c4' })), book)).toEqual([
      'network_payable|NGN debit 5 -43',
      'suspense|NGN credit 5 43',
    ]);
  });

  it('takes effect when the network says, but never ahead', () => {
    const { when } = given(...holder);
    const effective = (posted_at: string, network_reference: string) =>
      when(clear({ posted_at, network_reference })).events.at(-1)?.data;
    expect(effective('2026-01-01T00:00:00Z', 'n1')).toMatchObject({
      transaction: { effective_at: '2026-01-01T00:00:00.000Z' },
      card_transaction: { posted_at_clamped: false },
    });
    expect(effective('2030-01-01T00:00:00Z', 'n2')).toMatchObject({
      transaction: { effective_at: '2026-01-05T09:00:07.000Z' },
      card_transaction: { posted_at_clamped: true },
    });
    expect(when(clear({ posted_at: '2030-01-01T00:00:00Z', network_reference: 'n2' })).outcome).toBe(
      'unchanged: same_body',
    );
  });

  it.each([
    ['virtual', undefined, 'pos_card_present', 12],
    ['nfc', undefined, 'pos_nfc_card', 12],
    ['nfc', 'pos_card_present', 'pos_nfc_card', undefined],
    ['virtual', 'va_pos_payment', 'va_pos_payment', 12],
  ] as const)('charges a %s card on channel %s by the rule of %s', (type, channel, ruled, amount) => {
    const { when } = given(
      tenant(),
      account('ada'),
      deposit('ada', 150),
      ...card('plastic', 'ada', { type }),
      fee({ channel: ruled }),
    );
    const event = when(clear({ channel })).events.at(-1);
    if (event?.type !== 'CardTransactionPosted') throw new RangeError('it was refused');
    expect(event.data.transaction.fees[0]?.amount).toBe(amount);
  });

  it('charges nothing for a credit, unless the message names a channel', () => {
    const { book, when } = given(...holder, fee({ channel: 'pos_card_present' }));
    expect(entriesOf(when(clear({ direction: 'credit' })), book)).toHaveLength(2);
    const named_ = clear({ direction: 'credit', channel: 'pos_card_present', network_reference: 'c2' });
    expect(entriesOf(when(named_), book).slice(2)).toEqual(['ada debit 12 338', 'fees:platform|NGN credit 12 12']);
  });

  it('lets the processor owe what the merchant of a purchase pays', () => {
    const { book, when } = given(...holder, fee({ channel: 'pos_card_present', who_pays: 'merchant' }));
    expect(entriesOf(when(clear()), book)).toEqual([
      'ada debit 100 50',
      'network_payable|NGN credit 100 100',
      'processor_receivable|NGN debit 12 12',
      'fees:platform|NGN credit 12 12',
    ]);
  });

  it.each(['platform', 'tenant', 'processor'] as const)('charges what the %s pays as an expense', (who_pays) => {
    const { book, when } = given(...holder, fee({ channel: 'pos_card_present', who_pays }));
    expect(entriesOf(when(clear({ amount: 10 })), book)[2]).toBe('fee_expense|NGN debit 10 10');
  });
});
