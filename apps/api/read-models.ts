/** The read model over its projections' queries: each question in the words of the projection that answers it. */
import type pg from 'pg';
import { NotExact } from '#contract/exact.js';
import type { TenantResource } from '#contract/resources/tenant.js';
import { spendable } from '#domain/accounts/standing.js';
import type { CustomerKind } from '#domain/customers/customers.js';
import { minor } from '#domain/money.js';
import { formatInstant } from '#domain/time.js';
import type { EventStore } from '#event-store/event-store.js';
import { TenantProgress } from '#projecting/progress.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { countAccounts, getAccount, listAccounts, trialBalance } from '#projections/accounts/accounts.queries.js';
import { getApiKey, listApiKeys } from '#projections/api-keys/api-keys.queries.js';
import { getCardTransaction, listCardTransactions } from '#projections/card-transactions/card-transactions.queries.js';
import { getCard, listCards } from '#projections/cards/cards.queries.js';
import { getCustomer, listCustomers } from '#projections/customers/customers.queries.js';
import { getEntitlements } from '#projections/entitlements/entitlements.queries.js';
import {
  balanceAtRevision,
  balanceAtTime,
  listEntries,
  trialBalanceAsOf,
} from '#projections/entries/entries.queries.js';
import { trialBalanceAccounts } from '#projections/entries/trial-balance.queries.js';
import { eventsAfter, getEvent, listEvents, type EventPlace } from '#projections/events/events.queries.js';
import { getFeeRule, listFeeRules, listFeeRulesAt } from '#projections/fee-rules/fee-rules.queries.js';
import { heldAtRevision } from '#projections/holds/holds.queries.js';
import {
  countKycProfiles,
  countKycSubmissions,
  getKycSubmission,
  kycSummary,
  listKycProfiles,
  listKycSubmissions,
} from '#projections/kyc-submissions/kyc-submissions.queries.js';
import { getLimit, listLimits } from '#projections/limits/limits.queries.js';
import { getReservation, listReservations } from '#projections/reservations/reservations.queries.js';
import { countTenants, getTenant, listTenants, tenantNames } from '#projections/tenants/tenants.queries.js';
import { traitsOf } from '#projections/tenants/traits.queries.js';
import { getTransaction, listTransactions } from '#projections/transactions/transactions.queries.js';
import { countUsers, getUser, listUsers } from '#projections/users/users.queries.js';
import { getWebhookEndpoint, listWebhookEndpoints } from '#projections/webhook-endpoints/webhook-endpoints.queries.js';
import { getDelivery, listDeliveries, sealedUrlsOf, withOpenUrls } from '#webhooks/delivery-log.js';
import { getReplay, listReplays } from '#webhooks/replays.js';
import { Problem } from '#platform/http/problem.js';
import type { Opener } from './commands.js';
import { PublicEvents } from './events/public-events-read.js';
import { expanded } from './expanded.js';
import { FINANCE_QUERIES, PostgresFinanceReads, type FinanceReads } from './finance/finance-reads.js';
import type { Moments } from './health/indicators.js';
import { measuredHealth } from './health/measured-health.js';
import { readStatement } from './statements/statement-reads.js';
import { accountsQuery, kycQuery, paging, transactionsQuery, type Values } from './list-queries.js';
import type { AskedPeriod, AsOf, Collection, Counted, ListRequest, Many, One, Reads, Resource } from './reads.js';
import type { TenantTraits, TraitsSource } from './tenant-traits.js';

export interface ReadModelSources {
  readonly pools: {
    /** Rows of one tenant at a time. */
    readonly app: pg.Pool;
    /** Rows of all tenants: for operators. */
    readonly engine: pg.Pool;
  };
  readonly store: EventStore;
  readonly vault: Opener;
}

type Listed = { readonly data: readonly object[]; readonly hasMore: boolean; readonly last: string | null };

/** What each collection is asked with. Events are rendered from the stream, and so are asked for apart. */
const QUERIES: Readonly<
  Record<
    Exclude<Collection, 'events'>,
    {
      readonly one: (session: TenantSession, id: string) => Promise<object | null>;
      readonly list: (session: TenantSession, request: ListRequest) => Promise<Listed>;
    }
  >
