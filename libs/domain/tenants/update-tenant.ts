import { isEmpty, replaced } from '../changes.js';
import {
  accept,
  clear,
  MAX_METADATA_KEYS,
  mergeMetadata,
  refuse,
  unchanged,
  type Decision,
  type MetadataPatch,
  type Moment,
} from '../decision.js';
import type { LedgerDraft } from '../ledger.js';
import { isCurrency } from '../money.js';
import { calendarChange } from '../settlements/business-calendar.js';
import type { TenantState } from '../state.js';
import { tenantFacts } from './standing.js';
import type { TenantFacts, Tier } from './tenants.js';

/** What is not named stays. The status changes through `ChangeTenantStatus` alone. */
export interface UpdateTenant {
  readonly type: 'UpdateTenant';
  readonly data: {
    readonly name?: string;
    readonly default_currency?: string;
    /** IANA name; known to exist. */
    readonly timezone?: string;
    readonly metadata?: MetadataPatch;
    readonly partner?: { readonly name?: string; readonly email?: string; readonly tier?: Tier };
    /** Null takes the pin away. */
    readonly pinned_api_version?: string | null;
  };
}

const hasOpenWallet = (state: TenantState, currency: string): boolean => {
  for (const { terms, extras } of state.accounts.values()) {
    if (terms.currency === currency && terms.walletType !== 'system' && !extras.closed) return true;
  }
  return false;
};

const updatedPartner = (
  before: TenantFacts['partner'],
  patch: UpdateTenant['data']['partner'],
): TenantFacts['partner'] => {
  if (patch === undefined) return before;
  const subject = before.partner_id;
  return {
    ...before,
    ...(patch.name === undefined ? {} : { name: { clear: patch.name, subject } }),
    ...(patch.email === undefined ? {} : { email: { clear: patch.email, subject } }),
    ...(patch.tier === undefined ? {} : { tier: patch.tier }),
  };
};

export const updateTenant = ({ data }: UpdateTenant, state: TenantState, moment: Moment): Decision<LedgerDraft> => {
  const before = tenantFacts(state);
  const currency = data.default_currency ?? before.default_currency;
  if (!isCurrency(currency)) return refuse('invalid_currency', 'default_currency');
  const metadata = mergeMetadata(before.metadata, data.metadata);
  if (metadata.length > MAX_METADATA_KEYS) return refuse('invalid_parameter', 'metadata', 'More than 50 keys.');
  // Limits and liquidity are told in the default currency; it may not change under accounts that are kept in it.
  if (currency !== before.default_currency && hasOpenWallet(state, before.default_currency)) {
    return refuse('currency_in_use', 'default_currency');
  }
  const tenant: TenantFacts = {
    ...before,
    name: data.name === undefined ? before.name : clear(data.name),
    default_currency: currency,
    timezone: data.timezone ?? before.timezone,
    pinned_api_version: data.pinned_api_version === undefined ? before.pinned_api_version : data.pinned_api_version,
    partner: updatedPartner(before.partner, data.partner),
    metadata,
  };
  const previous = replaced(before, tenant);
  // A day that has begun ends when it was to end; the new zone counts from the next one on. Its event comes first, so its id
  // is taken first.
  const { cut_off_hour } = state.financeSettings.value;
  const calendar =
    previous.timezone === undefined ? null : calendarChange(state, moment, { timezone: tenant.timezone, cut_off_hour });
  const draft: LedgerDraft = {
    id: moment.nextUlid(),
    type: 'TenantUpdated',
    subject: tenant.tenant_id,
    data: { tenant, previous },
  };
  if (isEmpty(previous)) return unchanged(draft);
  return calendar === null ? accept(draft) : accept<LedgerDraft>(calendar, draft);
};
