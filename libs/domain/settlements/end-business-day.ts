import { accept, refuse, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { dayAfter, formatInstant } from '../time.js';
import { AmountOutOfRange } from '../money.js';
import { netSettlement } from './net-settlement.js';

/** For trying out: a sandbox tenant's business day is over now, whatever the clock says. */
export interface EndBusinessDay {
  readonly type: 'EndBusinessDay';
  readonly data: Readonly<Record<string, never>>;
}

/**
 * Nets what is open and lets the next business day begin, as often as it is asked. Only sandbox tenants are let through.
 * A change of calendar that was to count from the end of this day on counts from now on.
 *
 * Refused: `amount_out_of_range` (no account can take what a day came to).
 */
export const endBusinessDay = (
  _command: EndBusinessDay,
  state: TenantState,
  moment: Moment,
  fold: (state: TenantState, draft: LedgerDraft) => void,
): Decision<LedgerDraft> => {
  const open = [...state.settlements.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  try {
    const drafts = state.journal.tentatively(() =>
      open.flatMap((settlement) => {
        const netted = netSettlement(state, settlement, moment);
        for (const draft of netted) fold(state, draft);
        return netted;
      }),
    );
    return accept<LedgerDraft>(...drafts, nextDay(state, moment));
  } catch (error) {
    if (!(error instanceof AmountOutOfRange)) throw error;
    return refuse('amount_out_of_range', undefined, 'Pay what earlier days came to first: no account can take more.');
  }
};

const nextDay = (state: TenantState, moment: Moment): LedgerDraft => {
  const { date, timezone, cutOffHour } = moment.businessDay;
  const before = { timezone, cut_off_hour: cutOffHour };
  const next = state.businessCalendar.value ?? before;
  return {
    id: moment.nextUlid(),
    type: 'BusinessCalendarChanged',
    data: {
      before,
      timezone: next.timezone,
      cut_off_hour: next.cut_off_hour,
      from: formatInstant(moment.at),
      first_date: dayAfter(date),
    },
    subject: state.tenant.value?.id as string,
  };
};
