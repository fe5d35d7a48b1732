import type { Command } from '../commands.js';
import { account, card, deposit, given, named, tenant, transfer, type Given, type Row } from '../spec-support.js';
import { block, close, entriesOf } from '../transactions/spec-commands.js';
import {
  authorize,
  capture,
  cardAction,
  clear,
  countedBy,
  expire,
  holder,
  lastElement,
  NO_TRANSACTION,
  refund,
  refundTo,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];
const bought = [...held, capture(100)];
const REFUNDED = 'CardTransactionRefunded';

const ROWS: readonly Row[] = [
  ['a fraction', bought, refund(0.5, { card_transaction_id: NO_TRANSACTION }), 'refused: invalid_parameter (amount)'],
  ['nothing', bought, refund(0), 'refused: amount_not_positive (amount)'],
  ['2^53', bought, refund(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['the same again', [...bought, refund(10)], refund(10), 'unchanged: same_body'],
  ['the same of another amount', [...bought, refund(10)], refund(11), 'unchanged: other_body'],
  [
    'the same of another purchase',
    [...bought, refund(10)],
    refund(10, { card_transaction_id: NO_TRANSACTION }),
    'unchanged: other_body',
  ],
  ['the same of no purchase', [...bought, refund(10)], refundTo(10), 'unchanged: other_body'],
  ['the reference that began it', [...holder, named('buy', refundTo(10))], refund(10), 'unchanged: other_body'],
  ['the reference of a clearing', bought, refund(10, { network_reference: 'c1' }), REFUNDED],
  [
    'an unknown purchase',
    held,
    refund(1, { card_transaction_id: NO_TRANSACTION }),
    'refused: card_transaction_not_found',
  ],
  ['a posted credit', [...holder, named('buy', clear({ direction: 'credit' }))], refund(1), 'refused: invalid_state'],
  [
    'a refund',
    [...holder, named('buy', refundTo(10))],
    refund(1, { network_reference: 'r2' }),
    'refused: invalid_state',
  ],
  ['with a terminated card', [...bought, cardAction('terminate')], refund(10), REFUNDED],
  ['on a blocked account', [...bought, block('ada', true, true)], refund(10), REFUNDED],
  ['of a suspended tenant', [...bought, suspended], refund(10), REFUNDED],
  [
    'more than a balance may be',
    [...holder, account('rich', 'business'), deposit('rich', Number.MAX_SAFE_INTEGER - 151), named('buy', clear())],
    refund(Number.MAX_SAFE_INTEGER),
    'refused: amount_out_of_range (amount)',
  ],
];

/** Takes back the refund that the book's last event is. */
const takeBack = ({ book }: Given, amount?: number): Command => {
  const last = book.events.findLast(({ type }) => type === REFUNDED);
  return {
    type: 'ReverseTransaction',
    data: { transaction_id: `ltx_${last?.id}`, ...(amount === undefined ? {} : { amount }) },
  };
};

describe('RefundCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('gives back in parts, and counts towards no limit', () => {
    const it = given(...bought);
    const part = it.when(refund(40));
    expect(entriesOf(part, it.book)).toEqual(['network_payable|NGN debit 40 60', 'ada credit 40 90']);
    expect(standing(it)).toEqual({
      status: 'partially_refunded',
      authorized: 100,
      captured: 100,
      refunded: 40,
      on: [90, 0],
    });
    expect(countedBy(part)).toEqual([]);
    expect(part.events.at(-1)?.data).not.toHaveProperty('card_transaction.counted');
    expect(part.events.at(-1)?.data).toMatchObject({ previous: { status: 'captured', amounts: { refunded: 0 } } });
    expect(lastElement(part)).toMatchObject({ transaction_id: `ltx_${part.events.at(-1)?.id}` });
    expect(part.events.at(-1)?.data).toMatchObject({
      transaction: { type: 'card_refund', amount: 40, card_transaction_id: it.book.id('buy'), fees: [] },
    });
    expect(lastElement(it.when(refund(60, { network_reference: 'r2' })))).not.toHaveProperty('exceeds_captured');
    expect(standing(it)).toMatchObject({ status: 'refunded', refunded: 100, on: [150, 0] });
  });

  it('above what was captured it posts and says so', () => {
    const it = given(...bought);
    const done = it.when(refund(130));
    expect(lastElement(done)).toMatchObject({ type: 'refund', amount: 130, exceeds_captured: true });
    expect(standing(it)).toMatchObject({ status: 'refunded', refunded: 130, on: [180, 0] });
  });

  it('before its clearing, it comes to the same', () => {
    const early = given(...held);
    expect(lastElement(early.when(refund(30)))).toMatchObject({ exceeds_captured: true });
    early.when(capture(100));
    const late = given(...held, capture(100));
    late.when(refund(30));
    expect(standing(early)).toEqual(standing(late));
    const expired = given(...held, expire());
    expired.when(refund(30));
    expect(standing(expired)).toMatchObject({ status: 'refunded', refunded: 30, on: [180, 0] });
  });

  it('repays what the holder owes first', () => {
    const it = given(...held, account('bob'), transfer('ada', 'bob', 50), capture(130));
    const debt = `receivable:${it.book.id('ada')}|NGN`;
    expect(entriesOf(it.when(refund(50)), it.book)).toEqual([
      'network_payable|NGN debit 50 80',
      'ada credit 50 50',
      'ada debit 30 20',
      `${debt} credit 30 0`,
    ]);
  });

  it('of a closed account repays the debt, and keeps the rest in suspense', () => {
    const it = given(
      tenant(),
      account('ada'),
      deposit('ada', 100),
      ...card('plastic', 'ada'),
      named('buy', authorize()),
      capture(100),
      close('ada'),
      clear({ amount: 10, network_reference: 'c9' }),
    );
    const debt = `receivable:${it.book.id('ada')}|NGN`;
    expect(entriesOf(it.when(refund(100)), it.book)).toEqual([
      'network_payable|NGN debit 100 10',
      `${debt} credit 10 0`,
      'suspense|NGN credit 90 90',
    ]);
  });
});

