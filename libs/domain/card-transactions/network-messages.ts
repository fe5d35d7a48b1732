/**
 * What all messages of a card network have in common: how they name a merchant, that they may come again, and in any order.
 *
 * - Again: a `network_reference` is unique per kind of message. Whatever comes under a known one appends nothing and is
 *   answered as the first was.
 * - Late: a hold that was captured for good, reversed or expired never comes back. Reversals and advices that find nothing
 *   held are kept and change no sum, increments are refused; so a message that a clearing has overtaken changes nothing.
 * - Whatever the order: clearings and refunds always post in full, a clearing takes what is held and beyond it counts as
 *   over-captured, and the status follows from the sums. So what left the account is the same in any order of the same
 *   messages, as is what it holds in the end: nothing.
 */
import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import {
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  type Metadata,
  type PersonalMetadata,
  type Refusal,
  type Unchanged,
} from '../decision.js';
import { LedgerInconsistent } from '../entries.js';
import type { LedgerDraft, LedgerEvent } from '../ledger.js';
import { isCurrency } from '../money.js';
import { cold, type TenantState } from '../state.js';
import { amountRefusal } from '../transactions/recording.js';
import {
  messageKey,
  type CardAmounts,
  type CardTransactionEvent,
  type Merchant,
  type MessageKind,
} from './card-transactions.js';

/** A merchant as a message names it. */
export interface MerchantData {
  readonly name: string;
  /** Four-digit ISO 18245 code. */
  readonly category_code: string;
  readonly city?: string | null;
  readonly country?: string | null;
}

export const merchantOf = ({ name, category_code, city, country }: MerchantData): Merchant => ({
  name,
  category_code,
  city: city ?? null,
  country: country ?? null,
});

export const isSameMerchant = (a: Merchant | null, b: Merchant | null): boolean =>
  a?.name === b?.name && a?.category_code === b?.category_code && a?.city === b?.city && a?.country === b?.country;

export const NO_AMOUNTS: CardAmounts = {
  authorized: 0,
  incremented: 0,
  reversed: 0,
  expired: 0,
  released: 0,
  captured: 0,
  over_captured: 0,
  refunded: 0,
  held: 0,
  receivable: 0,
};

/** What is wrong with a purchase as a message states it: its amount, then its currency, then its merchant. */
export const purchaseRefusal = (
  amount: number,
  currency: string | undefined,
  merchant: MerchantData | undefined,
): Refusal | null => {
  const refusal = amountRefusal(amount, 'amount');
  if (refusal !== null) return refusal;
  if (currency !== undefined && !isCurrency(currency)) return refuse('invalid_currency', 'currency');
  return merchant === undefined || /^\d{4}$/.test(merchant.category_code)
    ? null
    : refuse('invalid_parameter', 'merchant.category_code');
};

/**
 * What the purchase has, and of what a message brings as many keys as there is room for, in their order. A clearing is
 * never refused for its metadata, and however many come it must not grow without end.
 */
export const metadataWith = (before: PersonalMetadata, brought: Metadata | undefined): PersonalMetadata => {
  const known = new Set(before.map(([key]) => key));
  const room = Math.max(MAX_METADATA_KEYS - known.size, 0);
  const fresh = Object.keys(brought ?? {}).filter((key) => !known.has(key));
  const left = new Set(fresh.sort().slice(room));
  const taken = Object.entries(brought ?? {}).filter(([key]) => !left.has(key));
  return mergeMetadata(before, Object.fromEntries(taken));
};

type CardEventRead = LedgerEvent & CardTransactionEvent;

/** The event that this message of the network made when it first came; null where it is new. */
export const firstOutcome = (
  state: TenantState,
  kind: MessageKind,
  networkReference: string | undefined,
): CardEventRead | null => {
  if (networkReference === undefined) return null;
  const event = cold(state, messageKey(kind, networkReference));
  if (event === null) return null;
  if (!('card_transaction' in event.data)) throw new LedgerInconsistent(`event ${event.id} is no message of a network`);
  return event as CardEventRead;
};

/**
 * The answer to a message that came before: its first outcome, with the card transaction as that left it. Not as it is
 * now: whether that were known would depend on what is in memory. Nothing is appended, whether the body is the same or not.
 */
export const repeated = (state: TenantState, first: CardEventRead, sameBody: boolean): Unchanged<LedgerDraft> => {
  const account = state.accounts.get(first.data.card_transaction.account_id) as Account;
  const standing = { id: first.id, type: first.type, data: first.data, subject: subjectOf(account) } as LedgerDraft;
  return { kind: 'unchanged', standing, duplicate: sameBody ? 'same_body' : 'other_body' };
};
