/** What names the standing of a tenant's settings, of which there is one each: what they say, and not when they were said. */
import { canonicalJson, type Json } from './canonical.js';
import { wholeMap } from './entitlements/entitlements.js';
import { DEFAULT_FINANCE_SETTINGS } from './finance-settings/finance-settings.js';
import type { LedgerFact } from './ledger.js';
import type { TenantState } from './state.js';

/** 53 bits of two multiplications a character (cyrb53, public domain): to tell states apart, not to withstand anybody. */
const digest = (text: string): number => {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0);
};

const tagOf = (value: object): number => digest(canonicalJson(value as unknown as Json));

/** Of a schedule of fees, or of limits: each replacement gives its rows new ids. */
export const scheduleTag = (ids: readonly string[]): number => tagOf(ids);

export const entitlementsTag = (map: Parameters<typeof wholeMap>[0]): number => tagOf(wholeMap(map));

export const financeSettingsTag = (settings: object): number => tagOf({ ...DEFAULT_FINANCE_SETTINGS, ...settings });

/** Of the settings that a command changes, as they stand; null for a command that changes something else. */
export const standingTag = (type: string, state: TenantState): number | null => {
  switch (type) {
    case 'ReplaceFeeRules':
      return scheduleTag((state.feeSchedule.value?.rules ?? []).map(({ rule_id }) => rule_id));
    case 'ReplaceLimits':
      return scheduleTag((state.limitRules.value?.rules ?? []).map(({ limit_id }) => limit_id));
    case 'ChangeEntitlements':
      return entitlementsTag(state.entitlements.value);
    case 'ChangeFinanceSettings':
      return financeSettingsTag(state.financeSettings.value);
    default:
      return null;
  }
};

/** Of the settings that a fact leaves behind; null where it is about something else. */
export const tagOfFact = (fact: LedgerFact): number | null => {
  if (fact.type === 'FeeRulesReplaced') return scheduleTag(fact.data.rules.map(({ rule_id }) => rule_id));
  if (fact.type === 'LimitsReplaced') return scheduleTag(fact.data.limits.map(({ limit_id }) => limit_id));
  if (fact.type === 'EntitlementsChanged') return entitlementsTag(fact.data.entitlements);
  return fact.type === 'FinanceSettingsChanged' ? financeSettingsTag(fact.data.finance_settings) : null;
};
