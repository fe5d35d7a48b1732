import type { KycTier } from '../accounts/accounts.js';
import { accept, refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import { idOf, ulidAfter } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency } from '../money.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import type { LimitDirection, LimitRule, LimitWindow } from './limits.js';

/** A limit as it is asked for; see `LimitRule` for units. */
export interface LimitTerms {
  readonly kyc_level: KycTier;
  readonly direction: LimitDirection;
  readonly window: LimitWindow;
  readonly amount: number;
  readonly max_balance?: number | null;
  /** The tenant's default currency, where it is left out. */
  readonly currency?: string;
}

/** Replaces all limits from the next event on; what was used before goes on counting (DECISIONS 46). */
export interface ReplaceLimits {
  readonly type: 'ReplaceLimits';
  readonly data: { readonly limits: readonly LimitTerms[] };
}

const isAmount = (value: number | null | undefined): boolean =>
  value === null || value === undefined || (Number.isSafeInteger(value) && value >= 0);

/** Why rows can't stand together, null where they can. */
const refusedRules = (rules: readonly LimitRule[]): Refusal | null => {
  const rows = new Set<string>();
  for (const [i, { kyc_level, direction, window, currency }] of rules.entries()) {
    const row = `${kyc_level}|${direction}|${window}|${currency}`;
    if (rows.has(row)) return refuse('overlapping_limits', `limits[${i}]`);
    rows.add(row);
  }
  const balances = new Map<string, number>();
  for (const [i, { kyc_level, currency, max_balance }] of rules.entries()) {
    if (max_balance === null) continue;
    const tier = `${kyc_level}|${currency}`;
    const stated = balances.get(tier) ?? max_balance;
    if (stated !== max_balance) return refuse('contradictory_max_balance', `limits[${i}].max_balance`);
    balances.set(tier, stated);
  }
  return null;
};

/**
 * Refused, in this order: row by row `invalid_currency`, `amount_out_of_range` (amount, max_balance); `overlapping_limits`;
 * `contradictory_max_balance`. `param` is the row or its field.
 */
export const replaceLimits = ({ data }: ReplaceLimits, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { id: tenantId, defaultCurrency } = state.tenant.value as Tenant;
  for (const [i, terms] of data.limits.entries()) {
    if (!isCurrency(terms.currency ?? defaultCurrency)) return refuse('invalid_currency', `limits[${i}].currency`);
    for (const field of ['amount', 'max_balance'] as const) {
      if (!isAmount(terms[field])) return refuse('amount_out_of_range', `limits[${i}].${field}`);
    }
  }
  const id = moment.nextUlid();
  const limits = data.limits.map((terms, i): LimitRule => ({
    limit_id: idOf('limit', ulidAfter(id, i + 1)),
    kyc_level: terms.kyc_level,
    direction: terms.direction,
    window: terms.window,
    amount: terms.amount,
    max_balance: terms.max_balance ?? null,
    currency: terms.currency ?? defaultCurrency,
  }));
  return refusedRules(limits) ?? accept({ id, type: 'LimitsReplaced', subject: tenantId, data: { limits } });
};
