import { sql } from 'kysely';
import type { Side } from '#domain/entries.js';
import { entryId, ulidOf } from '#domain/ids.js';
import { formatInstant, type Instant } from '#domain/time.js';
import { exactly } from '#contract/exact.js';
import { renderEntry, type EntryResource } from '#contract/resources/entry.js';
import { renderTrialBalance, type BalanceSum, type TrialBalanceLine } from '#contract/resources/trial-balance.js';
import { firstIdAt, lastIdAt, pageOf, scanOf, type Page, type PageQuery } from '#projecting/listing.js';
import { queriesOf, rowsOf } from '#projecting/queries.js';
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
  readonly account_id: string;
  readonly revision: string;
  readonly index: number;
  readonly transaction_id: string;
  readonly amount: string;
  readonly balance_after: string;
  readonly effective_at: Date;
  readonly currency: string;
  readonly debit: boolean;
}

const COLUMNS = [
  'account_id',
  'revision',
  'index',
  'transaction_id',
  'amount',
  'balance_after',
  'effective_at',
  'currency',
  'debit',
] as const;

const tables = queriesOf<{ entries: EntryRow & { tenant_id: string } }>();

const resourceOf = (row: EntryRow): EntryResource =>
  renderEntry(
    {
      id: entryId(ulidOf(row.transaction_id), row.index),
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

/**
 * Events that move money are public, so their list tells which revision a time is. Null where there is none, which nothing
 * compares with. (Not COALESCE: row-level security does not trust it, and would not use the index.)
 */
const revisionUpTo = ({ tenantId }: TenantSession, time: Instant) =>
  sql<string | null>`(SELECT v.revision FROM events v WHERE v.tenant_id = ${tenantId}
    AND v.event_id <= ${lastIdAt('evt', time)} ORDER BY v.event_id DESC LIMIT 1)`;
const revisionFrom = ({ tenantId }: TenantSession, time: Instant) =>
  sql<string | null>`(SELECT v.revision FROM events v WHERE v.tenant_id = ${tenantId}
    AND v.event_id >= ${firstIdAt('evt', time)} ORDER BY v.event_id LIMIT 1)`;

/** All entries of a transaction stand at its revision, and by that they are found. */
const revisionOf = ({ tenantId }: TenantSession, transactionId: string) =>
  sql<string | null>`(SELECT x.revision FROM transactions x WHERE x.tenant_id = ${tenantId}
    AND x.transaction_id = ${transactionId})`;

/** Positions are `<revision>.<index>`. */
export const listEntries = async (session: TenantSession, query: EntriesQuery): Promise<Page<EntryResource>> => {
  const { accountId, direction, transactionId, from, to } = query;
  const scan = scanOf(query);
  let list = tables
    .selectFrom('entries')
    .select(COLUMNS)
    .where(({ and }) => and({ tenant_id: session.tenantId, account_id: accountId }))
    .orderBy('revision', scan.direction)
    .orderBy('index', scan.direction)
    .limit(scan.limit);
  if (direction !== undefined) list = list.where('debit', '=', direction === 'debit');
  if (transactionId !== undefined) list = list.where('revision', '=', revisionOf(session, transactionId));
  if (from !== undefined) list = list.where('revision', '>=', revisionFrom(session, from));
  if (to !== undefined) list = list.where('revision', '<=', revisionUpTo(session, to));
  if (scan.from !== null) {
    const [revision = '', index] = scan.from.split('.');
    list = list.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('revision', 'index'), scan.comparison, tuple(revision, Number(index))),
    );
  }
  return pageOf(query, await rowsOf(session, list), (row) => `${row.revision}.${row.index}`, resourceOf);
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

/**
 * What back-dated entries make of the running balance, debits above zero: whole days from their sums, the day itself entry
 * by entry. $2 is the day's beginning, $3 the time, $4 and $5 the first and last revision between them.
 */
export const shiftOf = (account: string): string => `
  COALESCE((SELECT sum(s.shift) FROM entry_shifts s
    WHERE s.tenant_id = $1 AND s.account_id = ${account} AND s.day < ($2::timestamptz AT TIME ZONE 'UTC')::date), 0)
  + COALESCE((SELECT sum(CASE WHEN e.debit THEN e.amount ELSE -e.amount END) FROM entries e WHERE e.tenant_id = $1
      AND e.account_id = ${account} AND e.backdated AND e.effective_at >= $2 AND e.effective_at <= $3), 0)
  - COALESCE((SELECT sum(CASE WHEN e.debit THEN e.amount ELSE -e.amount END) FROM entries e WHERE e.tenant_id = $1
      AND e.account_id = ${account} AND e.backdated AND e.revision >= $4 AND e.revision <= $5), 0)`;

export const dayOf = (time: Instant): Instant => Math.floor(time / DAY_MS) * DAY_MS;

/** The first revision of a time's day, and the last at the time; null where there is none. */
export const revisionsOfDay = async (
  session: TenantSession,
  time: Instant,
): Promise<{ readonly first: string | null; readonly last: string | null }> => {
  const bounds = tables.selectNoFrom([
    revisionFrom(session, dayOf(time)).as('first'),
    revisionUpTo(session, time).as('last'),
  ]);
  const [found] = await rowsOf(session, bounds);
  return found ?? { first: null, last: null };
};

/**
 * Minor units on the account's normal side at a time (included), by what had taken effect then; entries that were
 * back-dated later are in it. Quick at any time: one row, a sum over days, and the back-dated entries of one day. Throws
 * `NotExact` where it is beyond ±(2^53 − 1), which only back-dating can make of it.
 */
export const balanceAtTime = async (
  session: TenantSession,
  account: { readonly id: string; readonly normal_side: Side },
  time: Instant,
): Promise<number> => exactly(await exactBalanceAtTime(session, account, time));

/** The same, whatever it is. */
export const exactBalanceAtTime = async (
  session: TenantSession,
  account: { readonly id: string; readonly normal_side: Side },
  time: Instant,
): Promise<bigint> => {
  const { first, last } = await revisionsOfDay(session, time);
  const running = await balanceAtRevision(session, account.id, Number(last ?? -1));
  const [shifted] = await session.rows<{ shift: string }>(`SELECT ${shiftOf('$6')} AS shift`, [
    session.tenantId,
    new Date(dayOf(time)),
    new Date(time),
    first,
    last,
    account.id,
  ]);
  const shift = BigInt(shifted?.shift ?? 0);
  return BigInt(running) + (account.normal_side === 'debit' ? shift : -shift);
};

const trialBalanceOf = (revision: string, shift: string): string => `
  SELECT currency, CASE WHEN debit_normal THEN 'debit' ELSE 'credit' END AS normal_side,
    COALESCE(sum(balance) FILTER (WHERE balance > 0), 0) AS positive,
    COALESCE(sum(balance) FILTER (WHERE balance < 0), 0) AS negative
  FROM (
    SELECT b.currency, b.debit_normal, COALESCE((SELECT r.balance_after FROM entries r WHERE r.tenant_id = $1
      AND r.account_id = b.account_id AND r.revision <= ${revision} ORDER BY r.revision DESC, r.index DESC LIMIT 1), 0)
      + CASE WHEN b.debit_normal THEN 1 ELSE -1 END * (${shift}) AS balance
    FROM account_balances b WHERE b.tenant_id = $1
  ) standing GROUP BY 1, 2`;

/**
 * By currency, as the accounts stood after a revision, or at a time by what had taken effect then. Asks for each account,
 * so it takes as long as there are accounts. Throws `NotExact` where a sum is beyond what a number of JSON holds.
 */
export const trialBalanceAsOf = async (
  session: TenantSession,
  asOf: { readonly revision: number } | { readonly at: Instant },
): Promise<TrialBalanceLine[]> => {
  if ('revision' in asOf) {
    const sums = await session.rows<BalanceSum>(trialBalanceOf('$2', '0'), [session.tenantId, asOf.revision]);
    return renderTrialBalance(sums);
  }
  const { first, last } = await revisionsOfDay(session, asOf.at);
  const values = [session.tenantId, new Date(dayOf(asOf.at)), new Date(asOf.at), first, last];
  return renderTrialBalance(await session.rows<BalanceSum>(trialBalanceOf('$5', shiftOf('b.account_id')), values));
};
