import type { LedgerEvent } from '#domain/ledger.js';
import { resourceId } from '#contract/resource-id.js';

/**
 * What an event is told in the order of: its primary account (a transfer's source), or what it is about where no account has
 * part in it (DECISIONS 39).
 */
export const orderingKeyOf = (event: LedgerEvent): string => {
  const { data } = event;
  if ('card_transaction' in data) return data.card_transaction.account_id;
  if ('reservation' in data) return data.reservation.account_id;
  if ('original' in data) return accountOf(data.original, data.original_entries);
  if ('transaction' in data) return accountOf(data.transaction, 'entries' in data ? data.entries : []);
  if ('account' in data) return data.account.account_id;
  if ('card' in data) return data.card.account_id;
  return resourceId(event);
};

const accountOf = (
  transaction: { readonly transaction_id: string; readonly source: string | null; readonly destination: string | null },
  entries: readonly { readonly account_id: string }[],
): string => transaction.source ?? transaction.destination ?? entries[0]?.account_id ?? transaction.transaction_id;
