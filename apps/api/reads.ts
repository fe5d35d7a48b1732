import type { CustomerKind } from '#domain/customers/customers.js';
import type { Moments } from './health/indicators.js';
import type { Query } from '#platform/http/call.js';
import type { FinanceReads } from './finance/finance-reads.js';

/** What can be read one by one or as a list. */
export type Collection =
  | 'accounts'
  | 'entries'
  | 'transactions'
  | 'cards'
  | 'card_transactions'
  | 'events'
  | 'api_keys'
  | 'webhook_endpoints'
  | 'deliveries'
  | 'webhook_replays'
  | 'users'
  | 'fee_rules'
  | 'limits'
  | 'customers'
  | 'kyc_submissions'
  | 'reservations'
  | 'settlements'
  | 'settlement_lines'
  | 'liquidity_snapshots'
  | 'bank_statements'
  | 'bank_statement_lines'
  | 'closed_months';

/** A resource as its renderer made it, newest version. */
export type Resource = Readonly<Record<string, unknown>>;

/** `revision`: of the tenant's stream, which the answer is true at. */
export interface One {
  readonly revision: number;
  readonly resource: Resource | null;
}

/** As the lists of the read model answer: positions are what cursors name. */
export interface Page {
  readonly data: readonly Resource[];
  /** Whether there are more in the direction that was asked. */
  readonly hasMore: boolean;
  /** Position of the last row. */
  readonly last: string | null;
}

export interface Many extends Page {
  readonly revision: number;
}

export interface Counted {
  readonly page: Page;
  /** How many there are in all. */
  readonly total: number;
  /** Null: of no tenant's stream. */
  readonly revision: number | null;
}

export interface ListRequest {
  readonly filters: Query;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** Rows behind this position, in the order that was asked for. */
  readonly startingAfter?: string | null;
  /** Rows before this one. */
  readonly endingBefore?: string | null;
  /** What to show in full beside the ids that name it. */
  readonly expand?: readonly string[];
}

/** The read model, as the API asks it. Every question is of one tenant. */
export interface Reads {
  /** Settlements and liquidity, beside their collections. */
  readonly finance: FinanceReads;
  /** How far the read model has come in a tenant's stream; −1: nothing of it. */
  revision(tenantId: string): Promise<number>;
  /** Resolves true once it has come as far as that; false where that took longer than `timeoutMs`. */
  waitFor(tenantId: string, revision: number, timeoutMs: number): Promise<boolean>;
  /** The same of something that may be long in coming, and is asked after less often; false too soon after an abort. */
  arrival(tenantId: string, revision: number, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
  /** Public events after a sequence, in order. */
  eventsAfter(tenantId: string, sequence: number, limit: number): Promise<Many>;
  one(tenantId: string, collection: Collection, id: string, expand?: readonly string[]): Promise<One>;
  list(tenantId: string, collection: Collection, request: ListRequest): Promise<Many>;
  tenant(tenantId: string): Promise<One>;
  /** The whole map of what a tenant is entitled to. */
  entitlements(tenantId: string): Promise<One>;
  /** Accounts with their number, for operators. */
  accountsCounted(tenantId: string, request: ListRequest): Promise<Counted>;
  /** Users with their number, for operators. */
  usersCounted(tenantId: string, request: ListRequest): Promise<Counted>;
  /** KYC submissions with their number, for operators. */
  kycCounted(tenantId: string, request: ListRequest): Promise<Counted>;
  /** Those of persons or businesses of the whole installation, each with its tenant's name, for operators. */
  kycProfilesCounted(kind: CustomerKind, request: ListRequest): Promise<Counted>;
  /** `at`: business time in ms, which the rate of rejections is told for. */
  kycSummary(tenantId: string, at: number): Promise<One>;
  /** What is measured of a tenant, each beside its threshold. */
  health(tenantId: string, at: Moments): Promise<One>;
  /** Tenants of the whole installation, for operators. */
  tenantsCounted(request: ListRequest): Promise<Counted>;
  /** Null: no such account. `asOf`: a time in ms (inclusive), or a revision. */
  balance(tenantId: string, accountId: string, asOf: AsOf | null): Promise<One>;
  /**
   * Null: no such account. `revision` null: the newest. Throws `Problem` where it has too many lines or a balance that is no
   * number of JSON.
   */
  statement(tenantId: string, accountId: string, period: AskedPeriod): Promise<One>;
  /** `asOf` as for a balance. */
  trialBalance(tenantId: string, asOf: AsOf | null): Promise<One>;
  /** The accounts that it is made of. */
  trialBalanceAccounts(tenantId: string, asOf: AsOf | null, request: ListRequest): Promise<Many>;
}

/** Times in ms, both included. */
export interface AskedPeriod {
  readonly from: number;
  readonly to: number;
  readonly revision: number | null;
}

export type AsOf = { readonly at: number } | { readonly revision: number };
