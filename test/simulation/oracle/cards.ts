/** Cards, and what the network asks of them: authorizations and what becomes of their holds before they are cleared. */
import {
  accountOf,
  availableOf,
  cardUsedOf,
  heldOf,
  isBlocked,
  isWallet,
  nextName,
  takeNewest,
  use,
  type Account,
  type Books,
  type Card,
  type CardAmounts,
  type CardTransaction,
  type Count,
} from './books.js';
import { purchaseStatus } from './postings.js';
import { Slip } from './slip.js';
import type { DataOf, Interval, Now, Verdict } from './terms.js';

const DAY = 86_400_000;
const NOTHING: CardAmounts = {
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

export const issueCard = (books: Books, data: DataOf<'IssueCard'>): Verdict => {
  const account = books.accounts.get(data.account_id);
  if (!account) return 'refused: account_not_found';
  if (!isWallet(account)) return 'refused: invalid_parameter';
  if (account.closed) return 'refused: account_is_closed';
  const name = nextName(books, 'card');
  const { exp_month: month, exp_year: year } = data;
  books.cards.set(name, {
    name,
    account: account.name,
    type: data.type,
    status: 'inactive',
    controls: { blocked_categories: [], limits: [], ...data.spending_controls },
    expires: month === undefined || year === undefined ? null : { month, year },
  });
  return 'done';
};

export const updateCard = (books: Books, data: DataOf<'UpdateCard'>): Verdict => {
  const card = books.cards.get(data.card_id);
  if (!card) return 'refused: card_not_found';
  if (card.status === 'terminated') return 'refused: invalid_state';
  const before = JSON.stringify(card.controls);
  card.controls = { ...card.controls, ...data.spending_controls };
  return JSON.stringify(card.controls) === before ? 'unchanged' : 'done';
};

const WAYS = {
  activate: { from: ['inactive'], to: 'active' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  terminate: { from: ['inactive', 'active', 'suspended'], to: 'terminated' },
} as const;

export const changeCardStatus = (books: Books, { card_id, action }: DataOf<'ChangeCardStatus'>): Verdict => {
  const card = books.cards.get(card_id);
  if (!card) return 'refused: card_not_found';
  const { from, to } = WAYS[action];
  if (card.status === to) return 'unchanged';
  if (!(from as readonly string[]).includes(card.status)) return 'refused: invalid_state';
  if (to === 'active' && accountOf(books, card.account).closed) return 'refused: account_is_closed';
  card.status = to;
  return 'done';
};

/** What a message says that makes it another one, beside terms that leave no trace where they made no difference. */
const coreOf = (said: object): string => {
  const { card_id, card_transaction_id, amount, currency, direction, merchant } = said as Record<string, unknown>;
  return JSON.stringify([card_id, card_transaction_id, amount, currency, direction, merchant]);
};

/**
 * A message that came before, by kind and reference: it does nothing again. Where it differs only in terms that may have
 * left no trace (`final`, `partial_approval`, times, channels), either is said of it.
 */
export const repeated = (books: Books, kind: string, reference: string | undefined, said: object): Verdict | null => {
  if (reference === undefined) return null;
  const first = books.messages.get(`${kind} ${reference}`);
  if (first === undefined) return null;
  if (JSON.stringify(first) === JSON.stringify(said)) return 'unchanged: same_body';
  return coreOf(first) === coreOf(said) ? 'unchanged: either' : 'unchanged: other_body';
};

export const remember = (books: Books, kind: string, reference: string | undefined, said: object): void => {
  if (reference !== undefined) books.messages.set(`${kind} ${reference}`, said);
};

export const newPurchase = (
  books: Books,
  card: Card,
  differing: Partial<CardTransaction> & Pick<CardTransaction, 'requested' | 'currency' | 'category'>,
): CardTransaction => {
  const purchase: CardTransaction = {
    name: nextName(books, 'txn'),
    card: card.name,
    account: card.account,
    direction: 'debit',
    status: '',
    amount: 0,
    counts: [],
    covered: 0,
    elements: [],
    expiresAt: null,
    ...differing,
    amounts: { ...NOTHING },
  };
  books.cardTransactions.set(purchase.name, purchase);
  return purchase;
};

/** One more message about a purchase. */
export const withElement = (purchase: CardTransaction, element: string): void => {
  purchase.elements.push(element);
  purchase.status = purchaseStatus(purchase);
};

/** Counts towards limits and the card's controls alike. */
export const countSpent = (books: Books, purchase: CardTransaction, amount: number, now: Now): Count[] => {
  if (amount === 0) return [];
  books.cardUses.push({ card: purchase.card, amount, day: now.today });
  if (isWallet(accountOf(books, purchase.account))) {
    use(books, [{ account: purchase.account, direction: 'outbound', amount, day: now.today }]);
  }
  return [{ amount, day: now.today }];
};

/** Part of a hold goes back to available, what there was no money for before the rest, and what was counted of it, newest first. */
export const giveBack = (books: Books, purchase: CardTransaction, amount: number): void => {
  purchase.amounts.held -= amount;
  purchase.covered = Math.min(purchase.covered, purchase.amounts.held);
  for (const { amount: back, day } of takeNewest(purchase.counts, amount)) {
    books.cardUses.push({ card: purchase.card, amount: -back, day });
    books.uses.push({ account: purchase.account, direction: 'outbound', amount: -back, day });
  }
};

/** The intervals of controls that an amount would exceed; `total` is what a single authorization would come to. */
const isOverControls = (books: Books, card: Card, amount: number, total: number, now: Now): boolean =>
  card.controls.limits.some(({ amount: most, interval }: { amount: number; interval: Interval }) =>
    interval === 'per_authorization'
      ? total > most
      : BigInt(cardUsedOf(books, card.name, interval, now.today)) + BigInt(amount) > BigInt(most),
  );

interface Asked {
  card: Card;
  account: Account;
  amount: number;
  /** What the purchase would come to with it. */
  total: number;
  currency: string;
  category: string;
  partial: boolean;
}

/** Why the card can't pay, or how much of it is approved. */
const judge = (books: Books, asked: Asked, now: Now): { reason: string } | { approved: number } => {
  const { card, account, amount, currency, category } = asked;
  if (card.status !== 'active') return { reason: `card_${card.status}` };
  const expiry = card.expires && `${card.expires.year}-${String(card.expires.month).padStart(2, '0')}`;
  if (expiry && now.today.slice(0, 7) > expiry) return { reason: 'expired_card' };
  if (account.closed) return { reason: 'account_closed' };
  if (isBlocked(books, account, 'debit')) return { reason: 'account_frozen' };
  if (books.status !== 'active') return { reason: 'tenant_suspended' };
  if (currency !== account.currency) return { reason: 'currency_mismatch' };
  if (card.controls.blocked_categories.includes(category)) return { reason: 'category_blocked' };
  if (isOverControls(books, card, amount, asked.total, now)) return { reason: 'spending_limit_exceeded' };
  const limit = new Slip(books, now).overLimit(account, 'outbound', amount);
  if (limit !== null) return { reason: limit };
  // All holds together stay within the range of amounts.
  const room = Math.min(availableOf(books, account), Number.MAX_SAFE_INTEGER - heldOf(books, account));
  if (room >= amount) return { approved: amount };
  return asked.partial && room > 0 ? { approved: room } : { reason: 'insufficient_funds' };
};

/** Car hire, lodging and cruises know the final amount late. */
const isTravel = (code: number): boolean =>
  (code >= 3351 && code <= 3500) ||
  (code >= 3501 && code <= 3999) ||
  [4411, 7011, 7012, 7512, 7513, 7519].includes(code);

export const authorize = (books: Books, data: DataOf<'AuthorizeCard'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'authorization', data.network_reference, data);
  if (again !== null) return again;
  const card = books.cards.get(data.card_id);
  if (!card) return 'refused: card_not_found';
  if (data.expires_at !== undefined && Date.parse(data.expires_at) <= now.at) return 'refused: expiry_in_the_past';
  remember(books, 'authorization', data.network_reference, data);
  const { category_code: category } = data.merchant;
  const account = accountOf(books, card.account);
  const asked = { ...data, card, account, total: data.amount, category, partial: data.partial_approval === true };
  const outcome = judge(books, asked, now);
  const purchase = newPurchase(books, card, { requested: data.amount, currency: data.currency, category });
  if ('reason' in outcome) {
    withElement(purchase, 'decline');
    return `declined: ${outcome.reason}`;
  }
  purchase.amount = purchase.amounts.authorized = purchase.amounts.held = purchase.covered = outcome.approved;
  purchase.counts = countSpent(books, purchase, outcome.approved, now);
  purchase.expiresAt =
    data.expires_at === undefined ? now.at + (isTravel(Number(category)) ? 31 : 7) * DAY : Date.parse(data.expires_at);
  withElement(purchase, 'authorization');
  return 'done';
};

/** More on the same hold, judged as an authorization is; declined, it is kept and the hold stays. */
export const increment = (books: Books, data: DataOf<'IncrementCardTransaction'>, now: Now): Verdict => {
  if (data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'increment', data.network_reference, data);
  if (again !== null) return again;
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  if (purchase.amounts.held === 0) return 'refused: invalid_state';
  remember(books, 'increment', data.network_reference, data);
  const card = books.cards.get(purchase.card) as Card;
  const account = accountOf(books, purchase.account);
  const { amount } = data;
  const { currency, category } = purchase;
  const { authorized, incremented, reversed } = purchase.amounts;
  const total = authorized + incremented - reversed + amount;
  const outcome = judge(books, { card, account, amount, total, currency, category, partial: false }, now);
  if ('reason' in outcome) {
    withElement(purchase, 'increment_declined');
    return `declined: ${outcome.reason}`;
  }
  purchase.amounts.incremented += amount;
  purchase.amounts.held += amount;
  purchase.covered += amount;
  purchase.counts.push(...countSpent(books, purchase, amount, now));
  withElement(purchase, 'increment');
  return 'done';
};

/** The hold becomes this amount, whatever there is; where there is no hold any more, it is only kept. */
export const adjust = (books: Books, data: DataOf<'AdjustCardTransaction'>, now: Now): Verdict => {
  if (data.amount < 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'advice', data.network_reference, data);
  if (again !== null) return again;
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  remember(books, 'advice', data.network_reference, data);
  const { amounts } = purchase;
  if (amounts.held > 0 && data.amount > amounts.held) {
    const more = data.amount - amounts.held;
    purchase.covered += Math.min(more, Math.max(0, availableOf(books, accountOf(books, purchase.account))));
    amounts.incremented += more;
    amounts.held += more;
    purchase.counts.push(...countSpent(books, purchase, more, now));
  } else if (amounts.held > 0) {
    const less = amounts.held - data.amount;
    amounts.reversed += less;
    giveBack(books, purchase, less);
  }
  withElement(purchase, 'advice');
  return 'done';
};

export const reverseHold = (books: Books, data: DataOf<'ReverseCardTransaction'>): Verdict => {
  if (data.amount !== undefined && data.amount <= 0) return 'refused: amount_not_positive';
  const again = repeated(books, 'reversal', data.network_reference, data);
  if (again !== null) return again;
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  remember(books, 'reversal', data.network_reference, data);
  const back = Math.min(data.amount ?? purchase.amounts.held, purchase.amounts.held);
  purchase.amounts.reversed += back;
  giveBack(books, purchase, back);
  withElement(purchase, 'reversal');
  return 'done';
};

export const expire = (books: Books, data: DataOf<'ExpireCardTransaction'>): Verdict => {
  const purchase = books.cardTransactions.get(data.card_transaction_id);
  if (!purchase) return 'refused: card_transaction_not_found';
  if (purchase.amounts.held === 0) return 'unchanged';
  expirePurchase(books, purchase);
  return 'done';
};

export const expirePurchase = (books: Books, purchase: CardTransaction): void => {
  purchase.amounts.expired += purchase.amounts.held;
  giveBack(books, purchase, purchase.amounts.held);
  withElement(purchase, 'expiry');
};
