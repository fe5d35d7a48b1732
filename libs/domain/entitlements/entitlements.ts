/** What a tenant may do at all, with whichever of its keys: flags of the platform's, some with terms of their own. */
import type { TenantState } from '../state.js';

/**
 * What a value of a configuration must be: a whole number from 0 on; an amount in minor units of the tenant's default
 * currency, or one for each currency that is named; a list of texts.
 */
export type ConfigType = 'count' | 'amount' | 'texts';

interface EntitlementTerms {
  /** Whether a tenant has it that nobody has said anything about. */
  readonly enabled: boolean;
  readonly config: Readonly<Record<string, ConfigType>>;
}

const ON: EntitlementTerms = { enabled: true, config: {} };
const OFF: EntitlementTerms = { enabled: false, config: {} };

/** Every entitlement there is. Frozen: a key that was published is never taken away, and none changes its meaning. */
export const ENTITLEMENTS = {
  'identity.read': ON,
  'accounts.read': ON,
  'accounts.write': ON,
  'accounts.manage': ON,
  'balances.read': ON,
  'transactions.read': ON,
  'transactions.write': { enabled: true, config: { max_single_transaction: 'amount' } },
  'reservations.read': ON,
  'reservations.write': ON,
  'limits.read': ON,
  'limits.evaluate': ON,
  'statements.read': ON,
  'statements.export': ON,
  'statements.email': ON,
  'kyc.submit': ON,
  'kyc.read': ON,
  'virtual_accounts.read': OFF,
  'virtual_accounts.issue_static': OFF,
  'virtual_accounts.issue_dynamic': { enabled: false, config: { max_daily_issuance: 'count' } },
  'virtual_accounts.sessions.read': OFF,
  'payouts.write': { enabled: false, config: { allowed_destinations: 'texts' } },
  'webhooks.manage': ON,
  'pos.profiles.read': OFF,
  'pos.profiles.write': OFF,
  'pos.terminals.read': OFF,
  'pos.terminals.manage': { enabled: false, config: { max_terminals: 'count' } },
  'pos.transactions.read': OFF,
  'pos.transactions.write': OFF,
  'pos.processor_transactions.write': OFF,
  'pos.settlements.read': OFF,
  'pos.metrics.read': OFF,
  'cards.nfc.read': OFF,
  'cards.nfc.manage': OFF,
  'cards.nfc.assignments.manage': OFF,
  'cards.nfc.limits.manage': OFF,
  'liquidity.read': ON,
} as const satisfies Readonly<Record<string, EntitlementTerms>>;

export type EntitlementKey = keyof typeof ENTITLEMENTS;

export const ENTITLEMENT_KEYS = Object.keys(ENTITLEMENTS) as readonly EntitlementKey[];

export const isEntitlementKey = (text: string): text is EntitlementKey => Object.hasOwn(ENTITLEMENTS, text);

/** The types of an entitlement's configuration, by name. */
export const configTypesOf = (key: EntitlementKey): Readonly<Record<string, ConfigType>> => ENTITLEMENTS[key].config;

export type ConfigValue = number | Readonly<Record<string, number>> | readonly string[];

export interface Entitlement {
  readonly enabled: boolean;
  readonly config: Readonly<Record<string, ConfigValue>>;
}

/** Everything a tenant is and is not entitled to. What was stored before a key was known lacks that key. */
export type EntitlementMap = Readonly<Partial<Record<EntitlementKey, Entitlement>>>;

/** What holds of an entitlement until somebody says otherwise. */
export const defaultEntitlement = (key: EntitlementKey): Entitlement => ({
  enabled: ENTITLEMENTS[key].enabled,
  config: {},
});

/** All keys, in the order of the table. */
export const wholeMap = (map: EntitlementMap): Readonly<Record<EntitlementKey, Entitlement>> =>
  Object.fromEntries(ENTITLEMENT_KEYS.map((key) => [key, map[key] ?? defaultEntitlement(key)])) as Record<
    EntitlementKey,
    Entitlement
  >;

export type EntitlementEvent = {
  readonly type: 'EntitlementsChanged';
  /** The whole map as it stands from then on, and of what changed what was before. */
  readonly data: { readonly entitlements: EntitlementMap; readonly previous: EntitlementMap };
};

export const evolveEntitlements = (state: TenantState, event: EntitlementEvent): void =>
  state.entitlements.set(event.data.entitlements);

export const isEntitled = (map: EntitlementMap, key: EntitlementKey): boolean =>
  map[key]?.enabled ?? ENTITLEMENTS[key].enabled;
