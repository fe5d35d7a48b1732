/** Whether the transaction that an event tells of is the one that its entries post. */
import type { Entry } from '#domain/entries.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import { checkFee, halfEven } from './fee-check.js';
import { creditsTo } from './movements.js';
import { accountOf, isFeeIncome, isReceivable, type AccountStanding, type Standing } from './standing.js';
import { must } from './wrong.js';

const NETWORK_PAYABLE = 'network_payable';

/** One leg that the transaction says it has, at its place among the entries. */
const checkLeg = (
  entries: readonly Entry[],
  place: number,
  account: AccountStanding,
  direction: 'debit' | 'credit',
  amount: number,
): void => {
  const entry = entries[place];
  must(
    entry?.account_id === account.id && entry.direction === direction && entry.amount === amount,
    () => `its entry ${place} is no ${direction} of ${amount} on ${account.id}, which the transaction says it is`,
  );
};

const opposite = (direction: 'debit' | 'credit'): 'debit' | 'credit' => (direction === 'debit' ? 'credit' : 'debit');

/** From whom to whom: the source is the one that has less afterwards, also where both are assets. */
const checkLegs = (
  standing: Standing,
  { source, destination, amount, destination_amount }: TransactionFacts,
  entries: readonly Entry[],
): void => {
  const from = accountOf(standing, String(source));
  const to = accountOf(standing, String(destination));
  const leaving = from.normalSide === 'debit' && to.normalSide === 'debit' ? 'credit' : 'debit';
  checkLeg(entries, 0, from, leaving, amount);
  if (destination_amount === null) checkLeg(entries, 1, to, opposite(leaving), amount);
  else {
    const place = entries.findIndex((entry, i) => i > 0 && entry.account_id === to.id);
    checkLeg(entries, place, to, opposite(leaving), destination_amount);
  }
};

const checkRate = ({ amount, destination_amount, rate }: TransactionFacts): void => {
  const [whole = '', fraction = ''] = String(rate).split('.');
  const result = halfEven(BigInt(amount) * BigInt(`${whole}${fraction}`), 10n ** BigInt(fraction.length));
  must(
    result === BigInt(Number(destination_amount)),
    () => `${amount} at ${String(rate)} is ${result}, not ${String(destination_amount)}`,
  );
};

/** A journal's amount is its larger side in its currency; what is repaid of a debt goes beside it. */
const checkJournal = (standing: Standing, { amount, currency }: TransactionFacts, entries: readonly Entry[]): void => {
  let sum = 0n;
  for (const entry of entries) {
    if (entry.currency !== currency) continue;
    if (entry.direction === 'debit') sum += BigInt(entry.amount);
    if (entry.direction === 'credit' && isReceivable(accountOf(standing, entry.account_id)))
      sum -= BigInt(entry.amount);
  }
  must(sum === BigInt(amount), () => `its amount is ${amount}, its debits in ${currency} come to ${sum}`);
};

const checkClearing = (standing: Standing, { type, amount }: TransactionFacts, entries: readonly Entry[]): void => {
  const owed = creditsTo(
    standing,
    entries,
    ({ walletType, code }) => walletType === 'system' && code === NETWORK_PAYABLE,
  );
  const due = type === 'card_capture' ? amount : -amount;
  must(owed === due, () => `it clears ${amount}, its entries change what is owed to the network by ${owed}`);
};

const checkKind = (standing: Standing, transaction: TransactionFacts, entries: readonly Entry[]): void => {
  switch (transaction.type) {
    case 'transfer':
    case 'deposit':
    case 'withdrawal':
    case 'reservation_capture':
      return checkLegs(standing, transaction, entries);
    case 'exchange':
      checkRate(transaction);
      return checkLegs(standing, transaction, entries);
    case 'journal':
      return checkJournal(standing, transaction, entries);
    case 'card_capture':
    case 'card_credit':
    case 'card_refund':
      return checkClearing(standing, transaction, entries);
    case 'reservation':
      return must(false, () => 'a hold posts nothing');
    default:
      return;
  }
};

/** What went to the accounts of fees is what the transaction says it charged. */
export const checkFeeEntries = (
  standing: Standing,
  { type, fees }: TransactionFacts,
  entries: readonly Entry[],
): void => {
  const charged = fees.reduce((sum, { amount }) => sum + amount, 0);
  const credited = creditsTo(standing, entries, isFeeIncome);
  const due = type === 'reversal' ? -charged : charged;
  must(
    credited === due,
    () => `it says that its fees are ${charged}, its entries post ${credited} to the accounts of fees`,
  );
};

const checkPosted = (
  standing: Standing,
  event: LedgerEvent,
  transaction: TransactionFacts,
  entries: readonly Entry[],
): void => {
  const at = formatInstant(event.at);
  const { status, failure_code, reversed_amount, effective_at } = transaction;
  must(
    status === 'completed' && failure_code === null && reversed_amount === 0,
    () => 'it posts a transaction that it does not call completed',
  );
  must(entries.length > 0, () => 'it posts a transaction without entries');
  must(effective_at <= at, () => `it takes effect at ${effective_at}, after it was recorded`);
  const { closedThrough } = standing;
  must(
    closedThrough === null || effective_at > closedThrough,
    () => `it takes effect at ${effective_at}; the books were closed through ${closedThrough}`,
  );
  checkKind(standing, transaction, entries);
  checkFeeEntries(standing, transaction, entries);
  if (transaction.type !== 'reversal') checkFee(standing, transaction, at);
};

/** To be asked when the entries were applied. */
export const checkTransaction = (standing: Standing, event: LedgerEvent): void => {
  const { data } = event;
  if (!('transaction' in data) || data.transaction === undefined) return;
  const { transaction } = data;
  must(
    transaction.transaction_id === `ltx_${event.id}`,
    () => `its transaction is called ${transaction.transaction_id}, not by its event's id`,
  );
  if ('entries' in data) return checkPosted(standing, event, transaction, data.entries);
  must(
    transaction.status === 'failed' && transaction.failure_code !== null,
    () => 'its transaction moved nothing and is not called failed',
  );
  must(transaction.fees.length === 0, () => 'it charges a fee for a transaction that failed');
};