describe('a refund that is taken back', () => {
  it('in parts: lowers what is refunded, and the status follows', () => {
    const it = given(...bought, refund(100));
    const part = it.when(takeBack(it, 30));
    expect(part.events.at(-1)?.data).not.toHaveProperty('purchase.counted');
    expect(part.outcome).toBe('TransactionReversed');
    expect(entriesOf(part, it.book)).toEqual(['network_payable|NGN credit 30 30', 'ada debit 30 120']);
    expect(lastElement(part)).toEqual({
      type: 'refund_reversal',
      amount: 30,
      network_reference: null,
      transaction_id: `ltx_${part.events.at(-1)?.id}`,
    });
    expect(standing(it)).toMatchObject({ status: 'partially_refunded', refunded: 70, on: [120, 0] });
    it.when(takeBack(it));
    expect(standing(it)).toEqual({ status: 'captured', authorized: 100, captured: 100, on: [50, 0] });
    expect(it.when(takeBack(it)).outcome).toBe('refused: already_reversed');
  });

  it('knows what came of the purchase since', () => {
    const it = given(
      ...held,
      refund(30),
      capture(60, { final: false }),
      authorize({ network_reference: 'a2', amount: 1 }),
    );
    it.when(takeBack(it));
    expect(standing(it)).toEqual({
      status: 'partially_captured',
      authorized: 100,
      captured: 60,
      held: 40,
      on: [90, 41],
    });
    it.when(refund(10, { network_reference: 'r2' }));
    expect(standing(it)).toMatchObject({ status: 'partially_refunded', refunded: 10 });
    it.when(capture(40, { network_reference: 'c2' }));
    expect(standing(it)).toMatchObject({ captured: 100, refunded: 10, on: [60, 1] });
  });

  it('of no purchase: what is left of it is nothing', () => {
    const it = given(...holder, named('buy', refundTo(40)));
    it.when(takeBack(it));
    expect(standing(it)).toEqual({ status: 'reversed', on: [150, 0] });
  });

  it('fails where the money is gone, and leaves the purchase as it is', () => {
    const it = given(...bought, refund(100), account('bob'), transfer('ada', 'bob', 100));
    expect(it.when(takeBack(it)).events.at(-1)).toMatchObject({
      type: 'TransactionFailed',
      data: { transaction: { failure_code: 'insufficient_funds' } },
    });
    expect(standing(it)).toMatchObject({ refunded: 100 });
  });

  it('captures and credits are not taken back like this', () => {
    const { book, when } = given(...bought);
    const capturing = book.events.findLast(({ type }) => type === 'CardTransactionPosted');
    const command: Command = { type: 'ReverseTransaction', data: { transaction_id: `ltx_${capturing?.id}` } };
    expect(when(command).outcome).toBe('refused: not_reversible');
  });
});
