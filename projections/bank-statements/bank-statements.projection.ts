import { renderBankStatement, renderBankStatementLine } from '#contract/resources/bank-statement.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';
import { lastBy } from '#projecting/rows.js';

const STATEMENT = { tenant_id: 'text', statement_id: 'text', account_id: 'text', resource: 'text' } as const;
const LINE = {
  tenant_id: 'text',
  statement_id: 'text',
  line_id: 'text',
  status: 'text',
  transaction_id: 'text',
  resource: 'text',
} as const;

const setStatements = insertInto(
  'bank_statements',
  STATEMENT,
  'ON CONFLICT (tenant_id, statement_id) DO UPDATE SET resource = EXCLUDED.resource',
);
const setLines = insertInto(
  'bank_statement_lines',
  LINE,
  'ON CONFLICT (tenant_id, statement_id, line_id) DO UPDATE SET status = EXCLUDED.status, ' +
    'transaction_id = EXCLUDED.transaction_id, resource = EXCLUDED.resource',
);

const statements = ({ events, open }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const told: RowOf<typeof STATEMENT>[] = [];
  const lines: RowOf<typeof LINE>[] = [];
  for (const { tenantId: tenant_id, event } of events) {
    if (!('bank_statement' in event.data)) continue;
    const { bank_statement } = event.data;
    const { statement_id, account_id } = bank_statement;
    const changed = { updatedAt: event.at };
    const resource = JSON.stringify(renderBankStatement(bank_statement, changed, open(tenant_id)));
    told.push({ tenant_id, statement_id, account_id, resource });
    for (const line of 'lines' in event.data ? event.data.lines : [event.data.line]) {
      const { line_id, status, transaction_id } = line;
      const row = JSON.stringify(renderBankStatementLine(line, bank_statement, changed, open(tenant_id)));
      lines.push({ tenant_id, statement_id, line_id, status, transaction_id, resource: row });
    }
  }
  return [
    ...setStatements(lastBy(told, (row) => `${row.tenant_id} ${row.statement_id}`)),
    ...setLines(lastBy(lines, (row) => `${row.tenant_id} ${row.line_id}`)),
  ];
};

export const bankStatements: Projection<LedgerEvent> = {
  name: 'bank-statements',
  version: 1,
  tables: ['bank_statements', 'bank_statement_lines'],
  migrations: [{ name: 'bank-statements', sql: sqlBeside(import.meta.url, './bank-statements.sql') }],
  statements,
};
