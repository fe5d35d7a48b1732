/** Messages of a card network that the specs share, about the card `@plastic` unless they say otherwise. */
import type { Command } from '../ledger.js';
import { account, card, deposit, tenant, type Step } from '../spec-support.js';
import type { AuthorizeCard } from './authorize-card.js';
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
