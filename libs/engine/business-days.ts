/** Which business day it is for a tenant, and when that ends (DECISIONS 10, 95). */
import type { BusinessDay } from '#domain/decision.js';
import type { TenantState } from '#domain/state.js';
import { dayAfter, dayBefore, parseInstant, type Instant, type LocalDate } from '#domain/time.js';
import { calendarOf } from './calendar.js';

interface Count {
  readonly timezone: string;
  readonly cut_off_hour: number;
  /** No day before it is counted any more; empty: any is. */
  readonly firstDate: LocalDate;
}

const countAt = (state: TenantState, at: Instant): Count => {
  const changed = state.businessCalendar.value;
  if (changed === null) return { timezone: state.tenant.value?.timezone ?? 'UTC', cut_off_hour: 0, firstDate: '' };
  if (at < (parseInstant(changed.from) as Instant)) return { ...changed.before, firstDate: '' };
  const { timezone, cut_off_hour, first_date } = changed;
  return { timezone, cut_off_hour, firstDate: first_date };
};

const countedDate = (state: TenantState, at: Instant): LocalDate => {
  const { timezone, cut_off_hour, firstDate } = countAt(state, at);
  const date = calendarOf(timezone).businessDate(at, cut_off_hour);
  return date < firstDate ? firstDate : date;
};

/** The business day of an instant that is not before the last event: none that was netted begins again. */
export const businessDateAt = (state: TenantState, at: Instant): LocalDate => {
  const changed = state.businessCalendar.value;
  // The day on which a change was made stays that one until the change takes effect, also where an earlier change began it.
  const least = changed === null ? '' : dayBefore(changed.first_date);
  const counted = countedDate(state, at);
  const date = counted < least ? least : counted;
  const netted = state.nettedThrough.value;
  return netted === '' || date > netted ? date : dayAfter(netted);
};

/** The business day of an instant before `now`, as days are counted now, also where that day is netted; at the latest today. */
export const pastBusinessDate = (state: TenantState, at: Instant, now: Instant): LocalDate => {
  const today = businessDateAt(state, now);
  if (at >= now) return today;
  const date = countedDate(state, at);
  return date > today ? today : date;
};

/** The business day of an instant with its end: of one that a change of calendar cuts short, that change. */
export const businessDayAt = (state: TenantState, at: Instant): BusinessDay => {
  const { timezone, cut_off_hour: cutOffHour } = countAt(state, at);
  const date = businessDateAt(state, at);
  const from = parseInstant(state.businessCalendar.value?.from ?? '') ?? 0;
  const end = calendarOf(timezone).endOfBusinessDay(date, cutOffHour);
  return { date, endsAt: at < from ? Math.min(end, from) : end, timezone, cutOffHour };
};
