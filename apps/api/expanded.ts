/** Resources with what `expand[]` asks for beside the ids that name it: one query a name, however many rows there are. */
import { expansionOf, type Expandable, type Expansion } from '#contract/expansions.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { getAccounts } from '#projections/accounts/accounts.queries.js';
import { getCardTransactions } from '#projections/card-transactions/card-transactions.queries.js';
import { getCards } from '#projections/cards/cards.queries.js';
import { getCustomers } from '#projections/customers/customers.queries.js';
import { getReservations } from '#projections/reservations/reservations.queries.js';
import { getSettlements } from '#projections/settlements/settlements.queries.js';
import { getTransactions } from '#projections/transactions/transactions.queries.js';
import type { Resource } from './reads.js';

const READ: {
  readonly [E in Expandable]: (session: TenantSession, ids: readonly string[]) => Promise<readonly object[]>;
} = {
  account: getAccounts,
  card: getCards,
  card_transaction: getCardTransactions,
  customer: getCustomers,
  reservation: getReservations,
  settlement: getSettlements,
  transaction: getTransactions,
};

/** `card`, `card.account` and `account`: what is asked of each, by name. */
const grouped = (names: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [first, ...rest] = name.split('.') as [string, ...string[]];
    const inner = groups.get(first) ?? [];
    if (rest.length > 0) inner.push(rest.join('.'));
    groups.set(first, inner);
  }
  return groups;
};

/**
 * The same resources, with a field for each name. All of it is read in the session's transaction, and so true at one
 * revision and of one tenant; null where nothing is named, or what is named is not there.
 */
export const expanded = async (
  session: TenantSession,
  resources: readonly Resource[],
  names: readonly string[],
): Promise<readonly Resource[]> => {
  const [first] = resources;
  if (first === undefined || names.length === 0) return resources;
  const shown = resources.map((resource) => ({ ...resource }) as Record<string, unknown>);
  for (const [name, inner] of grouped(names)) {
    const { by, shows } = expansionOf(String(first.object), name) as Expansion;
    const ids = [...new Set(resources.map((resource) => resource[by]))].filter((id) => typeof id === 'string');
    const found = ids.length === 0 ? [] : ((await READ[shows](session, ids)) as readonly Resource[]);
    const byId = new Map((await expanded(session, found, inner)).map((one) => [one.id, one]));
    for (const [i, resource] of resources.entries())
      (shown[i] as Record<string, unknown>)[name] = byId.get(resource[by]) ?? null;
  }
  return shown;
};
