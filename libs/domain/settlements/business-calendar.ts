import type { Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { dayAfter, formatInstant } from '../time.js';

/**
 * The event that counts business days in another way from the next one on (DECISIONS 95): the day that has begun ends when
 * it was to end. Null where nothing changes.
 */
export const calendarChange = (
  state: TenantState,
  moment: Moment,
  wanted: { readonly timezone: string; readonly cut_off_hour: number },
): LedgerDraft | null => {
  const { date, endsAt, timezone, cutOffHour } = moment.businessDay;
  const last = state.businessCalendar.value;
  const stands = last ?? { timezone, cut_off_hour: cutOffHour };
  if (stands.timezone === wanted.timezone && stands.cut_off_hour === wanted.cut_off_hour) return null;
  return {
    id: moment.nextUlid(),
    type: 'BusinessCalendarChanged',
    data: {
      before: { timezone, cut_off_hour: cutOffHour },
      ...wanted,
      from: formatInstant(endsAt),
      first_date: dayAfter(date),
    },
    subject: state.tenant.value?.id as string,
  };
};
