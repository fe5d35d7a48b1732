/** What all messages of a card network have in common: how they name a merchant, and that they may come again. */
import type { Account } from '../accounts/accounts.js';
import { subjectOf } from '../accounts/standing.js';
import { refuse, type Refusal, type Unchanged } from '../decision.js';
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
export const purchaseRefusal = (amount: number, currency: string, merchant: MerchantData): Refusal | null => {
  const refusal = amountRefusal(amount, 'amount');
  if (refusal !== null) return refusal;
  if (!isCurrency(currency)) return refuse('invalid_currency', 'currency');
  return /^\d{4}$/.test(merchant.category_code) ? null : refuse('invalid_parameter', 'merchant.category_code');
};

type CardEventRead = LedgerEvent & CardTransactionEvent;

/** The event that this message of the network made when it first came; null where it is new. */
export const firstOutcome = (state: TenantState, kind: MessageKind, networkReference: string): CardEventRead | null => {
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
