import type { Minor } from '../money.js';
import type { TenantState } from '../state.js';
import { failure, type Failure } from '../transactions/recording.js';

/** The most that may be moved or held at once in a currency, minor units; null: no such bound. */
export const maxSingleTransaction = (state: TenantState, currency: string): number | null => {
  const most = state.entitlements.value['transactions.write']?.config.max_single_transaction;
  if (most === undefined) return null;
  // A bare number is of the default currency, as it is when something is moved (DECISIONS 35).
  if (typeof most === 'number') return currency === state.tenant.value?.defaultCurrency ? most : null;
  return (most as Readonly<Record<string, number>>)[currency] ?? null;
};

/** `max_single_transaction_exceeded`, naming the entitlement that says so; null where the amount is within bounds. */
export const exceededSingle = (state: TenantState, amount: Minor, currency: string): Failure | null => {
  const most = maxSingleTransaction(state, currency);
  return most !== null && amount > most ? failure('max_single_transaction_exceeded', 'transactions.write') : null;
};
