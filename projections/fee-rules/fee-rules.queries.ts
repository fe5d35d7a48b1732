import type { FeeRuleResource } from '#contract/resources/fee-rule.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface RuleRow {
  readonly resource: string;
}

/** The schedule that stands, in its own order. */
export const listFeeRules = async (session: TenantSession): Promise<FeeRuleResource[]> => {
  const rows = await session.rows<RuleRow>(
    'SELECT resource FROM fee_rules WHERE tenant_id = $1 AND superseded_at IS NULL ORDER BY position',
    [session.tenantId],
    'fee_rules.list',
  );
  return rows.map(({ resource }) => JSON.parse(resource) as FeeRuleResource);
};

/** Any rule that ever stood, for what was charged by it; null where there was none. */
export const getFeeRule = async (session: TenantSession, ruleId: string): Promise<FeeRuleResource | null> => {
  const [row] = await session.rows<RuleRow>('SELECT resource FROM fee_rules WHERE tenant_id = $1 AND rule_id = $2', [
    session.tenantId,
    ruleId,
  ]);
  return row === undefined ? null : (JSON.parse(row.resource) as FeeRuleResource);
};
