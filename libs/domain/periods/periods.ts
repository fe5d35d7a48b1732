import type { TenantState } from '../state.js';
import { dayBefore, formatInstant, monthAfter, parseInstant, type Instant } from '../time.js';

export type PeriodEvent = {
  readonly type: 'PeriodClosed';
  readonly data: {
    /** RFC 3339: the last instant that is closed. */
    readonly through: string;
    /** What it was before; null: nothing was closed. */
    readonly previous: string | null;
    /** Where a calendar month was closed, of which there is a report from then on. */
    readonly month?: ClosedMonth;
  };
};

/** A calendar month of the tenant's time zone whose books are closed. */
export interface ClosedMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  /** IANA name. */
  readonly timezone: string;
  /** RFC 3339: its first and its last instant. */
  readonly from: string;
  readonly through: string;
}

/** The cold key that a closed month is found by. */
export const monthKey = (month: string): string => `month:${month}`;

/** Which month the day before its first belongs to, and the day after its last: `YYYY-MM`. */
export const monthBefore = (month: string): string => dayBefore(`${month}-01`).slice(0, 7);
export const nextMonth = (month: string): string => monthAfter(`${month}-01`).slice(0, 7);

const MONTH = /^2\d{3}-(?:0[1-9]|1[0-2])$/;

/** Of the years 2000 to 2999: since then every time zone's months begin on a full quarter of an hour. */
export const isMonth = (text: string): boolean => MONTH.test(text);

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
