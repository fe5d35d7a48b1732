/** Fees by the rule in force when they were recorded (DECISIONS 23), in arithmetic of its own. */
import type { ChargedFee, FeeRule } from '#domain/fees/fees.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import type { Standing } from './standing.js';
import { must } from './wrong.js';

const RATE_PLACES = 6;
const SCALE = 10n ** BigInt(RATE_PLACES);

const rateOf = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * SCALE + BigInt(fraction.padEnd(RATE_PLACES, '0'));
};

/** The nearest integer to `value / divisor`, both not negative; of two the even one. */
export const halfEven = (value: bigint, divisor: bigint): bigint => {
  const [floor, rest] = [value / divisor, value % divisor];
  const up = rest * 2n > divisor || (rest * 2n === divisor && floor % 2n === 1n);
  return up ? floor + 1n : floor;
};

const feeOf = (rule: FeeRule, amount: number): number => {
  const exact = BigInt(rule.flat_amount) * SCALE + BigInt(amount) * rateOf(rule.percentage_rate);
  let fee = Number(halfEven(exact, SCALE));
  if (rule.fee_floor !== null && fee < rule.fee_floor) fee = rule.fee_floor;
  if (rule.fee_cap !== null && fee > rule.fee_cap) fee = rule.fee_cap;
  return fee;
};

const ruleFor = (
  rules: readonly FeeRule[],
  channel: string,
  currency: string,
  amount: number,
  at: string,
): FeeRule | null => {
  let found: FeeRule | null = null;
  for (const rule of rules) {
    const applies =
      rule.channel === channel &&
      rule.currency === currency &&
      amount >= (rule.min_amount ?? 0) &&
      amount <= (rule.max_amount ?? Number.MAX_SAFE_INTEGER) &&
      rule.effective_from <= at;
    if (applies && (found === null || rule.effective_from > found.effective_from)) found = rule;
  }
  return found;
};

const told = (fee: ChargedFee | undefined): string =>
  fee === undefined ? 'no fee' : `a fee of ${fee.amount} by ${fee.rule_id}`;

/** Types of transactions that a fee is charged with, in the same event. */
const CHARGED: readonly string[] = ['transfer', 'deposit', 'withdrawal', 'exchange', 'card_capture', 'card_credit'];

/** That a posting was charged the one fee that was due at `at` (RFC 3339), or none. Who bears it is the rule's to say. */
export const checkFee = (standing: Standing, transaction: TransactionFacts, at: string): void => {
  const { type, channel, amount, currency, fees } = transaction;
  const rule =
    channel !== null && CHARGED.includes(type) ? ruleFor(standing.feeRules, channel, currency, amount, at) : null;
  const due = rule === null ? 0 : feeOf(rule, amount);
  const [fee] = fees;
  must(
    fees.length === (due > 0 ? 1 : 0),
    () => `it says ${told(fee)}, due is ${due > 0 ? `${due} by ${rule?.rule_id}` : 'none'}`,
  );
  if (fee === undefined || rule === null) return;
  must(
    fee.rule_id === rule.rule_id && fee.amount === due,
    () => `it says ${told(fee)}, due is ${due} by ${rule.rule_id}, the rule in force`,
  );
  must(
    fee.payer === rule.who_pays && fee.payee === rule.who_gets_paid,
    () => `${rule.rule_id} says that ${rule.who_pays} pays ${rule.who_gets_paid}, not ${fee.payer} ${fee.payee}`,
  );
};
