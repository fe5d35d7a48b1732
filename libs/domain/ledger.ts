/**
 * Start here: every event of a tenant's ledger and the one fold. Its commands, and what decides each, are in `commands.ts`.
 *
 * Adding an event fails to compile until each table below has its row.
 */
import { evolveAccount, type AccountEvent } from './accounts/accounts.js';
import { evolveApiKey, type ApiKeyEvent } from './api-keys/api-keys.js';
import type { ApiVersionEvent } from './api-versions/api-versions.js';
import { evolveCardTransaction, evolveHeld, type CardTransactionEvent } from './card-transactions/card-transactions.js';
import { evolveCard, type CardEvent } from './cards/cards.js';
import { evolveCustomer, type CustomerEvent } from './customers/customers.js';
import type { Draft } from './decision.js';
import { evolveEntitlements, type EntitlementEvent } from './entitlements/entitlements.js';
import { applyEntries, applyHolds } from './entries.js';
import type { ErasureEvent } from './erasure/erasure.js';
import { evolveFees, type FeeEvent } from './fees/fees.js';
import { evolveFinanceSettings, type FinanceSettingsEvent } from './finance-settings/finance-settings.js';
import { evolveHealth, type HealthEvent } from './health/health.js';
import { scheduleHold } from './holds/due-holds.js';
import type { Ulid } from './ids.js';
import type { KycEvent } from './kyc/kyc.js';
import { evolvePeriods, type PeriodEvent } from './periods/periods.js';
import { applyLimitUses } from './limits/limit-uses.js';
import { evolveLimits, type LimitEvent } from './limits/limits.js';
import { evolveLiquidity, type LiquidityEvent } from './liquidity/liquidity.js';
import type { ReconciliationEvent } from './reconciliation/reconciliation.js';
import { evolveReservation, type ReservationEvent } from './reservations/reservations.js';
import { applyLine, evolveSettlement, type SettlementEvent } from './settlements/settlements.js';
import type { TenantState } from './state.js';
import { evolveTenant, type TenantEvent } from './tenants/tenants.js';
import type { Instant } from './time.js';
import type { TransactionEvent } from './transactions/transactions.js';
import { evolveUser, type UserEvent } from './users/users.js';
import { evolveWebhookEndpoint, type WebhookEndpointEvent } from './webhook-endpoints/webhook-endpoints.js';

/** What an event says, by its type. */
export type LedgerFact =
  | TenantEvent
  | ApiVersionEvent
  | ApiKeyEvent
  | WebhookEndpointEvent
  | UserEvent
  | AccountEvent
  | TransactionEvent
  | ReservationEvent
  | FeeEvent
  | LimitEvent
  | CustomerEvent
  | KycEvent
  | ErasureEvent
  | CardEvent
  | CardTransactionEvent
  | EntitlementEvent
  | FinanceSettingsEvent
  | SettlementEvent
  | LiquidityEvent
  | HealthEvent
  | ReconciliationEvent
  | PeriodEvent;

export type EventType = LedgerFact['type'];

/** What an event of this type says, also where several types share one shape. */
export type FactOf<T extends EventType> = LedgerFact extends infer E
  ? E extends { readonly type: infer U }
    ? T extends U
      ? E & { readonly type: T }
      : never
    : never
  : never;

/** Who did it and how it is answered again. Values are canonical JSON; `ip` is sealed. */
export interface EventMeta {
  readonly tenant_id: string;
  /** Set on public events: gapless per tenant, from 1. */
  readonly sequence: number | null;
  readonly actor: string;
  readonly request_id: string | null;
  readonly api_version: string | null;
  readonly ip: string | null;
  /** On the first event of a keyed command. */
  readonly idempotency: IdempotencyRecord | null;
}

export interface IdempotencyRecord {
  /** Hex: SHA-256 over plane, tenant, or operator and the tenant that the path names, and key. */
  readonly key: string;
  /** Hex: HMAC over method, path and the canonical body. */
  readonly request: string;
  /** Which answer: an operation's name of the contract. */
  readonly operation: string;
  /** How many events of the stream the command made, this one included. */
  readonly events: number;
  /** A non-atomic batch is n commands with one key: this one's place and their number. */
  readonly part: { readonly i: number; readonly n: number } | null;
}

/** An event of a tenant's stream, decoded. */
export type LedgerEvent = LedgerFact & {
  readonly revision: number;
  readonly id: Ulid;
  readonly at: Instant;
  readonly meta: EventMeta;
};

export type LedgerDraft = Draft<LedgerFact>;

/** Folds an event into the state. Throws `LedgerInconsistent` where the event can't follow what was before. */
export const evolve = (state: TenantState, event: LedgerEvent): void => {
  evolveFact(state, event);
  const before = state.head.value;
  state.head.set({
    revision: event.revision,
    at: event.at,
    lastId: event.id,
    sequence: event.meta.sequence ?? before.sequence,
  });
};

