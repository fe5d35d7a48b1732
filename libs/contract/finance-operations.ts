/** The operations on settlements and liquidity: rows of `operations.ts`. */
import { admin, created, T, tenant, type Operation } from './operation-terms.js';
import {
  ADMIN_PAGING,
  BANK_STATEMENT_FILTERS,
  BANK_STATEMENT_LINE_FILTERS,
  LIQUIDITY_CURVE_FILTERS,
  LIQUIDITY_FILTERS,
  LIQUIDITY_SNAPSHOT_FILTERS,
  PAGING,
  SETTLEMENT_FILTERS,
  SETTLEMENT_LINE_FILTERS,
} from './query-parameters.js';

const SETTLEMENT = '/v1/settlements/{settlement_id}';
const STATEMENT = '/v1/bank_statements/{bank_statement_id}';
const CURVE = 'Every five minutes in which something changed, of at most 31 days; without times the current UTC day.';

export const FINANCE_OPERATIONS = {
  listSettlements: tenant(
    'Settlements',
    'settlements:read',
    ['GET /v1/settlements', 'list:settlement', 'List settlements'],
    { query: { ...PAGING, ...SETTLEMENT_FILTERS } },
  ),
  getSettlement: tenant('Settlements', 'settlements:read', [`GET ${SETTLEMENT}`, 'settlement', 'Get a settlement']),
  listSettlementLines: tenant(
    'Settlements',
    'settlements:read',
    [`GET ${SETTLEMENT}/lines`, 'list:settlement_line', 'What a settlement is made of'],
    {
      query: { ...PAGING, ...SETTLEMENT_LINE_FILTERS },
      formats: ['application/json', 'text/csv'],
      description:
        'Each line is one event’s movement of `network_payable`; together they are the settlement’s `net`. With ' +
        '`Accept: text/csv` all lines that the filters leave, oldest first, as a stream; what may be paged is then not.',
    },
  ),
  completeSettlement: tenant(
    'Settlements',
    'settlements:write',
    [`POST ${SETTLEMENT}/complete`, 'settlement', 'Say what was paid'],
    {
      body: 'CompleteSettlementBody',
      description:
        'Moves the settlement’s net out of `settlement_clearing`, and `amount` from or to the settlement account, else the ' +
        'main float; `difference` goes to `suspense`. Also after a failure. Nothing changes it afterwards: a correction is ' +
        'an item of a later day.',
    },
  ),
  failSettlement: tenant(
    'Settlements',
    'settlements:write',
    [`POST ${SETTLEMENT}/fail`, 'settlement', 'Say that it could not be paid'],
    { body: 'FailSettlementBody', description: 'It is tried again by completing it, or failing it once more.' },
  ),
  recordNetworkItem: tenant(
    'Settlements',
    'settlements:write',
    ['POST /v1/settlements/items', 'transaction', 'Record a fee, interchange or adjustment of the network'],
    {
      ...created('RecordNetworkItemBody'),
      description:
        'A line of the settlement of the open business day, whenever the network made it. `network_fee` owes it more, ' +
        '`interchange` less; an adjustment says which by `direction` and stands against `suspense`.',
    },
  ),
  advanceSettlements: tenant(
    'Test',
    'settlements:write',
    ['POST /v1/test/settlements/advance_clock', 'business_day', 'End the business day now'],
    {
      body: 'NoBody',
      bodyOptional: true,
      sandboxOnly: true,
      description:
        'Sandbox tenants only. What is open is netted and the next business day begins, of this tenant alone; the clock stays.',
    },
  ),

  importBankStatement: tenant(
    'Reconciliation',
    'settlements:write',
    ['POST /v1/bank_statements', 'bank_statement', 'Upload a bank statement'],
    {
      ...created('ImportBankStatementBody'),
      description:
        'A camt.053 or MT940 file. Its balances must add up; its lines are matched with what moved the account, by ' +
        'reference, amount and date. The same file again changes nothing and answers with what it was taken as.',
    },
  ),
  listBankStatements: tenant(
    'Reconciliation',
    'settlements:read',
    ['GET /v1/bank_statements', 'list:bank_statement', 'List bank statements'],
    { query: { ...PAGING, ...BANK_STATEMENT_FILTERS } },
  ),
  getBankStatement: tenant('Reconciliation', 'settlements:read', [
    `GET ${STATEMENT}`,
    'bank_statement',
    'Get a bank statement',
  ]),
  listBankStatementLines: tenant(
    'Reconciliation',
    'settlements:read',
    [`GET ${STATEMENT}/lines`, 'list:bank_statement_line', 'The lines of a bank statement, and what each of them is'],
    { query: { ...PAGING, ...BANK_STATEMENT_LINE_FILTERS } },
  ),
  listUnreconciledTransactions: tenant('Reconciliation', 'settlements:read', [
    `GET ${STATEMENT}/unmatched_transactions`,
    'unreconciled_transactions',
    'What moved the account in the statement’s period and is no line of a statement',
  ]),
  resolveBankStatementLine: tenant(
    'Reconciliation',
    'settlements:write',
    [
      `POST ${STATEMENT}/lines/{bank_statement_line_id}/resolve`,
      'bank_statement_line',
      'Say what a line is that matched nothing',
    ],
    { body: 'ResolveBankStatementLineBody' },
  ),

  getFinanceSettings: tenant('Settings', 'settings:manage', [
    'GET /v1/settings/finance',
    'finance_settings',
    'Cut-off, settlement account and thresholds',
  ]),
  updateFinanceSettings: tenant(
    'Settings',
    'settings:manage',
    ['PATCH /v1/settings/finance', 'finance_settings', 'Change cut-off, settlement account and thresholds'],
    {
      body: 'UpdateFinanceSettingsBody',
      description: 'A business day that has begun ends when it was to end; the new cut-off holds from the next one on.',
    },
  ),

  getLiquidity: tenant(
    'Liquidity',
    'liquidity:read',
    ['GET /v1/liquidity', 'liquidity', 'What is owed to customers, and what there is to pay it with'],
    { query: LIQUIDITY_FILTERS },
  ),
  getLiquidityCurve: tenant(
    'Liquidity',
    'liquidity:read',
    ['GET /v1/liquidity/curve', 'liquidity_curve', 'How it went in the course of a day'],
    { query: LIQUIDITY_CURVE_FILTERS, description: CURVE },
  ),
  simulateLiquidity: tenant(
    'Liquidity',
    'liquidity:read',
    ['POST /v1/liquidity/simulate', 'liquidity_simulation', 'What the ratio would become'],
    { body: 'SimulateLiquidityBody', writes: false },
  ),
  getLatestLiquidity: tenant(
    'Liquidity',
    'liquidity:read',
    ['GET /v1/liquidity/snapshots/latest', 'liquidity_snapshots', 'How each currency stands now'],
    { query: LIQUIDITY_FILTERS },
  ),
  listLiquiditySnapshots: tenant(
    'Liquidity',
    'liquidity:read',
    ['GET /v1/liquidity/snapshots', 'list:liquidity_snapshot', 'List liquidity snapshots'],
    {
      query: { ...PAGING, ...LIQUIDITY_SNAPSHOT_FILTERS },
      description:
        'The last standing of each interval (`snapshot_minutes` of the settings) in which anything changed. A snapshot’s id ' +
        'names the revision that it is of, so that every one can be asked for again, on whatever schedule it was listed.',
    },
  ),
  getLiquiditySnapshot: tenant('Liquidity', 'liquidity:read', [
    'GET /v1/liquidity/snapshots/{liquidity_snapshot_id}',
    'liquidity_snapshot_detail',
    'Get a liquidity snapshot by wallet type',
  ]),

  listTenantSettlements: admin(
    'Settlements (admin)',
    'view_tenants',
    [`GET ${T}/settlements`, 'page:settlement', 'List a tenant’s settlements'],
    { query: { ...ADMIN_PAGING, ...SETTLEMENT_FILTERS } },
  ),
  getTenantLatestLiquidity: admin(
    'Liquidity (admin)',
    'view_tenants',
    [`GET ${T}/liquidity/snapshots/latest`, 'liquidity_snapshots', 'How each currency of a tenant stands now'],
    { query: LIQUIDITY_FILTERS },
  ),
  listTenantLiquiditySnapshots: admin(
    'Liquidity (admin)',
    'view_tenants',
    [`GET ${T}/liquidity/snapshots`, 'liquidity_snapshot_page', 'List a tenant’s liquidity snapshots'],
    { query: { ...ADMIN_PAGING, ...LIQUIDITY_SNAPSHOT_FILTERS } },
  ),
  getTenantLiquiditySnapshot: admin('Liquidity (admin)', 'view_tenants', [
    `GET ${T}/liquidity/snapshots/{liquidity_snapshot_id}`,
    'liquidity_snapshot_detail',
    'Get a tenant’s liquidity snapshot by wallet type',
  ]),
  getTenantFinanceSettings: admin('Settings (admin)', 'view_tenants', [
    `GET ${T}/settings/finance`,
    'finance_settings',
    'A tenant’s cut-off, settlement account and thresholds',
  ]),
  updateTenantFinanceSettings: admin(
    'Settings (admin)',
    'manage_tenants',
    [`PATCH ${T}/settings/finance`, 'finance_settings', 'Change a tenant’s cut-off, settlement account and thresholds'],
    { body: 'UpdateFinanceSettingsBody' },
  ),
} as const satisfies Record<string, Operation>;
