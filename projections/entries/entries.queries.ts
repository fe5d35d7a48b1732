import type { Side } from '#domain/entries.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { renderEntry, type EntryResource } from '#contract/resources/entry.js';
import { Conditions, firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

export interface EntriesQuery extends PageQuery {
  readonly accountId: string;
  readonly direction?: Side;
  readonly transactionId?: string;
  /** When it was recorded, both ends included. */
  readonly from?: Instant;
  readonly to?: Instant;
}

interface EntryRow {
  readonly entry_id: string;
  readonly account_id: string;
  readonly revision: string;
  readonly index: number;
  readonly transaction_id: string | null;
  readonly amount: string;
  readonly balance_after: string;
  readonly effective_at: Date;
  readonly currency: string;
  readonly debit: boolean;
}

const COLUMNS = `e.entry_id, e.account_id, e.revision, e.index, e.transaction_id, e.amount, e.balance_after, e.effective_at,
  e.currency, e.debit`;

const resourceOf = (row: EntryRow): EntryResource =>
  renderEntry(
    {
      id: row.entry_id,
      account_id: row.account_id,
      direction: row.debit ? 'debit' : 'credit',
      amount: Number(row.amount),
      currency: row.currency,
      balance_after: Number(row.balance_after),
    },
    {
      transaction_id: row.transaction_id,
      effective_at: formatInstant(row.effective_at.getTime()),
      revision: Number(row.revision),
    },
  );

/** Events that move money are public, so their list tells which revision a time is. */
const revisionUpTo = (bound: string): string =>
  `COALESCE((SELECT v.revision FROM events v WHERE v.tenant_id = $1 AND v.event_id <= ${bound}
     ORDER BY v.event_id DESC LIMIT 1), -1)`;
const revisionFrom = (bound: string): string =>
  `COALESCE((SELECT v.revision FROM events v WHERE v.tenant_id = $1 AND v.event_id >= ${bound}
     ORDER BY v.event_id LIMIT 1), 9223372036854775807)`;

/** Positions are `<revision>.<index>`. */
export const listEntries = async (session: TenantSession, query: EntriesQuery): Promise<Page<EntryResource>> => {
  const scan = scanOf(query);
  const where = new Conditions().and('e.tenant_id = ?', session.tenantId).and('e.account_id = ?', query.accountId);
  where.when(query.direction === undefined ? undefined : query.direction === 'debit', 'e.debit = ?');
  if (query.transactionId !== undefined) {
    // All entries of a transaction stand at its revision, and by that they are found.
    where.and(
      `e.revision = (SELECT x.revision FROM transactions x WHERE x.tenant_id = $1 AND x.transaction_id = ?)`,
      query.transactionId,
    );
  }
  if (query.from !== undefined) where.and(`e.revision >= ${revisionFrom('?')}`, firstIdAt('evt', query.from));
  if (query.to !== undefined) where.and(`e.revision <= ${revisionUpTo('?')}`, lastIdAt('evt', query.to));
  if (scan.from !== null) {
    const [revision, index] = scan.from.split('.').map(Number);
    const [r, i] = [where.parameter(revision), where.parameter(index)];
    where.and(`(e.revision, e.index) ${scan.comparison} (${r}::bigint, ${i}::int)`);
  }
  const rows = await session.rows<EntryRow>(
    `SELECT ${COLUMNS} FROM entries e WHERE ${where}
     ORDER BY e.revision ${scan.direction}, e.index ${scan.direction} LIMIT ${scan.limit}`,
    where.values,
  );
  return pageOf(query, rows, (row) => `${row.revision}.${row.index}`, resourceOf);
};

const BALANCE_AT_REVISION = `SELECT balance_after FROM entries
  WHERE tenant_id = $1 AND account_id = $2 AND revision <= $3 ORDER BY revision DESC, index DESC LIMIT 1`;

/** Minor units on the account's normal side, after the event at this revision; 0 before its first entry. */
export const balanceAtRevision = async (
  session: TenantSession,
  accountId: string,
  revision: number,
): Promise<number> => {
  const [row] = await session.rows<{ balance_after: string }>(
    BALANCE_AT_REVISION,
    [session.tenantId, accountId, revision],
    'entries.balance_at_revision',
  );
  return Number(row?.balance_after ?? 0);
};

const DAY_MS = 86_400_000;

// What back-dated entries make of the running balance: whole days from their sums, the day itself entry by entry.
const SHIFT = `SELECT
  COALESCE((SELECT sum(s.shift) FROM entry_shifts s
    WHERE s.tenant_id = $1 AND s.account_id = $2 AND s.day < ($3::timestamptz AT TIME ZONE 'UTC')::date), 0)
  + COALESCE((SELECT sum(CASE WHEN e.debit THEN e.amount ELSE -e.amount END) FROM entries e
    WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.backdated AND e.effective_at >= $3 AND e.effective_at <= $4), 0)
  - COALESCE((SELECT sum(CASE WHEN e.debit THEN e.amount ELSE -e.amount END) FROM entries e
    WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.backdated AND e.revision >= $5 AND e.revision <= $6), 0) AS shift`;

/**
 * Minor units on the account's normal side at a time (included), by what had taken effect then; entries that were
 * back-dated later are in it. Quick at any time: one row, a sum over days, and the back-dated entries of one day.
 */
export const balanceAtTime = async (
  session: TenantSession,
  account: { readonly id: string; readonly normal_side: Side },
  time: Instant,
): Promise<number> => {
  const day = Math.floor(time / DAY_MS) * DAY_MS;
  const [bounds] = await session.rows<{ first: string; last: string }>(
    `SELECT ${revisionFrom('$2')} AS first, ${revisionUpTo('$3')} AS last`,
    [session.tenantId, firstIdAt('evt', day), lastIdAt('evt', time)],
  );
  const running = await balanceAtRevision(session, account.id, Number(bounds?.last ?? -1));
  const [shifted] = await session.rows<{ shift: string }>(SHIFT, [
    session.tenantId,
    account.id,
    new Date(day),
    new Date(time),
    bounds?.first,
    bounds?.last,
  ]);
  const shift = Number(shifted?.shift ?? 0);
  return running + (account.normal_side === 'debit' ? shift : -shift);
};
