/** Messages of a card network that the specs share, about the card `@plastic` unless they say otherwise. */
import type { Command } from '../ledger.js';
import { account, card, deposit, tenant, type Step } from '../spec-support.js';
import type { AuthorizeCard } from './authorize-card.js';
import type { CaptureCardTransaction } from './capture-card-transaction.js';
import type { PostCardTransaction } from './post-card-transaction.js';

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

/** Ada has 150 and the card `@plastic`. */
export const holder: readonly Step[] = [tenant(), account('ada'), deposit('ada', 150), ...card('plastic', 'ada')];
