import { renderAccount } from '#contract/resources/account.js';
import type { AccountEvent, AccountFacts } from '#domain/accounts/accounts.js';
import { receivableCode } from '#domain/accounts/standing.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, updateBy, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Open, Projection, TenantEvent } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const ACCOUNT = {
  tenant_id: 'text',
  account_id: 'text',
  account_code: 'text',
  wallet_type: 'text',
  currency: 'text',
  kyc_tier: 'text',
  parent_account_id: 'text',
  customer_id: 'text',
  receivable_of: 'text',
  own_no_debit: 'boolean',
  own_no_credit: 'boolean',
  post_no_debit: 'boolean',
  post_no_credit: 'boolean',
  closed: 'boolean',
  resource: 'text',
} as const;
const OPENED_BALANCE = {
  tenant_id: 'text',
  account_id: 'text',
  currency: 'text',
  debit_normal: 'boolean',
  balance: 'bigint',
  held: 'bigint',
} as const;
const MOVED = { tenant_id: 'text', account_id: 'text', balance: 'bigint', held: 'bigint' } as const;
const ROOT = { tenant_id: 'text', account_id: 'text' } as const;

const TIER = { tenant_id: 'text', customer_id: 'text', kyc_tier: 'text' } as const;

const insertAccounts = insertInto('accounts', ACCOUNT);
const updateAccounts = updateBy('accounts', ACCOUNT, ['tenant_id', 'account_id']);
const insertBalances = insertInto('account_balances', OPENED_BALANCE);

const moveBalances = setStatement(
  'account_balances.move',
  MOVED,
  (rows) =>
    `UPDATE account_balances b SET balance = COALESCE(u.balance, b.balance), held = COALESCE(u.held, b.held)
     FROM ${rows} WHERE b.tenant_id = u.tenant_id AND b.account_id = u.account_id`,
);

/** To be done last: whatever of the batch opened or changed an account, its customer's last tier is its own. */
const followCustomers = setStatement(
  'accounts.tiers',
  TIER,
  (rows) =>
    `UPDATE accounts a SET kyc_tier = u.kyc_tier FROM ${rows}
     WHERE a.tenant_id = u.tenant_id AND a.customer_id = u.customer_id AND a.kyc_tier <> u.kyc_tier`,
);

/**
 * What is blocked of everything below an account whose blocks changed: from each such account up to find what it inherits,
 * then down. Where one stands below another both ways come to the same.
 */
const inheritBlocks = setStatement(
  'accounts.inherit',
  ROOT,
  (rows) => `
    WITH RECURSIVE roots AS (SELECT * FROM ${rows}),
    above (tenant_id, root_id, parent_id, no_debit, no_credit) AS (
      SELECT a.tenant_id, a.account_id, a.parent_account_id, a.own_no_debit, a.own_no_credit
      FROM roots r JOIN accounts a ON a.tenant_id = r.tenant_id AND a.account_id = r.account_id
      UNION ALL
      SELECT up.tenant_id, up.root_id, a.parent_account_id, a.own_no_debit, a.own_no_credit
      FROM above up JOIN accounts a ON a.tenant_id = up.tenant_id AND a.account_id = up.parent_id
    ),
    tree (tenant_id, account_id, no_debit, no_credit) AS (
      SELECT tenant_id, root_id, bool_or(no_debit), bool_or(no_credit) FROM above GROUP BY tenant_id, root_id
      UNION
      SELECT a.tenant_id, a.account_id, tree.no_debit OR a.own_no_debit, tree.no_credit OR a.own_no_credit
      FROM tree JOIN accounts a ON a.tenant_id = tree.tenant_id AND a.parent_account_id = tree.account_id
    )
    UPDATE accounts t SET post_no_debit = tree.no_debit, post_no_credit = tree.no_credit
    FROM tree WHERE t.tenant_id = tree.tenant_id AND t.account_id = tree.account_id
      AND (t.post_no_debit, t.post_no_credit) IS DISTINCT FROM (tree.no_debit, tree.no_credit)`,
);

type AccountRow = RowOf<typeof ACCOUNT>;
type MovedRow = RowOf<typeof MOVED>;