> = {
  ...FINANCE_QUERIES,
  accounts: {
    one: getAccount,
    list: (session, request) => listAccounts(session, { ...paging(request), ...accountsQuery(request.filters) }),
  },
  entries: {
    one: () => Promise.reject(new TypeError('entries are not asked for one by one')),
    list: (session, request) => {
      const { direction, transaction_id, from, to } = request.filters as Values;
      const accountId = request.filters.account_id as string;
      return listEntries(session, {
        ...paging(request),
        accountId,
        direction,
        transactionId: transaction_id,
        from,
        to,
      });
    },
  },
  transactions: {
    one: getTransaction,
    list: (session, request) =>
      listTransactions(session, { ...paging(request), ...transactionsQuery(request.filters) }),
  },
  reservations: {
    one: getReservation,
    list: (session, request) => {
      const { account_id, status, reference, from, to } = request.filters as Values;
      return listReservations(session, { ...paging(request), accountId: account_id, status, reference, from, to });
    },
  },
  cards: {
    one: getCard,
    list: (session, request) => {
      const { account_id, status, type } = request.filters as Values;
      return listCards(session, { ...paging(request), accountId: account_id, status, type });
    },
  },
  card_transactions: {
    one: getCardTransaction,
    list: (session, request) => {
      const { card_id, account_id, status, from, to } = request.filters as Values;
      return listCardTransactions(session, {
        ...paging(request),
        cardId: card_id,
        accountId: account_id,
        status,
        from,
        to,
      });
    },
  },
  api_keys: {
    one: getApiKey,
    list: (session, request) =>
      listApiKeys(session, { ...paging(request), isActive: (request.filters as Values).is_active }),
  },
  webhook_endpoints: {
    one: getWebhookEndpoint,
    list: (session, request) =>
      listWebhookEndpoints(session, { ...paging(request), status: (request.filters as Values).status }),
  },
  deliveries: {
    one: getDelivery,
    list: (session, request) => {
      const { endpoint_id, status, event_type, event_id, replay_id } = request.filters as Values;
      return listDeliveries(session, {
        ...paging(request),
        endpointId: endpoint_id,
        status,
        eventType: event_type,
        eventId: event_id,
        replayId: replay_id,
      });
    },
  },
  webhook_replays: {
    one: getReplay,
    list: (session, request) =>
      listReplays(session, { ...paging(request), endpointId: (request.filters as Values).endpoint_id }),
  },
  customers: {
    one: getCustomer,
    list: (session, request) => {
      const { kind, kyc_tier, email, from, to } = request.filters as Values;
      return listCustomers(session, { ...paging(request), kind, kycTier: kyc_tier, email, from, to });
    },
  },
  kyc_submissions: {
    one: getKycSubmission,
    list: (session, request) => listKycSubmissions(session, { ...paging(request), ...kycQuery(request.filters) }),
  },
  limits: {
    one: getLimit,
    list: async (session) => ({ data: await listLimits(session), hasMore: false, last: null }),
  },
  users: {
    one: getUser,
    list: (session, request) => {
      const { role, status } = request.filters as Values;
      return listUsers(session, { ...paging(request), role, status });
    },
  },
  fee_rules: {
    one: getFeeRule,
    list: async (session, request) => {
      const { as_of } = request.filters as Values;
      const data = as_of === undefined ? await listFeeRules(session) : await listFeeRulesAt(session, as_of);
      return { data, hasMore: false, last: null };
    },
  },
};

/** Who follows events is told of one within about this time. */
const ARRIVALS_EVERY_MS = 50;

class PostgresReads implements Reads, TraitsSource {
  readonly finance: FinanceReads;
  private readonly app: pg.Pool;
  private readonly events: PublicEvents;
  private readonly progress: TenantProgress;
  private readonly arrivals: TenantProgress;

  constructor(private readonly from: ReadModelSources) {
    this.app = from.pools.app;
    this.finance = new PostgresFinanceReads(from.pools.app);
    this.progress = new TenantProgress(from.pools.engine);
    this.arrivals = new TenantProgress(from.pools.engine, ARRIVALS_EVERY_MS);
    this.events = new PublicEvents(from.store, from.vault);
  }

  revision(tenantId: string): Promise<number> {
    return this.progress.revision(tenantId);
  }

  waitFor(tenantId: string, revision: number, timeoutMs: number): Promise<boolean> {
    return this.progress.waitFor(tenantId, revision, timeoutMs);
  }

  arrival(tenantId: string, revision: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.arrivals.waitFor(tenantId, revision, timeoutMs, signal);
  }

