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

/** Flat part and share together, as `units / scale` minor units. */
const exactFee = (rule: FeeRule, amount: number): { readonly units: bigint; readonly scale: bigint } => {
  const rate = parseDecimal(rule.percentage_rate);
  if (!rate) throw new RangeError(`fee rule ${rule.rule_id} has no decimal as its rate`);
  return { units: BigInt(rule.flat_amount) * rate.scale + BigInt(amount) * rate.units, scale: rate.scale };
};

const clamped = (rule: FeeRule, rounded: Minor): Minor => {
  const raised = rule.fee_floor === null ? rounded : larger(rounded, rule.fee_floor as Minor);
  return rule.fee_cap === null ? raised : smaller(raised, rule.fee_cap as Minor);
};

/**
 * The fee in minor units: flat part and share together rounded once, half to even, then clamped. Throws `AmountOutOfRange`
 * where it is no safe integer.
 */
export const feeAmount = (rule: FeeRule, amount: number): Minor => {
  const { units, scale } = exactFee(rule, amount);
  return clamped(rule, minor(Number(divideHalfEven(units, scale))));
};

/** How a fee comes about; all in minor units. */
export interface FeeCalculation {
  /** Flat part and share together, before rounding, as a decimal: `75.5`. */
  readonly exact: string;
  /** The same, rounded half to even. */
  readonly rounded: number;
  /** What made the fee another number than that; null: nothing. */
  readonly clamped_by: 'fee_floor' | 'fee_cap' | null;
}

const decimal = (units: bigint, scale: bigint): string => {
  const places = String(scale).length - 1;
  const fraction = String(units % scale)
    .padStart(places, '0')
    .replace(/0+$/, '');
  return `${units / scale}${fraction === '' ? '' : `.${fraction}`}`;
};

/** The same fee as `feeAmount`, told step by step. Throws as it does. */
export const explainFee = (rule: FeeRule, amount: number): FeeCalculation & { readonly fee: Minor } => {
  const { units, scale } = exactFee(rule, amount);
  const rounded = minor(Number(divideHalfEven(units, scale)));
  const fee = clamped(rule, rounded);
  const clamped_by = fee === rounded ? null : fee < rounded ? 'fee_cap' : 'fee_floor';
  return { exact: decimal(units, scale), rounded, clamped_by, fee };
};
