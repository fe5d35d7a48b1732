/**
 * Start here: every event of a tenant's ledger and the one fold. Its commands, and what decides each, are in `commands.ts`.
 *
 * Adding an event fails to compile until each table below has its row.
 */
import { evolveAccount, type AccountEvent } from './accounts/accounts.js';
import { evolveApiKey, type ApiKeyEvent } from './api-keys/api-keys.js';
import { evolveCardTransaction, evolveHeld, type CardTransactionEvent } from './card-transactions/card-transactions.js';
import { evolveCard, type CardEvent } from './cards/cards.js';
import { evolveCustomer, type CustomerEvent } from './customers/customers.js';
import type { Draft } from './decision.js';
import { evolveEntitlements, type EntitlementEvent } from './entitlements/entitlements.js';
import { applyEntries, applyHolds } from './entries.js';
import type { ErasureEvent } from './erasure/erasure.js';
import { evolveFees, type FeeEvent } from './fees/fees.js';
import { evolveFinanceSettings, type FinanceSettingsEvent } from './finance-settings/finance-settings.js';
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
import type { WebhookEndpointEvent } from './webhook-endpoints/webhook-endpoints.js';

/** What an event says, by its type. */
export type LedgerFact =
  | TenantEvent
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
  | ReconciliationEvent
  | PeriodEvent;

export type EventType = LedgerFact['type'];

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

// eslint-disable-next-line max-lines-per-function -- one case per type of event: a switch that the compiler holds total reads best whole
const evolveSlice = (state: TenantState, event: LedgerFact): void => {
  switch (event.type) {
    case 'TenantCreated':
    case 'TenantUpdated':
    case 'TenantSuspended':
    case 'TenantReactivated':
    case 'TenantDeactivated':
      return evolveTenant(state, event);
    case 'ApiKeyCreated':
    case 'ApiKeyUpdated':
    case 'ApiKeyDeleted':
      return evolveApiKey(state, event);
    case 'WebhookEndpointCreated':
    case 'WebhookEndpointUpdated':
    case 'WebhookSecretRotated':
    case 'WebhookEndpointDisabled':
    case 'WebhookEndpointDeleted':
      // Nothing that is decided about money asks for endpoints: they are cold.
      return;
    case 'UserInvited':
    case 'InvitationResent':
    case 'InvitationAccepted':
    case 'UserUpdated':
      return evolveUser(state, event);
    case 'AccountOpened':
    case 'SystemAccountOpened':
    case 'AccountUpdated':
    case 'AccountBlocked':
    case 'AccountUnblocked':
    case 'AccountClosed':
      return evolveAccount(state, event);
    case 'TransactionPosted':
    case 'TransactionFailed':
    case 'TransactionReversed':
      // A transaction is its entries; the rest of it is cold. But a refund that is taken back changes its purchase.
      if ('purchase' in event.data && event.data.purchase !== undefined) evolveHeld(state, event.data.purchase);
      return;
    case 'FundsReserved':
    case 'ReservationCaptured':
    case 'ReservationReleased':
    case 'ReservationExpired':
      return evolveReservation(state, event);
    case 'FeeRulesReplaced':
      return evolveFees(state, event);
    case 'LimitsReplaced':
      return evolveLimits(state, event);
    case 'CustomerCreated':
    case 'CustomerUpdated':
      return evolveCustomer(state, event);
    case 'KycSubmitted':
    case 'KycReviewStarted':
    case 'KycApproved':
    case 'KycRejected':
    case 'KycExpired':
    case 'SubjectErased':
      // Cold: nothing but a decision on itself looks at a profile. What it gives its customer is an event of the customer's.
      return;
    case 'EntitlementsChanged':
      return evolveEntitlements(state, event);
    case 'PeriodClosed':
      return evolvePeriods(state, event);
    case 'FinanceSettingsChanged':
      return evolveFinanceSettings(state, event);
    case 'SettlementOpened':
    case 'SettlementNetted':
    case 'SettlementCompleted':
    case 'SettlementFailed':
    case 'BusinessCalendarChanged':
      return evolveSettlement(state, event);
    case 'LiquidityBreached':
    case 'LiquidityRestored':
      return evolveLiquidity(state, event);
    case 'BankStatementImported':
    case 'BankStatementLineResolved':
      // Cold: nothing but what is said of statements looks at them.
      return;
    case 'CardIssued':
    case 'CardUpdated':
    case 'CardStatusChanged':
      return evolveCard(state, event);
    case 'CardAuthorized':
    case 'CardDeclined':
    case 'CardAuthorizationChanged':
    case 'CardAuthorizationReversed':
    case 'CardAuthorizationExpired':
    case 'CardTransactionPosted':
    case 'CardTransactionRefunded':
      return evolveCardTransaction(state, event);
  }
};
