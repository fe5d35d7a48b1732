import { renderFeeRule } from '#contract/resources/fee-rule.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { insertInto, setStatement, type RowOf } from '#projecting/columns.js';
import { sqlBeside } from '#projecting/migrations.js';
import type { Batch, Projection } from '#projecting/projection.js';

const RULE = {
  tenant_id: 'text',
  rule_id: 'text',
  superseded_at: 'timestamptz',
  position: 'integer',
  resource: 'text',
} as const;
const REPLACED = { tenant_id: 'text', superseded_at: 'timestamptz' } as const;

const supersedeRules = setStatement(
  'fee_rules.supersede',
  REPLACED,
  (rows) =>
    `UPDATE fee_rules r SET superseded_at = u.superseded_at FROM ${rows}
     WHERE r.tenant_id = u.tenant_id AND r.superseded_at IS NULL`,
);

const setRules = insertInto(
  'fee_rules',
  RULE,
  `ON CONFLICT (tenant_id, rule_id) DO UPDATE SET superseded_at = EXCLUDED.superseded_at, position = EXCLUDED.position,
     resource = EXCLUDED.resource`,
);

const statements = ({ events }: Batch<LedgerEvent>): ReturnType<Projection<LedgerEvent>['statements']> => {
  const replaced = new Map<string, RowOf<typeof REPLACED>>();
  const rules = new Map<string, RowOf<typeof RULE>>();
  for (const { tenantId, event } of events) {
    if (event.type !== 'FeeRulesReplaced') continue;
    // The first replacement of a batch ends what stood before it, the later ones end each other here.
    if (!replaced.has(tenantId)) replaced.set(tenantId, { tenant_id: tenantId, superseded_at: event.at });
    for (const [key, row] of rules) {
      if (row.tenant_id === tenantId && row.superseded_at === null) rules.set(key, { ...row, superseded_at: event.at });
    }
    event.data.rules.forEach((rule, position) => {
      const resource = JSON.stringify(renderFeeRule(rule, { tenantId }));
      const row = { tenant_id: tenantId, rule_id: rule.rule_id, superseded_at: null, position, resource };
      rules.set(`${tenantId} ${rule.rule_id}`, row);
    });
  }
  return [...supersedeRules([...replaced.values()]), ...setRules([...rules.values()])];
};

export const feeRules: Projection<LedgerEvent> = {
  name: 'fee-rules',
  version: 1,
  tables: ['fee_rules'],
  migrations: [{ name: 'fee-rules', sql: sqlBeside(import.meta.url, './fee-rules.sql') }],
  statements,
};
