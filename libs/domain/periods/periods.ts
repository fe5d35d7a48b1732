import type { TenantState } from '../state.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';

export type PeriodEvent = {
  readonly type: 'PeriodClosed';
  readonly data: {
    /** RFC 3339: the last instant that is closed. */
    readonly through: string;
    /** What it was before; null: nothing was closed. */
    readonly previous: string | null;
  };
};

export const evolvePeriods = (state: TenantState, event: PeriodEvent): void =>
  state.closedThrough.set(parseInstant(event.data.through) ?? null);

/** Whether what takes effect then would change a period that is closed. */
export const isClosed = (state: TenantState, at: Instant): boolean => {
  const through = state.closedThrough.value;
  return through !== null && at <= through;
};

/** The time of a clearing as the ledger can take it: not ahead of now, and after what is closed (DECISIONS 20). */
export const clampedTime = (
  state: TenantState,
  asked: Instant,
  now: Instant,
): { readonly at: Instant; readonly clamped: boolean } => {
  const through = state.closedThrough.value;
  const at = Math.min(now, through === null ? asked : Math.max(asked, through + 1));
  return { at, clamped: at !== asked };
};

/** In words, for whoever named a time that can't be. */
export const openPeriod = (state: TenantState): string => {
  const through = state.closedThrough.value;
  const ahead = 'effective_at can’t lie ahead of now.';
  return through === null ? ahead : `effective_at must lie after ${formatInstant(through)}, and not ahead of now.`;
};