/** The fold without the stream's head: also what a batch does with the facts that it has not written yet. */
export const evolveFact = (state: TenantState, fact: LedgerFact): void => {
  // Accounts are opened before entries name them, so the slices' own folds of money-moving events come after.
  const { data } = fact;
  if ('entries' in data) {
    applyEntries(state, data.entries);
    if ('settlement_line' in data && data.settlement_line !== undefined) {
      applyLine(state, data.settlement_line, data.entries);
    }
  }
  if ('holds' in data) applyHolds(state, data.holds);
  if ('local_date' in data) {
    if (data.local_date > state.localDate.value) state.localDate.set(data.local_date);
    if ('limit_uses' in data && data.limit_uses !== undefined) applyLimitUses(state, data.limit_uses, data.local_date);
  }
  evolveSlice(state, fact);
  scheduleHold(state, fact);
};

/** A transaction is its entries; the rest of it is cold. But a refund that is taken back changes its purchase. */
const evolveTransaction = (state: TenantState, { data }: TransactionEvent): void => {
  if ('purchase' in data && data.purchase !== undefined) evolveHeld(state, data.purchase);
};

const nothing = (): void => undefined;

const SLICES: { readonly [T in EventType]: (state: TenantState, event: FactOf<T>) => void } = {
  TenantCreated: evolveTenant,
  TenantUpdated: evolveTenant,
  TenantSuspended: evolveTenant,
  TenantReactivated: evolveTenant,
  TenantDeactivated: evolveTenant,
  ApiVersionReleased: nothing,
  ApiKeyCreated: evolveApiKey,
  ApiKeyUpdated: evolveApiKey,
  ApiKeyDeleted: evolveApiKey,
  WebhookEndpointCreated: evolveWebhookEndpoint,
  // Nothing that is decided about money asks what endpoints are: they are cold.
  WebhookEndpointUpdated: nothing,
  WebhookSecretRotated: nothing,
  WebhookEndpointDisabled: nothing,
  WebhookEndpointDeleted: evolveWebhookEndpoint,
  UserInvited: evolveUser,
  InvitationResent: evolveUser,
  InvitationAccepted: evolveUser,
  UserUpdated: evolveUser,
  AccountOpened: evolveAccount,
  SystemAccountOpened: evolveAccount,
  AccountUpdated: evolveAccount,
  AccountBlocked: evolveAccount,
  AccountUnblocked: evolveAccount,
  AccountClosed: evolveAccount,
  TransactionPosted: evolveTransaction,
  TransactionFailed: evolveTransaction,
  TransactionReversed: evolveTransaction,
  FundsReserved: evolveReservation,
  ReservationCaptured: evolveReservation,
  ReservationReleased: evolveReservation,
  ReservationExpired: evolveReservation,
  FeeRulesReplaced: evolveFees,
  LimitsReplaced: evolveLimits,
  CustomerCreated: evolveCustomer,
  CustomerUpdated: evolveCustomer,
  // Cold: nothing but a decision on itself looks at a profile. What it gives its customer is an event of the customer's.
  KycSubmitted: nothing,
  KycReviewStarted: nothing,
  KycApproved: nothing,
  KycRejected: nothing,
  KycExpired: nothing,
  SubjectErased: nothing,
  EntitlementsChanged: evolveEntitlements,
  PeriodClosed: evolvePeriods,
  FinanceSettingsChanged: evolveFinanceSettings,
  SettlementOpened: evolveSettlement,
  SettlementNetted: evolveSettlement,
  SettlementCompleted: evolveSettlement,
  SettlementFailed: evolveSettlement,
  BusinessCalendarChanged: evolveSettlement,
  LiquidityBreached: evolveLiquidity,
  LiquidityRestored: evolveLiquidity,
  HealthThresholdCrossed: evolveHealth,
  HealthThresholdRestored: evolveHealth,
  // Cold: nothing but what is said of statements looks at them.
  BankStatementImported: nothing,
  BankStatementLineResolved: nothing,
  CardIssued: evolveCard,
  CardUpdated: evolveCard,
  CardStatusChanged: evolveCard,
  CardAuthorized: evolveCardTransaction,
  CardDeclined: evolveCardTransaction,
  CardAuthorizationChanged: evolveCardTransaction,
  CardAuthorizationReversed: evolveCardTransaction,
  CardAuthorizationExpired: evolveCardTransaction,
  CardTransactionPosted: evolveCardTransaction,
  CardTransactionRefunded: evolveCardTransaction,
};

// TypeScript can't see that an event's row belongs to it; the mapped type above makes sure that it does.
const evolveSlice = (state: TenantState, fact: LedgerFact): void =>
  (SLICES[fact.type] as (state: TenantState, fact: LedgerFact) => void)(state, fact);
