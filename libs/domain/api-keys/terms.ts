/** What an API key may be given: its rate limits and its end. */
import { refuse, type Refusal } from '../decision.js';
import type { Tier } from '../tenants/tenants.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';

type RateLimit = 'rate_limit_per_min' | 'rate_limit_per_day';

/** Calls of one key, by the tier of the tenant's partner; null: no ceiling. */
const CEILINGS: { readonly [T in Tier]: { readonly [L in RateLimit]: number | null } } = {
  free: { rate_limit_per_min: 600, rate_limit_per_day: 50_000 },
  paid: { rate_limit_per_min: 6_000, rate_limit_per_day: 1_000_000 },
  enterprise: { rate_limit_per_min: null, rate_limit_per_day: null },
};

/** As high as the tier allows. */
export const ceilingOf = (tier: Tier, limit: RateLimit): number | null => CEILINGS[tier][limit];

/** Why this limit can't be given; null asks for the ceiling, so it always can. */
export const refusedLimit = (tier: Tier, limit: RateLimit, asked: number | null | undefined): Refusal | null => {
  if (asked === undefined || asked === null) return null;
  if (!Number.isSafeInteger(asked) || asked < 1) return refuse('invalid_parameter', limit);
  const ceiling = ceilingOf(tier, limit);
  return ceiling !== null && asked > ceiling ? refuse('limit_above_tier', limit) : null;
};

export const refusedExpiry = (asked: string | null | undefined, at: Instant): Refusal | null => {
  if (asked === undefined || asked === null) return null;
  const end = parseInstant(asked);
  if (end === undefined) return refuse('invalid_parameter', 'expires_at');
  return end <= at ? refuse('expiry_in_the_past', 'expires_at') : null;
};

/** An RFC 3339 time that was found to be one, in UTC with milliseconds. */
export const inUtc = (text: string): string => formatInstant(parseInstant(text) as Instant);
