import type { AccountFacts } from '#domain/accounts/accounts.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { LIQUIDITY_KINDS } from '#domain/liquidity/liquidity-sums.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

export const BUCKET_MS = 300_000;

const ACCOUNT = {
  tenant_id: 'text',
  account_id: 'text',
  currency: 'text',
  kind: 'text',
  opened_revision: 'bigint',
} as const;
const CLOSED = { tenant_id: 'text', account_id: 'text', revision: 'bigint' } as const;
const MOVED = {
  tenant_id: 'text',
  account_id: 'text',
  bucket: 'bigint',
  at: 'bigint',
  revision: 'bigint',
  /** Debits above zero. */
  change: 'numeric',
} as const;

const insertAccounts = insertInto('liquidity_accounts', ACCOUNT);
const closeAccounts = setStatement(
  'liquidity_accounts.close',
  CLOSED,
  (rows) =>
    `UPDATE liquidity_accounts a SET closed_revision = u.revision FROM ${rows} ` +
    'WHERE a.tenant_id = u.tenant_id AND a.account_id = u.account_id',
);

const sumOf = (kind: string): string =>
  `sum(${kind === 'float' ? 'u.change' : '-u.change'}) FILTER (WHERE a.kind = '${kind}')`;
const totals = LIQUIDITY_KINDS.map((kind) => `coalesce(${sumOf(kind)}, 0) AS ${kind}`).join(', ');
const running = LIQUIDITY_KINDS.map(
  (kind) =>
    `coalesce(p.${kind}, 0) + sum(m.${kind}) OVER (PARTITION BY m.tenant_id, m.currency ORDER BY m.bucket) AS ${kind}`,
).join(', ');

// What a batch moved by currency and five minutes, on top of the latest point before it, which may be of the same.
const addPoints = setStatement(
  'liquidity_points.add',
  MOVED,
  (rows) => `WITH moved AS (
      SELECT u.tenant_id, a.currency, u.bucket, max(u.at) AS at, max(u.revision) AS revision, ${totals}
      FROM ${rows} JOIN liquidity_accounts a ON a.tenant_id = u.tenant_id AND a.account_id = u.account_id
      GROUP BY u.tenant_id, a.currency, u.bucket
    )
    INSERT INTO liquidity_points (tenant_id, currency, bucket, at, revision, ${LIQUIDITY_KINDS.join(', ')})
    SELECT m.tenant_id, m.currency, m.bucket, m.at, m.revision, ${running}
    FROM moved m LEFT JOIN LATERAL (
      SELECT ${LIQUIDITY_KINDS.join(', ')} FROM liquidity_points p
      WHERE p.tenant_id = m.tenant_id AND p.currency = m.currency ORDER BY p.bucket DESC LIMIT 1
    ) p ON true
    ON CONFLICT (tenant_id, currency, bucket) DO UPDATE SET at = EXCLUDED.at, revision = EXCLUDED.revision,
      ${LIQUIDITY_KINDS.map((kind) => `${kind} = EXCLUDED.${kind}`).join(', ')}`,
);

const counts = ({ wallet_type }: AccountFacts): boolean => (LIQUIDITY_KINDS as readonly string[]).includes(wallet_type);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const opened: RowOf<typeof ACCOUNT>[] = [];
  const closed: RowOf<typeof CLOSED>[] = [];
  const moved: RowOf<typeof MOVED>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    const { at, revision, data } = event;
    if (event.type === 'AccountOpened' && counts(event.data.account)) {
      const { account_id, currency, wallet_type: kind } = event.data.account;
      opened.push({ tenant_id, account_id, currency, kind, opened_revision: revision });
    }
    if (event.type === 'AccountClosed') {
      closed.push({ tenant_id, account_id: event.data.account.account_id, revision });
    }
    if (!('entries' in data)) continue;
    const bucket = Math.floor(at / BUCKET_MS) * BUCKET_MS;
    for (const { account_id, direction, amount } of data.entries) {
      moved.push({
        tenant_id,
        account_id,
        bucket,
        at,
        revision,
        change: BigInt(direction === 'debit' ? amount : -amount),
      });
    }
  }
  return [...insertAccounts(opened), ...closeAccounts(closed), ...addPoints(moved)];
};

export const liquidity: Projection<LedgerEvent> = {
  name: 'liquidity',
  version: 1,
  tables: ['liquidity_accounts', 'liquidity_points'],
  migrations: [{ name: 'liquidity', sql: sqlBeside(import.meta.url, './liquidity.sql') }],
  statements,
};
