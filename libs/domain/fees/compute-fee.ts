import { divideHalfEven, larger, minor, parseDecimal, smaller, type Minor } from '../money.js';
import { formatInstant, type Instant } from '../time.js';
import type { FeeRule, FeeSchedule } from './fees.js';

const holds = (rule: FeeRule, amount: number): boolean =>
  (rule.min_amount === null || amount >= rule.min_amount) && (rule.max_amount === null || amount <= rule.max_amount);

/**
 * The rule that a transaction of this channel, currency and amount (minor units) falls under at a time: of those in force
 * whose band holds the amount, the one that came into force last. Undefined: no fee.
 */
export const findRule = (
  schedule: FeeSchedule,
  channel: string,
  currency: string,
  amount: number,
  at: Instant,
): FeeRule | undefined => {
  let found: FeeRule | undefined;
  let now: string | undefined;
  for (const rule of schedule.rules) {
    if (rule.channel !== channel || rule.currency !== currency || !holds(rule, amount)) continue;
    // RFC 3339 with milliseconds in UTC: the order of the texts is the order of the times.
    now ??= formatInstant(at);
    if (rule.effective_from > now) continue;
    if (found === undefined || rule.effective_from > found.effective_from) found = rule;
  }
  return found;
};

/**
 * The fee in minor units: flat part and share together rounded once, half to even, then clamped. Throws `AmountOutOfRange`
 * where it is no safe integer.
 */
export const feeAmount = (rule: FeeRule, amount: number): Minor => {
  const rate = parseDecimal(rule.percentage_rate);
  if (!rate) throw new RangeError(`fee rule ${rule.rule_id} has no decimal as its rate`);
  const exact = BigInt(rule.flat_amount) * rate.scale + BigInt(amount) * rate.units;
  let fee = minor(Number(divideHalfEven(exact, rate.scale)));
  if (rule.fee_floor !== null) fee = larger(fee, rule.fee_floor as Minor);
  if (rule.fee_cap !== null) fee = smaller(fee, rule.fee_cap as Minor);
  return fee;
};
