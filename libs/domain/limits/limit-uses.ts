import type { Account } from '../accounts/accounts.js';

export type LimitDirection = 'inbound' | 'outbound';

/** What a fact adds to what an account's owner has used of its limits, or gives back of it (DECISIONS 43, 44). */
export interface LimitUse {
  readonly account_id: string;
  readonly direction: LimitDirection;
  /** Minor units of the account's currency: above zero uses, below zero gives back. */
  readonly amount: number;
  /** The tenant's local day on which it was counted; what is given back names the day on which it once was. */
  readonly counted_on: string;
}

/** What every fact may say that moves or holds money; left out where it is empty. */
export interface Counted {
  readonly limit_uses?: readonly LimitUse[];
}

/** Whether what an account sends and gets counts towards limits: a wallet's does, the tenant's own money does not. */
export const isCounted = ({ terms }: Account): boolean => {
  switch (terms.walletType) {
    case 'customer':
    case 'business':
    case 'merchant':
    case 'agent':
      return true;
    case 'float':
    case 'general':
    case 'system':
      return false;
  }
};

/** Whose counter an account's uses go to: its customer's, else its own. With the account's currency one counter. */
export const counterOf = ({ id, extras, terms }: Account): string => `${extras.customerId ?? id}|${terms.currency}`;
