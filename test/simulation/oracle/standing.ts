/** How everything stands by the oracle's books: one line of text for each thing, to be compared with the product's. */
import {
  availableOf,
  balanceOf,
  cardUsedOf,
  debtOf,
  heldOf,
  statusOf,
  usedOf,
  isWallet,
  type Books,
  type CardTransaction,
  type Transaction,
} from './books.js';
import type { Now } from './terms.js';

export type Standing = Map<string, string>;

const purchaseLine = ({ status, amount, requested, amounts, elements, expiresAt }: CardTransaction): string => {
  const { authorized, incremented, reversed, expired, released, captured, over_captured, refunded, held, receivable } =
    amounts;
  const sums = [
    authorized,
    incremented,
    reversed,
    expired,
    released,
    captured,
    over_captured,
    refunded,
    held,
    receivable,
  ];
  return `${status} ${amount}/${requested} ${sums.join(' ')} [${elements.join(' ')}] ${expiresAt ?? 'never'}`;
};

const transactionLine = ({ type, status, amount, currency, reversed, fees, why }: Transaction): string => {
  const charged = fees.map(({ rule, amount: fee, payer, payee }) => `${fee} ${payer}-${payee} by ${rule}`);
  return status === 'failed'
    ? `${type} failed ${why ?? ''}`
    : `${type} ${status} ${amount} ${currency} reversed ${reversed} fees ${charged.join(', ')}`;
};

/** Everything there is. */
export const standingOf = (books: Books, now: Now): Standing => {
  const lines: Standing = new Map([['tenant', books.status]]);
  for (const account of books.accounts.values()) {
    const balance = balanceOf(books, account);
    if (account.wallet === 'system') {
      lines.set(account.name, `${balance}`);
      continue;
    }
    const held = heldOf(books, account);
    const status = statusOf(books, account);
    lines.set(
      account.name,
      `${balance} held ${held} of ${availableOf(books, account)} owes ${debtOf(books, account)} ${status}`,
    );
    if (!isWallet(account)) continue;
    const used = (['inbound', 'outbound'] as const).flatMap((direction) =>
      (['daily', 'monthly'] as const).map((window) => usedOf(books, account, direction, window, now.today)),
    );
    lines.set(`uses of ${account.name}`, used.join(' '));
  }
  for (const { name, status } of books.cards.values()) {
    const used = (['daily', 'monthly', 'all_time'] as const).map((one) => cardUsedOf(books, name, one, now.today));
    lines.set(name, `${status} ${used.join(' ')}`);
  }
  for (const one of books.cardTransactions.values()) lines.set(one.name, purchaseLine(one));
  for (const one of books.transactions.values()) lines.set(one.name, transactionLine(one));
  for (const { name, status, amount, captured, held } of books.reservations.values()) {
    lines.set(name, `${status} ${amount} captured ${captured} held ${held}`);
  }
  return lines;
};
