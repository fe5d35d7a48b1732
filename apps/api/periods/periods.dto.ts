import { Says, Timestamp } from '#platform/validation/fields.js';

export class ClosePeriodBody {
  @Says('RFC 3339, before now: the last instant that is closed.', '2026-01-31T23:59:59.999Z')
  @Timestamp()
  through: string;
}
