import { Formed, Optional, Says, Timestamp } from '#platform/validation/fields.js';

/** One of the two. */
export class ClosePeriodBody {
  @Says('RFC 3339, before now: the last instant that is closed.', '2026-01-31T23:59:59.999Z')
  @Optional()
  @Timestamp()
  through?: string;

  @Says('`YYYY-MM`: a calendar month of the tenant’s time zone, which must be over. In place of `through`.')
  @Optional()
  @Formed(/^2\d{3}-(?:0[1-9]|1[0-2])$/)
  month?: string;
}
