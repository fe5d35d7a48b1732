/** What the outside is told: the public type of each ledger event, and the envelope that lists and webhooks carry. */
import type { CardTransactionEvent, PreviousCardTransaction } from '#domain/card-transactions/card-transactions.js';
import { elementsBefore } from '#domain/card-transactions/standing.js';
import { idOf } from '#domain/ids.js';
import type { EventType, LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';
import type { EventOf } from './resource-id.js';
import { renderAccount } from './resources/account.js';
import { renderCard } from './resources/card.js';
import { renderCardTransaction } from './resources/card-transaction.js';
import { renderCustomer } from './resources/customer.js';
import { renderEntitlements } from './resources/entitlements.js';
import { renderFeeRule } from './resources/fee-rule.js';
import { renderHealthAlert } from './resources/health-alert.js';
import { renderKycSubmission } from './resources/kyc-submission.js';
import { renderLimit } from './resources/limit.js';
import { renderLiquidityAlert } from './resources/liquidity.js';
import type { Open } from './resources/personal.js';
import { renderRelease } from './resources/api-version-release.js';
import { renderReservation } from './resources/reservation.js';
import { renderSettlement } from './resources/settlement.js';
import { renderTenant } from './resources/tenant.js';
import { renderTransaction } from './resources/transaction.js';
import { renderWebhookEndpoint } from './resources/webhook-endpoint.js';

type CardAction = EventOf<'CardStatusChanged'>['data']['action'];

const CARD_ACTIONS = {
  activate: 'card.activated',
  suspend: 'card.suspended',
  resume: 'card.resumed',
  terminate: 'card.terminated',
} as const satisfies Record<CardAction, string>;

/** The public type of each event, null where it is internal. Several where the event itself tells which. */
export const PUBLIC_TYPES = {
  TenantCreated: ['tenant.created'],
  TenantUpdated: ['tenant.updated'],
  TenantSuspended: ['tenant.suspended'],
  TenantReactivated: ['tenant.reactivated'],
  TenantDeactivated: ['tenant.deactivated'],
  ApiVersionReleased: ['api_version.released'],
  ApiKeyCreated: null,
  ApiKeyUpdated: null,
  ApiKeyDeleted: null,
  WebhookEndpointCreated: null,
  WebhookEndpointUpdated: null,
  WebhookSecretRotated: null,
  WebhookEndpointDisabled: ['webhook_endpoint.disabled'],
  WebhookEndpointDeleted: null,
  UserInvited: null,
  InvitationResent: null,
  InvitationAccepted: null,
  UserUpdated: null,
  AccountOpened: ['account.created'],
  SystemAccountOpened: null,
  AccountUpdated: ['account.updated'],
  AccountBlocked: ['account.blocked'],
  AccountUnblocked: ['account.unblocked'],
  AccountClosed: ['account.closed'],
  TransactionPosted: ['transaction.completed'],
  TransactionFailed: ['transaction.failed'],
  TransactionReversed: ['transaction.reversed'],
  FundsReserved: ['reservation.created'],
  ReservationCaptured: ['reservation.captured'],
  ReservationReleased: ['reservation.released'],
  ReservationExpired: ['reservation.expired'],
  FeeRulesReplaced: ['fees.replaced'],
  LimitsReplaced: ['limits.replaced'],
  CustomerCreated: ['customer.created'],
  CustomerUpdated: ['customer.updated'],
  SubjectErased: null,
  KycSubmitted: ['kyc.submitted'],
  KycReviewStarted: null,
  KycApproved: ['kyc.approved'],
  KycRejected: ['kyc.rejected'],
  KycExpired: null,
  EntitlementsChanged: ['entitlements.updated'],
  PeriodClosed: null,
  FinanceSettingsChanged: null,
  SettlementOpened: ['settlement.created'],
  SettlementNetted: ['settlement.updated'],
  SettlementCompleted: ['settlement.completed'],
  SettlementFailed: ['settlement.failed'],
  BusinessCalendarChanged: null,
  LiquidityBreached: ['liquidity.alert'],
  LiquidityRestored: ['liquidity.restored'],
  HealthThresholdCrossed: ['health.threshold_crossed'],
  HealthThresholdRestored: ['health.threshold_restored'],
  BankStatementImported: null,
  BankStatementLineResolved: null,
  CardIssued: ['card.created'],
  CardUpdated: null,
  CardStatusChanged: Object.values(CARD_ACTIONS),
  CardAuthorized: ['card.transaction.authorized'],
  CardDeclined: ['card.transaction.declined'],
  CardAuthorizationChanged: ['card.transaction.updated'],
  CardAuthorizationReversed: ['card.transaction.reversed'],
  CardAuthorizationExpired: ['card.transaction.expired'],
  CardTransactionPosted: ['card.transaction.captured'],
  CardTransactionRefunded: ['card.transaction.refunded'],
} as const satisfies { readonly [T in EventType]: readonly string[] | null };

export type PublicEventType = NonNullable<(typeof PUBLIC_TYPES)[EventType]>[number];

/** Every public type there is, in the order of the table. */
export const PUBLIC_EVENT_TYPES: readonly PublicEventType[] = Object.values(PUBLIC_TYPES).flatMap(
  (types) => types ?? [],
);

/** Announced and not told of yet: an endpoint may ask for them already. */
const ANNOUNCED = [
  'virtual_account.created',
  'virtual_account.expired',
  'pos.transaction.completed',
  'pos.settlement.completed',
] as const;

const prefixesOf = (type: string): string[] =>
  type.split('.').flatMap((_, i, words) => (i === 0 ? [] : [`${words.slice(0, i).join('.')}.*`]));

/** What a webhook endpoint may ask for: exact names, `x.*` for all that begin so, `*` for all. */
export const EVENT_SELECTORS: readonly string[] = [
  ...new Set(['*', ...[...PUBLIC_EVENT_TYPES, ...ANNOUNCED].flatMap((type) => [type, ...prefixesOf(type)])]),
];

/** Those of them that an event of this type answers to. */
export const selectorsOf = (type: string): readonly string[] => ['*', type, ...prefixesOf(type)];

/** The public type of an event, null where it is told to nobody. */
export const publicType = (event: LedgerEvent): PublicEventType | null =>
  event.type === 'CardStatusChanged' ? CARD_ACTIONS[event.data.action] : (PUBLIC_TYPES[event.type]?.[0] ?? null);

export interface PublicEvent {
  readonly id: string;
  readonly object: 'event';
  readonly type: PublicEventType;
  /** RFC 3339. */
  readonly created: string;
  readonly tenant_id: string;
  readonly live_mode: boolean;
  /** The version in which `data` is written. */
  readonly api_version: string;
  /** Gapless per tenant, from 1. */
  readonly sequence: number | null;
  /** One key per resource, as it stood after the event. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Of what changed, the values of before; null where nothing did or the event made the resource. */
  readonly previous_attributes: Readonly<Record<string, unknown>> | null;
}

interface Change {
  readonly data: Readonly<Record<string, unknown>>;
  readonly previous: Readonly<Record<string, unknown>> | null;
}

/** Of the attributes that differ, the values of before. */
const differing = <R extends object>(before: R, after: R): Readonly<Record<string, unknown>> | null => {
  const changed = (Object.keys(after) as (keyof R & string)[]).filter(
    (key) => key !== 'updated_at' && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  return changed.length === 0 ? null : Object.fromEntries(changed.map((key) => [key, before[key]]));
};

/** A resource under its key, and what it was before where the event says so. */
const change = <F extends object, R extends object>(
  key: string,
  facts: F,
  previous: Partial<F> | undefined,
  render: (facts: F) => R,
): Change => {
  const after = render(facts);
  return {
    data: { [key]: after },
    previous: previous === undefined ? null : differing(render({ ...facts, ...previous }), after),
  };
};

const previousOf = <P>(data: object): P | undefined => ('previous' in data ? (data.previous as P) : undefined);

const ofTransaction = (event: EventOf<'TransactionPosted' | 'TransactionFailed'>, open: Open): Change => {
  const entries = event.type === 'TransactionPosted' ? event.data.entries : [];
  const recorded = { eventId: event.id, revision: event.revision, at: event.at };
  return change('transaction', event.data.transaction, undefined, (facts) =>
    renderTransaction(facts, entries, recorded, open),
  );
};

/** A reversal is told of the original: the mirror goes with it. */
const reversed = (event: EventOf<'TransactionReversed'>, open: Open): Change => {
  const { original, original_entries, original_event_id, original_revision, transaction, entries } = event.data;
  const earlier = original.reversed_amount - transaction.amount;
  const told = change(
    'transaction',
    original,
    { status: earlier === 0 ? 'completed' : 'partially_reversed', reversed_amount: earlier },
    (facts) =>
      renderTransaction(
        facts,
        original_entries,
        { eventId: original_event_id, revision: original_revision, at: event.at },
        open,
      ),
  );
  const mirror = renderTransaction(
    transaction,
    entries,
    { eventId: event.id, revision: event.revision, at: event.at },
    open,
  );
  return { ...told, data: { ...told.data, reversal: mirror } };
};

/** With a capture goes what it posted. */
const ofReservation = (
  event: EventOf<'FundsReserved' | 'ReservationCaptured' | 'ReservationReleased' | 'ReservationExpired'>,
  open: Open,
): Change => {
  const told = change('reservation', event.data.reservation, previousOf(event.data), (facts) =>
    renderReservation(facts, { updatedAt: event.at }, open),
  );
  if (event.type !== 'ReservationCaptured') return told;
  const { transaction, entries } = event.data;
  const recorded = { eventId: event.id, revision: event.revision, at: event.at };
  return { ...told, data: { ...told.data, transaction: renderTransaction(transaction, entries, recorded, open) } };
};

/** An event does not repeat the elements that were there before. */
const ofCardTransaction = (event: LedgerEvent & CardTransactionEvent, open: Open): Change => {
  const { card_transaction } = event.data;
  const previous = previousOf<PreviousCardTransaction>(event.data);
  const before = previous && { ...previous, elements: elementsBefore(card_transaction, previous) };
  return change('card_transaction', card_transaction, before, (facts) =>
    renderCardTransaction(facts, { updatedAt: event.at }, open),
  );
};

const ofTenant = (
  event: EventOf<'TenantCreated' | 'TenantUpdated' | 'TenantSuspended' | 'TenantReactivated' | 'TenantDeactivated'>,
  open: Open,
): Change | null =>
  change('tenant', event.data.tenant, previousOf(event.data), (facts) =>
    renderTenant(facts, { updatedAt: event.at }, open),
  );

const ofAccount = (
  event: EventOf<'AccountOpened' | 'AccountUpdated' | 'AccountBlocked' | 'AccountUnblocked' | 'AccountClosed'>,
  open: Open,
): Change | null =>
  change('account', event.data.account, previousOf(event.data), (facts) =>
    renderAccount(facts, { updatedAt: event.at }, open),
  );

const ofCustomer = (event: EventOf<'CustomerCreated' | 'CustomerUpdated'>, open: Open): Change | null =>
  change('customer', event.data.customer, previousOf(event.data), (facts) =>
    renderCustomer(facts, { updatedAt: event.at }, open),
  );

const ofKyc = (event: EventOf<'KycSubmitted' | 'KycApproved' | 'KycRejected'>, open: Open): Change | null =>
  change('kyc_submission', event.data.kyc_submission, previousOf(event.data), (facts) =>
    renderKycSubmission(facts, { tenantId: event.meta.tenant_id, updatedAt: event.at }, open),
  );

const ofSettlement = (
  event: EventOf<'SettlementOpened' | 'SettlementNetted' | 'SettlementCompleted' | 'SettlementFailed'>,
  open: Open,
): Change | null =>
  change('settlement', event.data.settlement, previousOf(event.data), (facts) =>
    renderSettlement(facts, { updatedAt: event.at }, open),
  );

const ofLiquidity = (event: EventOf<'LiquidityBreached' | 'LiquidityRestored'>): Change | null => ({
  data: { liquidity: renderLiquidityAlert(event) },
  previous: null,
});

const ofHealth = (event: EventOf<'HealthThresholdCrossed' | 'HealthThresholdRestored'>): Change | null => ({
  data: { health: renderHealthAlert(event) },
  previous: null,
});

const ofCard = (event: EventOf<'CardIssued' | 'CardStatusChanged'>, open: Open): Change | null =>
  change('card', event.data.card, previousOf(event.data), (facts) => renderCard(facts, { updatedAt: event.at }, open));

const internal = (): Change | null => null;

const CHANGES: { readonly [T in EventType]: (event: EventOf<T>, open: Open) => Change | null } = {
  TenantCreated: ofTenant,
  TenantUpdated: ofTenant,
  TenantSuspended: ofTenant,
  TenantReactivated: ofTenant,
  TenantDeactivated: ofTenant,
  ApiVersionReleased: (event) => ({ data: { api_version: renderRelease(event.data.release) }, previous: null }),
  AccountOpened: ofAccount,
  AccountUpdated: ofAccount,
  AccountBlocked: ofAccount,
  AccountUnblocked: ofAccount,
  AccountClosed: ofAccount,
  TransactionPosted: ofTransaction,
  TransactionFailed: ofTransaction,
  TransactionReversed: reversed,
  FundsReserved: ofReservation,
  ReservationCaptured: ofReservation,
  ReservationReleased: ofReservation,
  ReservationExpired: ofReservation,
  FeeRulesReplaced: (event) => {
    const tenantId = event.meta.tenant_id;
    return { data: { fees: event.data.rules.map((rule) => renderFeeRule(rule, { tenantId })) }, previous: null };
  },
  LimitsReplaced: (event) => {
    const replaced = { tenantId: event.meta.tenant_id, updatedAt: event.at };
    return { data: { limits: event.data.limits.map((rule) => renderLimit(rule, replaced)) }, previous: null };
  },
  CustomerCreated: ofCustomer,
  CustomerUpdated: ofCustomer,
  KycSubmitted: ofKyc,
  KycApproved: ofKyc,
  KycRejected: ofKyc,
  EntitlementsChanged: (event) => {
    const { entitlements, previous } = event.data;
    const told = renderEntitlements(entitlements, { tenantId: event.meta.tenant_id });
    return { data: { entitlements: told }, previous: { entitlements: previous } };
  },
  SettlementOpened: ofSettlement,
  SettlementNetted: ofSettlement,
  SettlementCompleted: ofSettlement,
  SettlementFailed: ofSettlement,
  LiquidityBreached: ofLiquidity,
  LiquidityRestored: ofLiquidity,
  HealthThresholdCrossed: ofHealth,
  HealthThresholdRestored: ofHealth,
  CardIssued: ofCard,
  CardStatusChanged: ofCard,
  CardAuthorized: ofCardTransaction,
  CardDeclined: ofCardTransaction,
  CardAuthorizationChanged: ofCardTransaction,
  CardAuthorizationReversed: ofCardTransaction,
  CardAuthorizationExpired: ofCardTransaction,
  CardTransactionPosted: ofCardTransaction,
  CardTransactionRefunded: ofCardTransaction,
  WebhookEndpointDisabled: (event, open) => {
    const { tenant_id: tenantId } = event.meta;
    return change('webhook_endpoint', event.data.webhook_endpoint, event.data.previous, (facts) =>
      renderWebhookEndpoint(facts, { tenantId, updatedAt: event.at }, open),
    );
  },
  WebhookEndpointCreated: internal,
  WebhookEndpointUpdated: internal,
  WebhookSecretRotated: internal,
  WebhookEndpointDeleted: internal,
  ApiKeyCreated: internal,
  ApiKeyUpdated: internal,
  ApiKeyDeleted: internal,
  UserInvited: internal,
  InvitationResent: internal,
  InvitationAccepted: internal,
  UserUpdated: internal,
  KycReviewStarted: internal,
  KycExpired: internal,
  SubjectErased: internal,
  SystemAccountOpened: internal,
  CardUpdated: internal,
  PeriodClosed: internal,
  FinanceSettingsChanged: internal,
  BusinessCalendarChanged: internal,
  BankStatementImported: internal,
  BankStatementLineResolved: internal,
};

const changeOf = (event: LedgerEvent, open: Open): Change | null =>
  (CHANGES[event.type] as (event: LedgerEvent, open: Open) => Change | null)(event, open);

/**
 * The public event that a ledger event is told as, in the newest version's shapes. Throws `RangeError` for an internal
 * one: ask `publicType` first.
 */
export const renderPublicEvent = (
  event: LedgerEvent,
  { liveMode, apiVersion }: { readonly liveMode: boolean; readonly apiVersion: string },
  open: Open,
): PublicEvent => {
  const type = publicType(event);
  const told = changeOf(event, open);
  if (type === null || told === null) throw new RangeError(`${event.type} is told to nobody`);
  return {
    id: idOf('event', event.id),
    object: 'event',
    type,
    created: formatInstant(event.at),
    tenant_id: event.meta.tenant_id,
    live_mode: liveMode,
    api_version: apiVersion,
    sequence: event.meta.sequence,
    data: told.data,
    previous_attributes: told.previous,
  };
};
