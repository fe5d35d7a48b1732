import { account, deposit, given, named, type Row } from '../spec-support.js';
import { block, entriesOf } from '../transactions/spec-commands.js';
import {
  authorize,
  capture,
  cardAction,
  countedBy,
  holder,
  HOTEL,
  NO_CARD,
  refund,
  refundTo,
  SHOP,
  standing,
  suspended,
} from './spec-messages.js';

const REFUNDED = 'SystemAccountOpened SettlementOpened CardTransactionRefunded';
const bare = { currency: undefined, merchant: undefined } as object;

const ROWS: readonly Row[] = [
  ['a fraction', holder, refundTo(0.5, { currency: 'X' }), 'refused: invalid_parameter (amount)'],
  ['nothing', holder, refundTo(0, { currency: 'X' }), 'refused: amount_not_positive (amount)'],
  ['2^53', holder, refundTo(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['no currency', holder, refundTo(1, { currency: 'X' }), 'refused: invalid_currency (currency)'],
  [
    'no category',
    holder,
    refundTo(1, { merchant: { name: 'a', category_code: '1' } }),
    'refused: invalid_parameter (merchant.category_code)',
  ],
  ['the same again', [...holder, refundTo(10)], refundTo(10), 'unchanged: same_body'],
  ['the same, bare, again', [...holder, refundTo(10, bare)], refundTo(10, bare), 'unchanged: same_body'],
  ['the same of another amount', [...holder, refundTo(10)], refundTo(11), 'unchanged: other_body'],
  ['the same of another card', [...holder, refundTo(10)], refundTo(10, { card_id: NO_CARD }), 'unchanged: other_body'],
  [
    'the same of another currency',
    [...holder, refundTo(10)],
    refundTo(10, { currency: 'EUR' }),
    'unchanged: other_body',
  ],
  [
    'the same of another merchant',
    [...holder, refundTo(10)],
    refundTo(10, { merchant: HOTEL }),
    'unchanged: other_body',
  ],
  [
    'the reference of a linked refund',
    [...holder, named('buy', authorize()), capture(100), refund(100)],
    refundTo(100),
    'unchanged: other_body',
  ],
  ['an unknown card', holder, refundTo(1, { card_id: NO_CARD }), 'refused: card_not_found (card_id)'],
  [
    'another currency than the account’s',
    holder,
    refundTo(1, { currency: 'EUR' }),
    'refused: currency_mismatch (currency)',
  ],
  ['to a terminated card', [...holder, cardAction('terminate')], refundTo(10), REFUNDED],
  ['to a blocked account', [...holder, block('ada', true, true)], refundTo(10), REFUNDED],
  ['of a suspended tenant', [...holder, suspended], refundTo(10), REFUNDED],
  [
    'more than there may be',
    [...holder, account('rich', 'business'), deposit('rich', 5)],
    refundTo(Number.MAX_SAFE_INTEGER),
    'refused: amount_out_of_range (amount)',
  ],
];

describe('RefundToCard', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('is a card transaction of its own, of which nothing was captured', () => {
    const it = given(...holder, named('buy', refundTo(40)));
    expect(standing(it)).toEqual({ status: 'refunded', refunded: 40, on: [190, 0] });
    const event = it.book.standing('buy');
    expect(event.data).toMatchObject({
      card_transaction: {
        direction: 'credit',
        amount: 40,
        requested_amount: 40,
        merchant: { ...SHOP, city: null, country: null },
        elements: [{ type: 'refund', amount: 40, network_reference: 'r1', transaction_id: `ltx_${event.id}` }],
        expires_at: null,
      },
      transaction: { type: 'card_refund', card_transaction_id: it.book.id('buy') },
    });
  });

  it('needs neither currency nor merchant', () => {
    const { when } = given(...holder);
    expect(when(refundTo(40, bare)).events.at(-1)?.data).toMatchObject({
      card_transaction: { currency: 'NGN', merchant: null },
    });
  });

  it('posts network → account and counts towards no limit', () => {
    const it = given(...holder);
    const done = it.when(refundTo(40));
    expect(entriesOf(done, it.book)).toEqual(['network_payable|NGN debit 40 -40', 'ada credit 40 190']);
    expect(countedBy(done)).toEqual([]);
  });
});
