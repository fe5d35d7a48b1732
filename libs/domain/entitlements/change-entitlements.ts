import { canonicalJson, isUnstorable, type Json } from '../canonical.js';
import { accept, refuse, unchanged, type Decision, type Moment, type Refusal } from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency } from '../money.js';
import type { TenantState } from '../state.js';
import type { Tenant } from '../tenants/tenants.js';
import {
  configTypesOf,
  isEntitlementKey,
  wholeMap,
  type ConfigType,
  type ConfigValue,
  type Entitlement,
  type EntitlementKey,
  type EntitlementMap,
} from './entitlements.js';

/** What is to change of one entitlement; what is not named stays. Of its configuration each named value is replaced. */
export interface EntitlementChange {
  readonly enabled?: boolean;
  /** Null takes all of it away, a null in it that value. */
  readonly config?: Readonly<Record<string, unknown>> | null;
}

export interface ChangeEntitlements {
  readonly type: 'ChangeEntitlements';
  readonly data: { readonly entitlements: Readonly<Record<string, EntitlementChange>> };
}

export const MAX_CONFIG_TEXTS = 100;
export const MAX_CONFIG_TEXT = 100;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isAmount = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return isCount(value);
  const amounts = Object.entries(value);
  return amounts.length > 0 && amounts.every(([currency, amount]) => isCurrency(currency) && isCount(amount));
};

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_CONFIG_TEXT && !isUnstorable(value);

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= MAX_CONFIG_TEXTS &&
  value.every(isText) &&
  new Set(value).size === value.length;

/** Each type's test, and what it asks for in words. */
const TYPES: { readonly [T in ConfigType]: readonly [is: (value: unknown) => boolean, words: string] } = {
  count: [isCount, 'a whole number from 0 on'],
  amount: [
    isAmount,
    'a whole number of minor units of the default currency, or an object of such numbers by currency code',
  ],
  texts: [isTexts, `a list of at most ${MAX_CONFIG_TEXTS} different texts of 1 to ${MAX_CONFIG_TEXT} characters`],
};

const refusedConfig = (key: EntitlementKey, config: unknown): Refusal | null => {
  const types = configTypesOf(key);
  const place = `entitlements.${key}.config`;
  if (typeof config !== 'object' || Array.isArray(config)) {
    return refuse('invalid_entitlement_config', place, 'config must be an object.');
  }
  for (const [name, value] of Object.entries(config as object) as [string, unknown][]) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) {
      const known = Object.keys(types);
      const words = known.length === 0 ? 'has no configuration' : `is configured with ${known.join(', ')} alone`;
      return refuse('invalid_entitlement_config', `${place}.${name}`, `${key} ${words}.`);
    }
    const [is, words] = TYPES[type];
    if (value !== null && !is(value)) {
      return refuse('invalid_entitlement_config', `${place}.${name}`, `${name} must be ${words}.`);
    }
  }
  return null;
};

const mergedConfig = (before: Entitlement['config'], change: EntitlementChange['config']): Entitlement['config'] => {
  if (change === undefined) return before;
  if (change === null) return {};
  const merged = { ...before, ...change } as Record<string, ConfigValue | null>;
  const kept = Object.entries(merged).filter((entry): entry is [string, ConfigValue] => entry[1] !== null);
  return Object.fromEntries(kept);
};

const isSame = (one: Entitlement, other: Entitlement): boolean =>
  canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json);

/**
 * Merges what is named into what the tenant is entitled to (DECISIONS 54); holds from the next command on.
 *
 * Refused, in this order, entitlement by entitlement, with nothing changed: `unknown_entitlement`,
 * `invalid_entitlement_config` naming the value that its type does not allow.
 */
export const changeEntitlements = (
  { data }: ChangeEntitlements,
  state: TenantState,
  moment: Moment,
): Decision<LedgerDraft> => {
  const before = wholeMap(state.entitlements.value);
  const after: Record<EntitlementKey, Entitlement> = { ...before };
  for (const [key, { enabled, config }] of Object.entries(data.entitlements)) {
    if (!isEntitlementKey(key)) return refuse('unknown_entitlement', `entitlements.${key}`);
    const refusal = config === undefined || config === null ? null : refusedConfig(key, config);
    if (refusal !== null) return refusal;
    after[key] = { enabled: enabled ?? before[key].enabled, config: mergedConfig(before[key].config, config) };
  }
  const changed = (Object.keys(after) as EntitlementKey[]).filter((key) => !isSame(before[key], after[key]));
  const previous: EntitlementMap = Object.fromEntries(changed.map((key) => [key, before[key]]));
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'EntitlementsChanged',
    subject: (state.tenant.value as Tenant).id,
    data: { entitlements: after, previous },
  };
  return changed.length === 0 ? unchanged(draft) : accept(draft);
};
