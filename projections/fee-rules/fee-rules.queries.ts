import type { FeeRuleResource } from '#contract/resources/fee-rule.js';
import type { Instant } from '#domain/time.js';
import { lastIdAt } from '#projecting/listing.js';
import type { TenantSession } from '#projecting/tenant-session.js';

interface RuleRow {
  readonly resource: string;
}

const resourcesOf = (rows: readonly RuleRow[]): FeeRuleResource[] =>
  rows.map(({ resource }) => JSON.parse(resource) as FeeRuleResource);

/** The schedule that stands, in its own order. */
export const listFeeRules = async (session: TenantSession): Promise<FeeRuleResource[]> =>
  resourcesOf(
    await session.rows<RuleRow>(
      'SELECT resource FROM fee_rules WHERE tenant_id = $1 AND superseded_at IS NULL ORDER BY position',
      [session.tenantId],
      'fee_rules.list',
    ),
  );

/** The schedule that stood at a time (included), in its own order. A rule's id says when its schedule came. */
export const listFeeRulesAt = async (session: TenantSession, time: Instant): Promise<FeeRuleResource[]> =>
  resourcesOf(
    await session.rows<RuleRow>(
      `SELECT resource FROM fee_rules WHERE tenant_id = $1 AND rule_id <= $2
         AND (superseded_at IS NULL OR superseded_at > $3) ORDER BY position`,
      [session.tenantId, lastIdAt('fee', time), new Date(time)],
    ),
  );

/** Any rule that ever stood, for what was charged by it; null where there was none. */
export const getFeeRule = async (session: TenantSession, ruleId: string): Promise<FeeRuleResource | null> => {
  const [row] = await session.rows<RuleRow>('SELECT resource FROM fee_rules WHERE tenant_id = $1 AND rule_id = $2', [
    session.tenantId,
    ruleId,
  ]);
  return row === undefined ? null : (JSON.parse(row.resource) as FeeRuleResource);
};
