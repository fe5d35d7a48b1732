import type { Instant } from '../time.js';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
const TRAVEL_DAYS = 31;

/**
 * Categories whose final amount is known late: car hire, lodging and cruises, first and last code of each range
 * (ISO 18245). The ranges of brands are whole, as in `merchant-categories.ts`: brands come and go.
 */
const TRAVEL: readonly (readonly [first: number, last: number])[] = [
  [3351, 3500],
  [3501, 3999],
  [4411, 4411],
  [7011, 7011],
  [7512, 7513],
  [7519, 7519],
];

/** When an authorization's hold falls, if the message does not say: 7 days on, 31 for car hire, lodging and cruises. */
export const holdUntil = (at: Instant, categoryCode: string): Instant => {
  const code = Number(categoryCode);
  const isTravel = TRAVEL.some(([first, last]) => code >= first && code <= last);
  return at + (isTravel ? TRAVEL_DAYS : USUAL_DAYS) * DAY_MS;
};
