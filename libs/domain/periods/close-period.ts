import { accept, refuse, unchanged, type Decision, type Moment } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { formatInstant, parseInstant } from '../time.js';

export interface ClosePeriod {
  readonly type: 'ClosePeriod';
  /** RFC 3339: the last instant that is closed, included. */
  readonly data: { readonly through: string };
}

/**
 * From then on nothing takes effect at or before `through` (DECISIONS 55). The same again changes nothing.
 *
 * Refused: `invalid_parameter` where it is no time, `effective_at_out_of_range` where it does not lie before now (what is
 * recorded in this very millisecond could else still change it), `period_closed` where later than that is closed already.
 */
export const closePeriod = ({ data }: ClosePeriod, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const through = parseInstant(data.through);
  if (through === undefined) return refuse('invalid_parameter', 'through');
  if (through >= moment.at) return refuse('effective_at_out_of_range', 'through', 'through must lie before now.');
  const before = state.closedThrough.value;
  const previous = before === null ? null : formatInstant(before);
  if (before !== null && through < before) {
    return refuse('period_closed', 'through', `The books are closed through ${previous} already.`);
  }
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'PeriodClosed',
    subject: (state.tenant.value as Tenant).id,
    data: { through: formatInstant(through), previous },
  };
  return through === before ? unchanged(draft) : accept(draft);
};
