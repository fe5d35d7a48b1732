import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const HELD = { tenant_id: 'text', account_id: 'text', revision: 'bigint', held: 'bigint' } as const;
const OVERDRAFT = { tenant_id: 'text', account_id: 'text', revision: 'bigint', overdraft_limit: 'bigint' } as const;

const insertHeld = insertInto('held_amounts', HELD);
const insertOverdrafts = insertInto('overdraft_limits', OVERDRAFT);

/** What an event leaves held, account by account: of several changes of one account, what the last one leaves. */
const heldAfter = (event: LedgerEvent): ReadonlyMap<string, number> => {
  const held = new Map<string, number>();
  if ('holds' in event.data) for (const one of event.data.holds) held.set(one.account_id, one.held_after);
  return held;
};

/** The overdraft limit that an event sets; null where it sets none. An account is opened without one. */
const overdraftSet = (event: LedgerEvent): { readonly account_id: string; readonly overdraft_limit: number } | null => {
  if (event.type === 'AccountOpened') return event.data.account.overdraft_limit > 0 ? event.data.account : null;
  if (event.type !== 'AccountUpdated') return null;
  return event.data.previous.overdraft_limit === undefined ? null : event.data.account;
};

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const held: RowOf<typeof HELD>[] = [];
  const overdrafts: RowOf<typeof OVERDRAFT>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    const { revision } = event;
    for (const [account_id, amount] of heldAfter(event)) held.push({ tenant_id, account_id, revision, held: amount });
    const set = overdraftSet(event);
    if (set === null) continue;
    overdrafts.push({ tenant_id, account_id: set.account_id, revision, overdraft_limit: set.overdraft_limit });
  }
  return [...insertHeld(held), ...insertOverdrafts(overdrafts)];
};

export const holds: Projection<LedgerEvent> = {
  name: 'holds',
  version: 1,
  tables: ['held_amounts', 'overdraft_limits'],
  migrations: [{ name: 'holds', sql: sqlBeside(import.meta.url, './holds.sql') }],
  statements,
};
