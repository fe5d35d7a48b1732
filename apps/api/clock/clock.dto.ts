import { MOST_ADVANCE_MS } from '#installation/business-clock.js';
import { Says, Whole } from '#platform/validation/fields.js';

export class SetClockBody {
  @Says('By how much, in milliseconds: above zero, at most ten years.', 3_600_000)
  @Whole(1, MOST_ADVANCE_MS)
  advance_ms: number;
}
