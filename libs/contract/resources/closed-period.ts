import type { PeriodEvent } from '#domain/periods/periods.js';

/** Books that are closed, for good. */
export interface ClosedPeriodResource {
  readonly object: 'closed_period';
  /** The last instant that is closed. */
  readonly through: string;
  /** `YYYY-MM` where a calendar month was closed; else it, its time zone and its first instant are null. */
  readonly month: string | null;
  readonly timezone: string | null;
  readonly from: string | null;
}

export const renderClosedPeriod = ({ through, month }: PeriodEvent['data']): ClosedPeriodResource => ({
  object: 'closed_period',
  through: month?.through ?? through,
  month: month?.month ?? null,
  timezone: month?.timezone ?? null,
  from: month?.from ?? null,
});