const isAccountEvent = (event: LedgerEvent): event is LedgerEvent & AccountEvent => 'account' in event.data;

const RECEIVABLE = receivableCode('');

const receivableOf = ({ wallet_type, account_code }: AccountFacts): string | null =>
  wallet_type === 'system' && account_code.startsWith(RECEIVABLE) ? account_code.slice(RECEIVABLE.length) : null;

const accountRow = (tenantId: string, facts: AccountFacts, at: number, open: Open): AccountRow => ({
  tenant_id: tenantId,
  account_id: facts.account_id,
  account_code: facts.account_code,
  wallet_type: facts.wallet_type,
  currency: facts.currency,
  kyc_tier: facts.kyc_tier,
  parent_account_id: facts.parent_account_id,
  customer_id: facts.customer_id,
  receivable_of: receivableOf(facts),
  own_no_debit: facts.blocks.some(({ debits }) => debits),
  own_no_credit: facts.blocks.some(({ credits }) => credits),
  post_no_debit: facts.post_no_debit,
  post_no_credit: facts.post_no_credit,
  closed: facts.closure !== null,
  resource: JSON.stringify(renderAccount(facts, { updatedAt: at }, open)),
});

const keyOf = (row: { readonly tenant_id: string | null; readonly account_id: string | null }): string =>
  `${row.tenant_id} ${row.account_id}`;

/** The last balance and the last hold of each account: a hot account is one row, however often it moved. */
const movedRows = (events: readonly TenantEvent<LedgerEvent>[]): MovedRow[] => {
  const moved = new Map<
    string,
    { tenant_id: string; account_id: string; balance: number | null; held: number | null }
  >();
  const row = (tenant_id: string, account_id: string): { balance: number | null; held: number | null } => {
    const key = `${tenant_id} ${account_id}`;
    const known = moved.get(key);
    if (known) return known;
    const made = { tenant_id, account_id, balance: null, held: null };
    moved.set(key, made);
    return made;
  };
  for (const { tenantId, event } of events) {
    const { data } = event;
    if ('entries' in data) for (const one of data.entries) row(tenantId, one.account_id).balance = one.balance_after;
    if ('holds' in data) for (const one of data.holds) row(tenantId, one.account_id).held = one.held_after;
  }
  return [...moved.values()];
};

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const opened = new Set<string>();
  const balances: RowOf<typeof OPENED_BALANCE>[] = [];
  const rows: AccountRow[] = [];
  const roots: RowOf<typeof ROOT>[] = [];
  const tiers: RowOf<typeof TIER>[] = [];
  for (const { tenantId, event } of events) {
    if (event.type === 'CustomerUpdated' && event.data.previous.kyc_tier !== undefined) {
      tiers.push({ tenant_id: tenantId, ...event.data.customer });
    }
    if (!isAccountEvent(event)) continue;
    const facts = event.data.account;
    const row = accountRow(tenantId, facts, event.at, open(tenantId));
    rows.push(row);
    if (event.type === 'AccountOpened' || event.type === 'SystemAccountOpened') {
      const { tenant_id, account_id, currency } = row;
      opened.add(keyOf(row));
      balances.push({
        tenant_id,
        account_id,
        currency,
        debit_normal: facts.normal_side === 'debit',
        balance: 0,
        held: 0,
      });
    }
    if (event.type === 'AccountBlocked' || event.type === 'AccountUnblocked') roots.push(row);
  }
  const last = lastBy(rows, keyOf);
  return [
    ...insertAccounts(last.filter((row) => opened.has(keyOf(row)))),
    ...updateAccounts(last.filter((row) => !opened.has(keyOf(row)))),
    ...inheritBlocks(lastBy(roots, keyOf)),
    ...insertBalances(balances),
    ...moveBalances(movedRows(events)),
    ...followCustomers(lastBy(tiers, (row) => `${row.tenant_id} ${row.customer_id}`)),
  ];
};

export const accounts: Projection<LedgerEvent> = {
  name: 'accounts',
  version: 1,
  tables: ['accounts', 'account_balances'],
  migrations: [{ name: 'accounts', sql: sqlBeside(import.meta.url, './accounts.sql') }],
  statements,
};
