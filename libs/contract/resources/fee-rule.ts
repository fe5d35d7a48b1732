import type { FeeChannel, FeeParty, FeeRule } from '#domain/fees/fees.js';
import { createdAt } from './personal.js';

/** Amounts are minor units of `currency`. */
export interface FeeRuleResource {
  readonly object: 'fee_rule';
  readonly id: string;
  readonly tenant_id: string;
  readonly channel: FeeChannel;
  readonly currency: string;
  readonly flat_amount: number;
  /** A fraction: 0.015 is 1.5 %. At most 6 decimal places, which a JSON number holds without loss. */
  readonly percentage_rate: number;
  readonly min_amount: number | null;
  readonly max_amount: number | null;
  readonly fee_floor: number | null;
  readonly fee_cap: number | null;
  readonly who_pays: FeeParty;
  readonly who_gets_paid: FeeParty;
  readonly effective_from: string;
  readonly created_at: string;
}

export const renderFeeRule = (rule: FeeRule, { tenantId }: { readonly tenantId: string }): FeeRuleResource => ({
  object: 'fee_rule',
  id: rule.rule_id,
  tenant_id: tenantId,
  channel: rule.channel,
  currency: rule.currency,
  flat_amount: rule.flat_amount,
  percentage_rate: Number(rule.percentage_rate),
  min_amount: rule.min_amount,
  max_amount: rule.max_amount,
  fee_floor: rule.fee_floor,
  fee_cap: rule.fee_cap,
  who_pays: rule.who_pays,
  who_gets_paid: rule.who_gets_paid,
  effective_from: rule.effective_from,
  created_at: createdAt(rule.rule_id),
});
