import { explainFee, findRule, type FeeCalculation } from '#domain/fees/compute-fee.js';
import type { FeeChannel, FeeParty, FeeRule } from '#domain/fees/fees.js';
import { formatInstant, type Instant } from '#domain/time.js';
import type { FeeRuleResource } from './fee-rule.js';

/** What a transaction would cost beside its amount, and how that comes about. Amounts are minor units of `currency`. */
export interface FeePreview {
  readonly object: 'fee_preview';
  readonly channel: FeeChannel;
  readonly amount: number;
  readonly currency: string;
  /** 0 where there is no rule, or where it comes to nothing. */
  readonly fee_amount: number;
  readonly payer: FeeParty | null;
  readonly payee: FeeParty | null;
  /** The rule that makes it; null: none is in force for this channel, currency and amount. */
  readonly rule: FeeRuleResource | null;
  readonly calculation: FeeCalculation | null;
  /** When it would be charged: rules that begin later are not in it. */
  readonly at: string;
}

export interface FeeQuestion {
  readonly channel: FeeChannel;
  readonly amount: number;
  readonly currency: string;
}

/** A rate of at most six places as the decimal that the ledger keeps. */
export const rateText = (rate: number | string): string => {
  const text = Number(rate).toFixed(6).replace(/0+$/, '');
  return text.endsWith('.') ? text.slice(0, -1) : text;
};

const ruleOf = ({ id, percentage_rate, ...rule }: FeeRuleResource): FeeRule => ({
  ...rule,
  rule_id: id,
  percentage_rate: rateText(percentage_rate),
});

/** Throws `AmountOutOfRange` where the fee is no number that an amount can be. */
export const renderFeePreview = (
  rules: readonly FeeRuleResource[],
  { channel, amount, currency }: FeeQuestion,
  at: Instant,
): FeePreview => {
  const asked = { object: 'fee_preview', channel, amount, currency, at: formatInstant(at) } as const;
  const found = findRule({ rules: rules.map(ruleOf) }, channel, currency, amount, at);
  if (found === undefined) {
    return { ...asked, fee_amount: 0, payer: null, payee: null, rule: null, calculation: null };
  }
  const { fee, ...calculation } = explainFee(found, amount);
  const rule = rules.find(({ id }) => id === found.rule_id) ?? null;
  return { ...asked, fee_amount: fee, payer: found.who_pays, payee: found.who_gets_paid, rule, calculation };
};
