import type { Entry } from '#domain/entries.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { parseInstant, type Instant } from '#domain/time.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection, Statement } from '#projecting/projection.js';

const ENTRY = {
  tenant_id: 'text',
  account_id: 'text',
  revision: 'bigint',
  index: 'integer',
  transaction_id: 'text',
  amount: 'bigint',
  balance_after: 'bigint',
  effective_at: 'timestamptz',
  currency: 'text',
  debit: 'boolean',
  backdated: 'boolean',
} as const;
const SHIFT = { tenant_id: 'text', account_id: 'text', day: 'date', shift: 'numeric' } as const;

const insertEntries = insertInto('entries', ENTRY);
const addShifts = insertInto(
  'entry_shifts',
  SHIFT,
  `ON CONFLICT (tenant_id, account_id, day) DO UPDATE SET shift = entry_shifts.shift + EXCLUDED.shift`,
);

interface Posted {
  readonly entries: readonly Entry[];
  readonly transactionId: string;
  readonly effectiveAt: Instant;
}

/** What an event posts; null where it moves no money. */
const postedBy = (event: LedgerEvent): Posted | null => {
  const { data } = event;
  if (!('entries' in data) || data.entries.length === 0) return null;
  const effectiveAt = parseInstant(data.transaction.effective_at) ?? event.at;
  return { entries: data.entries, transactionId: data.transaction.transaction_id, effectiveAt };
};

const DAY_MS = 86_400_000;

/**
 * Shifts of one account and day in a batch are added up before they are written. No balance limits their sums: money that
 * goes in and out again on another day leaves shifts behind.
 */
class Shifts {
  private readonly sums = new Map<string, { tenant_id: string; account_id: string; day: number; shift: bigint }>();

  add(tenant_id: string, account_id: string, at: Instant, shift: bigint): void {
    const day = Math.floor(at / DAY_MS) * DAY_MS;
    const key = `${tenant_id} ${account_id} ${day}`;
    const known = this.sums.get(key);
    if (known) known.shift += shift;
    else this.sums.set(key, { tenant_id, account_id, day, shift });
  }

  rows(): RowOf<typeof SHIFT>[] {
    return [...this.sums.values()].filter(({ shift }) => shift !== 0n);
  }
}

/** Shifts that came to nothing go, so that the rows of a history don't depend on how it was cut into batches. */
const dropSettled = (shifted: readonly RowOf<typeof SHIFT>[]): Statement[] =>
  shifted.length === 0
    ? []
    : [
        {
          name: 'entry_shifts.drop_settled',
          text: `DELETE FROM entry_shifts s USING unnest($1::text[], $2::text[]) AS k (tenant_id, account_id)
            WHERE s.tenant_id = k.tenant_id AND s.account_id = k.account_id AND s.shift = 0`,
          values: [shifted.map(({ tenant_id }) => tenant_id), shifted.map(({ account_id }) => account_id)],
        },
      ];

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const rows: RowOf<typeof ENTRY>[] = [];
  const shifts = new Shifts();
  for (const { tenantId, event } of events) {
    const posted = postedBy(event);
    if (posted === null) continue;
    const backdated = posted.effectiveAt < event.at;
    posted.entries.forEach((entry, index) => {
      const debit = entry.direction === 'debit';
      rows.push({
        tenant_id: tenantId,
        account_id: entry.account_id,
        revision: event.revision,
        index,
        transaction_id: posted.transactionId,
        amount: entry.amount,
        balance_after: entry.balance_after,
        effective_at: posted.effectiveAt,
        currency: entry.currency,
        debit,
        backdated,
      });
      if (!backdated) return;
      const signed = BigInt(debit ? entry.amount : -entry.amount);
      shifts.add(tenantId, entry.account_id, posted.effectiveAt, signed);
      shifts.add(tenantId, entry.account_id, event.at, -signed);
    });
  }
  const shifted = shifts.rows();
  return [...insertEntries(rows), ...addShifts(shifted), ...dropSettled(shifted)];
};

export const entries: Projection<LedgerEvent> = {
  name: 'entries',
  version: 3,
  tables: ['entries', 'entry_shifts'],
  migrations: [{ name: 'entries', sql: sqlBeside(import.meta.url, './entries.sql') }],
  statements,
};
