import { accept, refuse, type Decision, type Moment, type Refusal } from '../decision.js';
import { idOf, ulidAfter } from '../ids.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency, parseDecimal } from '../money.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import { formatInstant, parseInstant, type Instant } from '../time.js';
import type { FeeChannel, FeeParty, FeeRule } from './fees.js';

/** A rule as it is asked for; see `FeeRule` for units. */
export interface FeeTerms {
  readonly channel: FeeChannel;
  readonly currency: string;
  readonly flat_amount: number;
  /** Decimal with at most 6 places, from 0 to 1. */
  readonly percentage_rate: string;
  readonly min_amount?: number | null;
  readonly max_amount?: number | null;
  readonly fee_floor?: number | null;
  readonly fee_cap?: number | null;
  readonly who_pays: FeeParty;
  readonly who_gets_paid: FeeParty;
  /** RFC 3339. What lies in the past means now. */
  readonly effective_from: string;
}

/** Replaces the whole schedule from now on; what was charged stays explained by the rules in force then. */
export interface ReplaceFeeRules {
  readonly type: 'ReplaceFeeRules';
  readonly data: { readonly rules: readonly FeeTerms[] };
}

const RATE = /^\d{1,18}(\.\d{1,6})?$/;

const isRate = (text: string): boolean => {
  const rate = RATE.test(text) ? parseDecimal(text) : undefined;
  return rate !== undefined && rate.units <= rate.scale;
};

/** The same number without zeros that say nothing: `0.0150` and `0.015` are one rate. */
const shortestRate = (text: string): string => {
  const [whole, fraction] = text.split('.') as [string, string | undefined];
  const kept = (fraction ?? '').replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}${kept === '' ? '' : `.${kept}`}`;
};

const isAmount = (value: number | null | undefined): boolean =>
  value === null || value === undefined || (Number.isSafeInteger(value) && value >= 0);

const isRange = (low: number | null | undefined, high: number | null | undefined): boolean =>
  low === null || low === undefined || high === null || high === undefined || low <= high;

const refusedTerms = (terms: FeeTerms, place: string): Refusal | null => {
  if (!isCurrency(terms.currency)) return refuse('invalid_currency', `${place}.currency`);
  for (const field of ['flat_amount', 'min_amount', 'max_amount', 'fee_floor', 'fee_cap'] as const) {
    if (!isAmount(terms[field])) return refuse('amount_out_of_range', `${place}.${field}`);
  }
  if (!isRate(terms.percentage_rate)) {
    return refuse('invalid_parameter', `${place}.percentage_rate`, 'A decimal from 0 to 1 with at most 6 places.');
  }
  if (!isRange(terms.min_amount, terms.max_amount)) return refuse('invalid_parameter', `${place}.max_amount`);
  if (!isRange(terms.fee_floor, terms.fee_cap)) return refuse('invalid_parameter', `${place}.fee_cap`);
  if (parseInstant(terms.effective_from) === undefined) return refuse('invalid_parameter', `${place}.effective_from`);
  return null;
};

/** Place of the first rule whose band meets that of an earlier one of its channel, currency and time; −1: none. */
const overlapping = (rules: readonly FeeTerms[]): number => {
  const bands = new Map<string, { readonly low: number; readonly high: number }[]>();
  for (const [i, terms] of rules.entries()) {
    const key = `${terms.channel}|${terms.currency}|${parseInstant(terms.effective_from)}`;
    const low = terms.min_amount ?? 0;
    const high = terms.max_amount ?? Number.MAX_SAFE_INTEGER;
    const others = bands.get(key) ?? [];
    if (others.some((other) => low <= other.high && other.low <= high)) return i;
    bands.set(key, [...others, { low, high }]);
  }
  return -1;
};

/**
 * When each rule comes into force. Past times become now, but a millisecond apart in their own order, because of two
 * rules for one amount the later one still goes before the earlier.
 */
const forceOf = (rules: readonly FeeTerms[], now: Instant): ReadonlyMap<Instant, Instant> => {
  const asked = [...new Set(rules.map((terms) => parseInstant(terms.effective_from) as Instant))];
  const past = asked.filter((at) => at <= now).sort((a, b) => b - a);
  return new Map([...asked.map((at) => [at, at] as const), ...past.map((at, i) => [at, now - i] as const)]);
};

export const replaceFeeRules = (
  { data }: ReplaceFeeRules,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  for (const [i, terms] of data.rules.entries()) {
    const refusal = refusedTerms(terms, `rules[${i}]`);
    if (refusal) return refusal;
  }
  const clash = overlapping(data.rules);
  if (clash >= 0) return refuse('overlapping_fee_rules', `rules[${clash}]`);
  const id = moment.nextUlid();
  const inForce = forceOf(data.rules, moment.at);
  const rules = data.rules.map((terms, i): FeeRule => ({
    rule_id: idOf('fee_rule', ulidAfter(id, i + 1)),
    channel: terms.channel,
    currency: terms.currency,
    flat_amount: terms.flat_amount,
    percentage_rate: shortestRate(terms.percentage_rate),
    min_amount: terms.min_amount ?? null,
    max_amount: terms.max_amount ?? null,
    fee_floor: terms.fee_floor ?? null,
    fee_cap: terms.fee_cap ?? null,
    who_pays: terms.who_pays,
    who_gets_paid: terms.who_gets_paid,
    effective_from: formatInstant(inForce.get(parseInstant(terms.effective_from) as Instant) as Instant),
  }));
  const { id: tenantId } = state.tenant.value as Tenant;
  return accept({ id, type: 'FeeRulesReplaced', subject: tenantId, data: { rules } });
};