  async one(tenantId: string, collection: Collection, id: string, expand: readonly string[] = []): Promise<One> {
    if (collection === 'events') {
      const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
        place: await getEvent(session, id),
        tenant: await getTenant(session),
      }));
      const [told] = data.place === null ? [] : await this.events.at(tenantId, data.tenant, [data.place.revision]);
      return { revision, resource: told ?? null };
    }
    if (collection === 'deliveries') return this.delivery(tenantId, id);
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => {
      const found = await QUERIES[collection].one(session, id);
      const [shown] = found === null ? [] : await expanded(session, [found as Resource], expand);
      return shown ?? null;
    });
    return { revision, resource: data };
  }

  private async delivery(tenantId: string, id: string): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) => getDelivery(session, id));
    if (data === null) return { revision, resource: null };
    const open = await this.from.vault.opener(tenantId, sealedUrlsOf(data));
    return { revision, resource: withOpenUrls(data, open) as unknown as Resource };
  }

  async list(tenantId: string, collection: Collection, request: ListRequest): Promise<Many> {
    if (collection === 'events') return this.listEvents(tenantId, request);
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => {
      const page = await QUERIES[collection].list(session, request);
      return { ...page, data: await expanded(session, page.data as readonly Resource[], request.expand ?? []) };
    });
    return { revision, ...data };
  }

  async tenant(tenantId: string): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, getTenant);
    return { revision, resource: data as unknown as Resource | null };
  }

  async entitlements(tenantId: string): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, getEntitlements);
    return { revision, resource: data as unknown as Resource };
  }

  traits(tenantIds: readonly string[]): Promise<Map<string, TenantTraits>> {
    return traitsOf(this.from.pools.engine, tenantIds);
  }

  async accountsCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const filters = accountsQuery(request.filters);
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      page: await listAccounts(session, { ...paging(request), ...filters }),
      total: await countAccounts(session, filters),
    }));
    return { revision, total: data.total, page: data.page as unknown as Counted['page'] };
  }

  async usersCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const { role, status } = request.filters as Values;
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      page: await listUsers(session, { ...paging(request), role, status }),
      total: await countUsers(session, { role, status }),
    }));
    return { revision, total: data.total, page: data.page as unknown as Counted['page'] };
  }

  async kycCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const filters = kycQuery(request.filters);
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      page: await listKycSubmissions(session, { ...paging(request), ...filters }),
      total: await countKycSubmissions(session, filters),
    }));
    return { revision, total: data.total, page: data.page as unknown as Counted['page'] };
  }

  async kycProfilesCounted(kind: CustomerKind, request: ListRequest): Promise<Counted> {
    const filters = { ...kycQuery(request.filters), kind };
    const pool = this.from.pools.engine;
    const [page, total] = await Promise.all([
      listKycProfiles(pool, { ...paging(request), ...filters }),
      countKycProfiles(pool, filters),
    ]);
    const names = await tenantNames(pool, [...new Set(page.data.map(({ tenant_id }) => tenant_id))]);
    const data = page.data.map((one) => ({ ...one, tenant_name: names.get(one.tenant_id) ?? null }));
    return { revision: null, total, page: { ...page, data } };
  }

  async health(tenantId: string, at: Moments): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, async (session) =>
      (await getTenant(session)) === null ? null : measuredHealth(session, at),
    );
    return { revision, resource: data as unknown as Resource | null };
  }

  async kycSummary(tenantId: string, at: number): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) => kycSummary(session, at));
    return { revision, resource: data as unknown as Resource };
  }

  async tenantsCounted(request: ListRequest): Promise<Counted> {
    const { status, tier, environment, workspace_id, q } = request.filters as Values;
    const filters = { status, tier, environment, workspaceId: workspace_id, containing: q };
    const pool = this.from.pools.engine;
    const [page, total] = await Promise.all([
      listTenants(pool, { ...paging(request), ...filters }),
      countTenants(pool, filters),
    ]);
    return { revision: null, total, page: page as unknown as Counted['page'] };
  }

  async balance(tenantId: string, accountId: string, asOf: AsOf | null): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => {
      const account = await getAccount(session, accountId);
      if (account === null) return null;
      const { currency, normal_side, balance, held, available_balance } = account;
      const shown = { object: 'balance', account_id: accountId, currency };
      if (asOf === null) return { ...shown, balance, held, available_balance, as_of: null };
      if ('revision' in asOf)
        return { ...shown, ...(await standingAt(session, accountId, asOf.revision)), as_of: null };
      const then = await orNotExact(balanceAtTime(session, { id: accountId, normal_side }, asOf.at));
      if (then instanceof NotExact) return then;
      // Holds have no time of their own: only the order of the stream says what was held (DECISIONS 20).
      return { ...shown, balance: then, held: null, available_balance: null, as_of: formatInstant(asOf.at) };
    });
    if (data instanceof NotExact) throw new Problem('out_of_range', { param: 'as_of', message: BALANCE_NOT_EXACT });
    const trueAt = asOf !== null && 'revision' in asOf ? asOf.revision : revision;
    return { revision, resource: data === null ? null : { ...data, revision: trueAt } };
  }

  statement(tenantId: string, accountId: string, period: AskedPeriod): Promise<One> {
    return readStatement(this.app, tenantId, accountId, period);
  }

  async trialBalance(tenantId: string, asOf: AsOf | null): Promise<One> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) =>
      orNotExact(asOf === null ? trialBalance(session) : trialBalanceAsOf(session, asOf)),
    );
    if (data instanceof NotExact) throw new Problem('amount_out_of_range', { message: SUMS_NOT_EXACT });
    const as_of = asOf !== null && 'at' in asOf ? formatInstant(asOf.at) : null;
    const trueAt = asOf !== null && 'revision' in asOf ? asOf.revision : revision;
    return { revision, resource: { object: 'trial_balance', as_of, revision: trueAt, data } };
  }

  async trialBalanceAccounts(tenantId: string, asOf: AsOf | null, request: ListRequest): Promise<Many> {
    const { revision, data } = await withTenant(this.app, tenantId, (session) =>
      orNotExact(trialBalanceAccounts(session, asOf, paging(request))),
    );
    if (data instanceof NotExact) throw new Problem('amount_out_of_range', { message: SUMS_NOT_EXACT });
    return { revision, data: data.data as unknown as readonly Resource[], hasMore: data.hasMore, last: data.last };
  }

  private async listEvents(tenantId: string, request: ListRequest): Promise<Many> {
    const { type, resource_id, from, to } = request.filters as Values;
    const query = { ...paging(request), type, resourceId: resource_id, from, to };
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      page: await listEvents(session, query),
      tenant: await getTenant(session),
    }));
    const { page, tenant } = data;
    const told = await this.told(tenantId, tenant, page.data);
    return { revision, data: told, hasMore: page.hasMore, last: page.last };
  }

  async eventsAfter(tenantId: string, sequence: number, limit: number): Promise<Many> {
    const { revision, data } = await withTenant(this.app, tenantId, async (session) => ({
      places: await eventsAfter(session, sequence, limit + 1),
      tenant: await getTenant(session),
    }));
    const places = data.places.slice(0, limit);
    const told = await this.told(tenantId, data.tenant, places);
    return { revision, data: told, hasMore: data.places.length > limit, last: places.at(-1)?.id ?? null };
  }

  private told(tenantId: string, tenant: TenantResource | null, places: readonly EventPlace[]): Promise<Resource[]> {
    const revisions = places.map(({ revision }) => revision);
    return this.events.at(tenantId, tenant, revisions);
  }
}

const BALANCE_NOT_EXACT = 'At as_of the balance leaves the range of amounts, ±(2^53 − 1) minor units.';
const SUMS_NOT_EXACT =
  'The debits or credits of a currency add up to more than 2^53 − 1 minor units, the largest number that an answer holds exactly. ' +
  'Each account’s balance can still be read.';

/** That an answer can't be told is an answer like others: the session's connection need not be given up for it. */
const orNotExact = async <T>(read: Promise<T>): Promise<T | NotExact> => {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NotExact) return error;
    throw error;
  }
};

/** All of a balance, after the event at a revision. */
const standingAt = async (
  session: TenantSession,
  accountId: string,
  revision: number,
): Promise<{ readonly balance: number; readonly held: number; readonly available_balance: number }> => {
  const balance = await balanceAtRevision(session, accountId, revision);
  const { held, overdraftLimit } = await heldAtRevision(session, accountId, revision);
  return { balance, held, available_balance: spendable(minor(balance), minor(held), minor(overdraftLimit)) };
};

export const readModels = (sources: ReadModelSources): Reads & TraitsSource => new PostgresReads(sources);
