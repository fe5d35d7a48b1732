import { accept, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import { dayAfter, formatInstant } from '../time.js';
import { netSettlement } from './net-settlement.js';

/** For trying out: a sandbox tenant's business day is over now, whatever the clock says. */
export interface EndBusinessDay {
  readonly type: 'EndBusinessDay';
  readonly data: Readonly<Record<string, never>>;
}

/** Nets what is open and lets the next business day begin, as often as it is asked. Only sandbox tenants are let through. */
export const endBusinessDay = (
  _command: EndBusinessDay,
  state: TenantState,
  moment: Moment,
  fold: (state: TenantState, draft: LedgerDraft) => void,
): Decision<LedgerDraft> => {
  const { date, timezone, cutOffHour } = moment.businessDay;
  const open = [...state.settlements.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  const drafts = state.journal.tentatively(() =>
    open.flatMap((settlement) => {
      const netted = netSettlement(state, settlement, moment);
      for (const draft of netted) fold(state, draft);
      return netted;
    }),
  );
  const counted = { timezone, cut_off_hour: cutOffHour };
  const changed: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'BusinessCalendarChanged',
    data: { before: counted, ...counted, from: formatInstant(moment.at), first_date: dayAfter(date) },
    subject: state.tenant.value?.id as string,
  };
  return accept<LedgerDraft>(...drafts, changed);
};
