import type { EvaluateLimits, LimitEvaluation } from '#domain/limits/evaluate-limits.js';
import type { LimitDirection } from '#domain/limits/limits.js';
import { formatInstant, type Instant, type LocalDate } from '#domain/time.js';

/** Amounts are minor units of `currency`. */
export interface LimitViolationResource {
  /** The limit, `lim_…`. */
  readonly rule: string;
  /** What a posting would be refused with. */
  readonly code: 'limit_exceeded' | 'max_balance_exceeded';
  readonly limit: number;
  /** Used in the window until now; the account's balance, where that is limited. */
  readonly used: number;
  readonly remaining: number;
  /** When nothing will be used any more; null: a balance does not reset. */
  readonly resets_at: string | null;
}

export interface LimitEvaluationResource {
  readonly object: 'limit_evaluation';
  readonly account_id: string;
  readonly direction: LimitDirection;
  readonly amount: number;
  readonly currency: string;
  readonly allowed: boolean;
  readonly violations: readonly LimitViolationResource[];
}

/** `startOf`: when a local day of the tenant begins. */
export const renderLimitEvaluation = (
  { account_id, direction, amount, currency }: EvaluateLimits['data'],
  { allowed, violations }: LimitEvaluation,
  startOf: (day: LocalDate) => Instant,
): LimitEvaluationResource => ({
  object: 'limit_evaluation',
  account_id,
  direction,
  amount,
  currency,
  allowed,
  violations: violations.map(({ code, limit_id, limit, used, remaining, resets_on }) => ({
    rule: limit_id,
    code,
    limit,
    used,
    remaining,
    resets_at: resets_on === null ? null : formatInstant(startOf(resets_on)),
  })),
});
