import type { Side } from '#domain/entries.js';
import { timeOfUlid, ulidOf } from '#domain/ids.js';
import type { Instant } from '#domain/time.js';
import type { StatementEntry, StatementPeriod } from '#contract/resources/statement.js';
import { firstIdAt, lastIdAt } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';
import { balanceAtRevision, exactBalanceAtTime } from './entries.queries.js';

interface LineRow {
  readonly transaction_id: string;
  readonly index: number;
  readonly amount: string;
  readonly effective_at: Date;
  readonly debit: boolean;
  readonly type: string | null;
  readonly reference: string | null;
  readonly narration: string | null;
}

const LINE = 'e.transaction_id, e.revision, e.index, e.amount, e.effective_at, e.debit';
const OF_ACCOUNT = 'e.tenant_id = $1 AND e.account_id = $2 AND e.revision <= $5';

/**
 * Most entries take effect when they are recorded, so that a period is a run of revisions; those that were back-dated into it
 * are found by an index of their own.
 */
// The rest of a transaction's row stays where it is: of ten thousand of them it would be ten megabytes.
const LINES = `
  WITH lines AS (
    SELECT ${LINE} FROM entries e WHERE ${OF_ACCOUNT} AND NOT e.backdated
      AND e.revision >= (SELECT v.revision FROM events v WHERE v.tenant_id = $1 AND v.event_id >= $6 ORDER BY v.event_id LIMIT 1)
      AND e.revision <= (SELECT v.revision FROM events v WHERE v.tenant_id = $1 AND v.event_id <= $7 ORDER BY v.event_id DESC LIMIT 1)
    UNION ALL
    SELECT ${LINE} FROM entries e WHERE ${OF_ACCOUNT} AND e.backdated AND e.effective_at >= $3 AND e.effective_at <= $4
    LIMIT $8
  )
  SELECT l.*, x.type, x.reference, x.resource::json ->> 'narration' AS narration FROM lines l
  LEFT JOIN transactions x ON x.tenant_id = $1 AND x.transaction_id = l.transaction_id
  ORDER BY l.effective_at, l.revision, l.index`;

const entryOf = (row: LineRow): StatementEntry => ({
  index: row.index,
  transactionId: row.transaction_id,
  type: row.type,
  reference: row.reference,
  narration: row.narration,
  effectiveAt: row.effective_at.getTime(),
  recordedAt: timeOfUlid(ulidOf(row.transaction_id)),
  direction: row.debit ? 'debit' : 'credit',
  amount: Number(row.amount),
});

/** What takes effect on an account in a period, of what was recorded up to a revision; `most` and one more at most. */
export const statementEntries = async (
  session: TenantSession,
  accountId: string,
  { from, to, revision }: StatementPeriod,
  most: number,
): Promise<StatementEntry[]> => {
  const { tenantId } = session;
  const bounds = [new Date(from), new Date(to), revision, firstIdAt('evt', from), lastIdAt('evt', to)];
  const rows = await session.rows<LineRow>(LINES, [tenantId, accountId, ...bounds, most + 1], 'entries.statement');
  return rows.map(entryOf);
};

const LATER = `
  SELECT COALESCE(sum(CASE WHEN e.debit THEN e.amount ELSE -e.amount END), 0) AS sum FROM entries e
  WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.backdated AND e.effective_at <= $3 AND e.revision > $4`;

const LAST = `SELECT v.revision FROM events v WHERE v.tenant_id = $1 AND v.event_id <= $2 ORDER BY v.event_id DESC LIMIT 1`;

/**
 * What an account had at a time (included), of what was recorded up to a revision: minor units on its normal side. What was
 * recorded later and takes effect by then can only have been back-dated.
 */
export const balanceKnownAt = async (
  session: TenantSession,
  account: { readonly id: string; readonly normal_side: Side },
  time: Instant,
  revision: number,
): Promise<bigint> => {
  const [last] = await session.rows<{ revision: string }>(LAST, [session.tenantId, lastIdAt('evt', time)]);
  if (revision <= Number(last?.revision ?? -1)) return BigInt(await balanceAtRevision(session, account.id, revision));
  const now = await exactBalanceAtTime(session, account, time);
  const values = [session.tenantId, account.id, new Date(time), revision];
  const [later] = await session.rows<{ sum: string }>(LATER, values);
  const sum = BigInt(later?.sum ?? 0);
  return now - (account.normal_side === 'debit' ? sum : -sum);
};
