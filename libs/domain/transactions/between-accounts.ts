/** How an amount goes from one account to another that a request names. */
import type { Account } from '../accounts/accounts.js';
import { refuse, type Refusal } from '../decision.js';
import type { Minor } from '../money.js';
import type { Posting } from '../posting.js';
import type { RefusalCode } from '../refusals.js';

/** Why a request can't name this account there; null where it can. */
export const unusable = (account: Account | undefined, param: string, mustBeFloat: boolean): Refusal | null => {
  if (account === undefined) return refuse('account_not_found', param);
  const { walletType } = account.terms;
  if (walletType === 'system') return refuse('invalid_parameter', param, 'System accounts are read-only to clients.');
  if (mustBeFloat && walletType !== 'float') return refuse('invalid_parameter', param, 'This must be a float account.');
  return null;
};

/** Where both have debit as normal side, a debit of the source would give it more. */
export const areAssets = (from: Account, to: Account): boolean =>
  from.terms.normalSide === 'debit' && to.terms.normalSide === 'debit';

/** Lets the amount leave one account for another, if its rules allow it: null where they do. */
export const give = (
  posting: Posting,
  from: Account,
  to: Account,
  amount: Minor,
  currency: string,
): RefusalCode | null =>
  areAssets(from, to) ? posting.credit(from, amount, currency) : posting.debit(from, amount, currency);

/** The other half: lets it arrive. */
export const take = (
  posting: Posting,
  from: Account,
  to: Account,
  amount: Minor,
  currency: string,
): RefusalCode | null =>
  areAssets(from, to) ? posting.debit(to, amount, currency) : posting.credit(to, amount, currency);
