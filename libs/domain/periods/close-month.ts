import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { cold, type TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import { isMonth, monthBefore, monthKey, nextMonth, type ClosedMonth } from './periods.js';

/** `from` and `through`: the month's first and last instant in `timezone`, which must be the tenant's, RFC 3339. */
export interface CloseMonth {
  readonly type: 'CloseMonth';
  readonly data: ClosedMonth;
}

/** The cold keys of a month and of those beside it. */
export const monthsAround = ({ data: { month } }: CloseMonth): readonly string[] =>
  isMonth(month) ? [monthBefore(month), month, nextMonth(month)].map(monthKey) : [];

const closed = (state: TenantState, month: string): ClosedMonth | null => {
  const event = cold(state, monthKey(month));
  return event?.type === 'PeriodClosed' ? (event.data.month ?? null) : null;
};

/**
 * Closes the books through a calendar month's end, of which a report can be had from then on (DECISIONS 160). Between months
 * there is no gap and no overlap, also where the tenant's time zone became another one. The same again changes nothing.
 *
 * Refused, in this order: `invalid_parameter`, `invalid_state` where the bounds are of another time zone than the tenant's,
 * `effective_at_out_of_range` while the month is not over, `invalid_state` while a business day of it, or a settlement of such
 * a day, takes lines.
 */
export const closeMonth = ({ data }: CloseMonth, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const { month, timezone } = data;
  const bounds = [parseInstant(data.from), parseInstant(data.through)] as const;
  if (!isMonth(month) || bounds[0] === undefined || bounds[1] === undefined)
    return refuse('invalid_parameter', 'month');
  const tenant = state.tenant.value as Tenant;
  const before = state.closedThrough.value;
  const previous = before === null ? null : formatInstant(before);
  const draft = (told: ClosedMonth, through: Instant): LedgerDraft => ({
    id: moment.nextUlid(),
    type: 'PeriodClosed',
    subject: tenant.id,
    data: { through: formatInstant(through), previous, month: told },
  });
  const standing = closed(state, month);
  if (standing !== null) return unchanged(draft(standing, before as Instant));
  // What is closed stays so: bounds that were read before the time zone became another one must not become final.
  if (timezone !== tenant.timezone) {
    return refuse('invalid_state', 'month', `The tenant’s time zone is ${tenant.timezone} by now. Ask again.`);
  }
  const [earlier, later] = [closed(state, monthBefore(month)), closed(state, nextMonth(month))];
  const from = earlier === null ? bounds[0] : (parseInstant(earlier.through) as Instant) + 1;
  const through = later === null ? bounds[1] : (parseInstant(later.from) as Instant) - 1;
  if (through >= moment.at) {
    return refuse('effective_at_out_of_range', 'month', `${month} is not over before ${formatInstant(through + 1)}.`);
  }
  const open = stillOpen(state, moment, month);
  if (open !== null) return refuse('invalid_state', 'month', open);
  const told = { month, timezone, from: formatInstant(from), through: formatInstant(through) };
  return accept(draft(told, before === null ? through : Math.max(before, through)));
};

/** What of a month still takes lines of settlements, in words. */
const stillOpen = (state: TenantState, moment: Moment, month: string): string | null => {
  const { date, endsAt } = moment.businessDay;
  if (date.slice(0, 7) <= month) return `The business day ${date} ends at ${formatInstant(endsAt)}.`;
  for (const { settlement_id, business_date } of state.settlements.values()) {
    if (business_date.slice(0, 7) <= month) {
      return `The settlement ${settlement_id} of ${business_date} is not netted yet.`;
    }
  }
  return null;
};
