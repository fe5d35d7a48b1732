/** Messages of a card network that the specs share, about the card `@plastic` unless they say otherwise. */
import type { Command } from '../commands.js';
import { account, card, deposit, tenant, type Given, type Outcome, type Step } from '../spec-support.js';
import type { AuthorizeCard } from './authorize-card.js';
import type { Element } from './card-transactions.js';
import type { AdjustCardTransaction } from './adjust-card-transaction.js';
import type { CaptureCardTransaction } from './capture-card-transaction.js';
import type { IncrementCardTransaction } from './increment-card-transaction.js';
import type { PostCardTransaction } from './post-card-transaction.js';
import type { RefundCardTransaction } from './refund-card-transaction.js';
import type { RefundToCard } from './refund-to-card.js';
import type { ReverseCardTransaction } from './reverse-card-transaction.js';

export const SHOP = { name: 'Corner Shop', category_code: '5411' };
export const HOTEL = { name: 'Grand', category_code: '7011', city: 'Lagos', country: 'NG' };
export const NO_CARD = 'card_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
export const NO_TRANSACTION = 'txn_01JGFJJZ00ZZZZZZZZZZZZZZZZ';

export const authorize = (differing: Partial<AuthorizeCard['data']> = {}): Command => ({
  type: 'AuthorizeCard',
  data: { card_id: '@plastic', amount: 100, currency: 'NGN', merchant: SHOP, network_reference: 'a1', ...differing },
});

export const capture = (amount: number, differing: Partial<CaptureCardTransaction['data']> = {}): Command => ({
  type: 'CaptureCardTransaction',
  data: { card_transaction_id: '@buy', amount, network_reference: 'c1', ...differing },
});

export const clear = (differing: Partial<PostCardTransaction['data']> = {}): Command => ({
  type: 'PostCardTransaction',
  data: {
    card_id: '@plastic',
    amount: 100,
    currency: 'NGN',
    merchant: SHOP,
    network_reference: 'c1',
    direction: 'debit',
    ...differing,
  },
});

export const increment = (amount: number, differing: Partial<IncrementCardTransaction['data']> = {}): Command => ({
  type: 'IncrementCardTransaction',
  data: { card_transaction_id: '@buy', amount, network_reference: 'i1', ...differing },
});

export const adjust = (amount: number, differing: Partial<AdjustCardTransaction['data']> = {}): Command => ({
  type: 'AdjustCardTransaction',
  data: { card_transaction_id: '@buy', amount, network_reference: 'v1', ...differing },
});

/** All of the hold where no amount is given. */
export const reverse = (amount?: number, differing: Partial<ReverseCardTransaction['data']> = {}): Command => ({
  type: 'ReverseCardTransaction',
  data: {
    card_transaction_id: '@buy',
    ...(amount === undefined ? {} : { amount }),
    network_reference: 'b1',
    ...differing,
  },
});

export const expire = (card_transaction_id = '@buy'): Command => ({
  type: 'ExpireCardTransaction',
  data: { card_transaction_id },
});

export const refund = (amount: number, differing: Partial<RefundCardTransaction['data']> = {}): Command => ({
  type: 'RefundCardTransaction',
  data: { card_transaction_id: '@buy', amount, network_reference: 'r1', ...differing },
});

export const refundTo = (amount: number, differing: Partial<RefundToCard['data']> = {}): Command => ({
  type: 'RefundToCard',
  data: { card_id: '@plastic', amount, currency: 'NGN', merchant: SHOP, network_reference: 'r1', ...differing },
});

/** Ada has 150 and the card `@plastic`. */
export const holder: readonly Step[] = [tenant(), account('ada'), deposit('ada', 150), ...card('plastic', 'ada')];

export const suspended: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended', reason: 'r' } };
export const cardAction = (action: 'suspend' | 'resume' | 'terminate'): Command => ({
  type: 'ChangeCardStatus',
  data: { card_id: '@plastic', action },
});

/** Sums of the purchase `@buy` that are not zero, its status, and balance and hold of its account. */
export const standing = ({ book }: Given) => {
  const { data } = book.standing('buy');
  const purchase = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
  if (purchase === undefined) throw new RangeError('no purchase');
  const ada = book.state.accounts.get(book.id('ada'));
  return {
    status: purchase.status,
    ...Object.fromEntries(Object.entries(purchase.amounts).filter(([, sum]) => sum !== 0)),
    on: [ada?.balance, ada?.held],
  };
};

/** What the last element of an outcome's last event says, but for its time. */
export const lastElement = ({ events }: Outcome): Omit<Element, 'at'> | undefined => {
  const data = events.at(-1)?.data;
  if (data === undefined) return undefined;
  const purchase = 'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
  const last = purchase?.elements.at(-1);
  if (last === undefined) return undefined;
  const { at: _at, ...element } = last;
  return element;
};

/** What an outcome counts towards limits: `direction amount month-day`. */
export const countedBy = ({ events }: Outcome): string[] => {
  const data = events.at(-1)?.data;
  const uses = data !== undefined && 'limit_uses' in data ? (data.limit_uses ?? []) : [];
  return uses.map(({ direction, amount, counted_on }) => `${direction} ${amount} ${counted_on.slice(5)}`);
};
