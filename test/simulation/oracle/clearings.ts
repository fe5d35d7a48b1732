/** What the network clears: captures, posts, refunds. It has already paid, so nothing makes them fail. */
import {
  accountOf,
  debtOf,
  heldOf,
  usedOf,
  type Account,
  type Books,
  type Card,
  type CardTransaction,
} from './books.js';
import { countSpent, giveBack, newPurchase, remember, repeated, withElement } from './cards.js';
import { record } from './postings.js';
import { Slip } from './slip.js';
import type { DataOf, Now, Verdict } from './terms.js';

/**
 * Account → elsewhere: what is there and not held for others, of it at least what was kept for this (`sure`), then its owner's
 * debt. Answers what was lacking.
 */
const take = (slip: Slip, account: Account, amount: number, others: number, sure = 0): number => {
  const there = slip.balance(account) + account.overdraft;
  const notOthers = Math.min(amount, Math.max(0, there - others));
  const paid = account.closed ? 0 : Math.max(notOthers, Math.min(sure, Math.max(0, there)));
  if (paid > 0) slip.leg(account, 'debit', paid);
  if (amount > paid) slip.leg(slip.system(`receivable:${account.name}`, account.currency), 'debit', amount - paid);
  return amount - paid;
};

/** Network → account, its owner's debt first; what a closed account can't get is kept in suspense. */
const give = (books: Books, slip: Slip, account: Account, amount: number): void => {
  slip.leg(slip.system('network_payable', account.currency), 'debit', amount);
  if (!account.closed) {
    slip.leg(account, 'credit', amount);
    slip.repay(account, amount);
    return;
  }
  const repaid = Math.min(amount, debtOf(books, account));
  if (repaid > 0) slip.leg(slip.system(`receivable:${account.name}`, account.currency), 'credit', repaid);
  if (amount > repaid) slip.leg(slip.system('suspense', account.currency), 'credit', amount - repaid);
};

/** The fee beside a clearing, of what nothing holds. What the customer lacks of it is owed, too; a shop pays by way of the processor. */
const fee = (slip: Slip, account: Account, channel: string | undefined, amount: number, others: number): number => {
  let lacking = 0;
  slip.charge(
    channel,
    account.currency,
    amount,
    (who) => {
      if (who === 'customer') return account;
      return slip.system(who === 'merchant' ? 'processor_receivable' : 'fee_expense', account.currency);
    },
    (payer, due) => {
      if (payer === account) lacking = take(slip, account, due, others);
      else slip.leg(payer, 'debit', due);
      return null;
    },
  );
  return lacking;
};

const channelOf = ({ type }: Card): string => (type === 'nfc' ? 'pos_nfc_card' : 'pos_card_present');

/**
 * Takes a cleared amount; the sums of the purchase have given up already what of its hold was for it (`backed`), for which
 * `sure` was there when it was held.
 */
const clear = (
  books: Books,
  purchase: CardTransaction,
  amount: number,
  backed: number,
  sure: number,
  channel: string,
  now: Now,
): void => {
  const account = accountOf(books, purchase.account);
  const slip = new Slip(books, now);
  const holds = heldOf(books, account);
  const lacking = take(slip, account, amount, holds - purchase.amounts.held, sure);
  slip.leg(slip.system('network_payable', account.currency), 'credit', amount);
  purchase.amounts.receivable += lacking + fee(slip, account, channel, amount, holds);
  purchase.amounts.captured += amount;
  purchase.amounts.over_captured += amount - backed;
  // It can't be refused, so what its owner has used of a month stops at the largest amount.
  const room = Number.MAX_SAFE_INTEGER - usedOf(books, account, 'outbound', 'monthly', now.today);
  countSpent(books, purchase, Math.min(amount - backed, room), now);
  const terms = { type: 'card_capture', amount, currency: account.currency, cardTransaction: purchase.name };
  record(books, slip, terms);
};

export const capture = (books: Books, data: DataOf<'CaptureCardTransaction'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'clearing', data.network_reference, data);
  if (again !== null) return again;
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  if (purchase.direction === 'credit') return 'refused: invalid_state';
  remember(books, 'clearing', data.network_reference, data);
  const backed = Math.min(data.amount, purchase.amounts.held);
  const sure = Math.min(backed, purchase.covered);
  purchase.amounts.held -= backed;
  purchase.covered -= sure;
  spend(purchase, backed);
  if (data.final !== false) {
    purchase.amounts.released += purchase.amounts.held;
    giveBack(books, purchase, purchase.amounts.held);
  }
  clear(books, purchase, data.amount, backed, sure, channelOf(books.cards.get(purchase.card) as Card), now);
  withElement(purchase, 'capture');
  return 'done';
};

/** What was captured stays counted; what was counted first went first. */
const spend = (purchase: CardTransaction, amount: number): void => {
  let rest = amount;
  while (rest > 0) {
    const oldest = purchase.counts[0];
    if (!oldest) return;
    const part = Math.min(rest, oldest.amount);
    oldest.amount -= part;
    rest -= part;
    if (oldest.amount === 0) purchase.counts.shift();
  }
};

export const postCleared = (books: Books, data: DataOf<'PostCardTransaction'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'clearing', data.network_reference, data);
  if (again !== null) return again;
  const card = books.cards.get(data.card_id);
  if (!card) return 'refused: card_not_found';
  const account = accountOf(books, card.account);
  if (data.currency !== account.currency) return 'refused: currency_mismatch';
  remember(books, 'clearing', data.network_reference, data);
  const { amount, currency, direction } = data;
  const category = data.merchant.category_code;
  const purchase = newPurchase(books, card, { requested: amount, currency, category, direction, amount });
  if (direction === 'debit') {
    clear(books, purchase, amount, 0, 0, data.channel ?? channelOf(card), now);
    withElement(purchase, 'capture');
    return 'done';
  }
  const slip = new Slip(books, now);
  give(books, slip, account, amount);
  purchase.amounts.receivable += fee(slip, account, data.channel, amount, heldOf(books, account));
  purchase.amounts.captured = purchase.amounts.over_captured = amount;
  record(books, slip, { type: 'card_credit', amount, currency, cardTransaction: purchase.name });
  withElement(purchase, 'credit');
  return 'done';
};

const giveRefund = (books: Books, purchase: CardTransaction, amount: number, now: Now): void => {
  const account = accountOf(books, purchase.account);
  const slip = new Slip(books, now);
  give(books, slip, account, amount);
  purchase.amounts.refunded += amount;
  record(books, slip, { type: 'card_refund', amount, currency: account.currency, cardTransaction: purchase.name });
  withElement(purchase, 'refund');
};

export const refund = (books: Books, data: DataOf<'RefundCardTransaction'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'refund', data.network_reference, data);
  if (again !== null) return again;
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  if (purchase.direction === 'credit') return 'refused: invalid_state';
  remember(books, 'refund', data.network_reference, data);
  giveRefund(books, purchase, data.amount, now);
  return 'done';
};

/** Of a purchase that nobody knows. */
export const refundToCard = (books: Books, data: DataOf<'RefundToCard'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'refund', data.network_reference, data);
  if (again !== null) return again;
  const card = books.cards.get(data.card_id);
  if (!card) return 'refused: card_not_found';
  if (data.currency !== accountOf(books, card.account).currency) return 'refused: currency_mismatch';
  remember(books, 'refund', data.network_reference, data);
  const { amount, currency } = data;
  const category = data.merchant.category_code;
  const purchase = newPurchase(books, card, { requested: amount, currency, category, direction: 'credit', amount });
  giveRefund(books, purchase, amount, now);
  return 'done';
};
