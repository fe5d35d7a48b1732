/** The read model as a fold in memory, by the same renderers: for specs that need no database. */
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { EntitlementMap } from '#domain/entitlements/entitlements.js';
import { KYC_STATUSES } from '#domain/kyc/kyc.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { publicType, renderPublicEvent } from '#contract/public-events.js';
import { renderEntry, renderEntryLine, type EntryResource } from '#contract/resources/entry.js';
import { renderCustomer, type CustomerResource } from '#contract/resources/customer.js';
import { renderEntitlements } from '#contract/resources/entitlements.js';
import { renderFeeRule } from '#contract/resources/fee-rule.js';
import { renderKycSubmission } from '#contract/resources/kyc-submission.js';
import { renderLimit } from '#contract/resources/limit.js';
import { renderStatement } from '#contract/resources/statement.js';
import { restandAccount, renderAccount, type AccountResource } from '#contract/resources/account.js';
import { renderApiKey } from '#contract/resources/api-key.js';
import { renderCardTransaction } from '#contract/resources/card-transaction.js';
import { renderCard } from '#contract/resources/card.js';
import { renderReservation } from '#contract/resources/reservation.js';
import { renderTenant, type TenantResource } from '#contract/resources/tenant.js';
import { renderTransaction } from '#contract/resources/transaction.js';
import { renderUser } from '#contract/resources/user.js';
import { renderWebhookEndpoint } from '#contract/resources/webhook-endpoint.js';
import type { Open } from '#contract/resources/personal.js';
import type { EventStore } from '#event-store/event-store.js';
import type { QueryValue } from '#contract/query-parameters.js';
import type { Opener } from './commands.js';
import { foldSettlements, MemoryFinanceReads } from './finance/spec-finance-reads.js';
import { sealedTextsIn } from './personal-texts.js';
import type { TenantTraits } from './tenant-traits.js';
import type { AskedPeriod, AsOf, Collection, Counted, ListRequest, Many, One, Page, Reads, Resource } from './reads.js';

interface Row {
  readonly position: string;
  readonly resource: Resource;
}

interface Book {
  revision: number;
  readonly rows: Map<Collection, Map<string, Resource>>;
  tenant: TenantResource | null;
  entitlements: { readonly map: EntitlementMap; readonly at: number };
}

const COLLECTIONS: readonly Collection[] = [
  'accounts',
  'entries',
  'transactions',
  'cards',
  'card_transactions',
  'events',
  'api_keys',
  'users',
  'webhook_endpoints',
  'deliveries',
  'webhook_replays',
  'fee_rules',
  'limits',
  'customers',
  'kyc_submissions',
  'reservations',
  'settlements',
  'settlement_lines',
  'liquidity_snapshots',
  'bank_statements',
  'bank_statement_lines',
  'closed_months',
];

const holds = (resource: Resource, name: string, wanted: QueryValue): boolean => {
  const created = Date.parse(resource.created_at as string);
  if (name === 'as_of') return created <= Number(wanted);
  if (name === 'from') return created >= Number(wanted);
  if (name === 'to') return created <= Number(wanted);
  if (name === 'amount[gte]') return (resource.amount as number) >= Number(wanted);
  if (name === 'amount[lte]') return (resource.amount as number) <= Number(wanted);
  if (name === 'account')
    return (resource.entries as { account_id: string }[]).some(({ account_id }) => account_id === wanted);
  if (name === 'q') return JSON.stringify(resource).toLowerCase().includes(String(wanted).toLowerCase());
  const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
  if (key !== undefined) return (resource.metadata as Record<string, unknown>)[key] === wanted;
  return resource[name] === wanted;
};

export class MemoryReads implements Reads {
  private readonly books = new Map<string, Book>();
  /** Revisions beyond this are not read yet: a projector that lags. */
  upTo = Infinity;
  readonly finance = new MemoryFinanceReads(
    (tenantId) => this.eventsOf(tenantId),
    (tenantId, request) => this.list(tenantId, 'settlements', request),
    async (tenantId, id) => (await this.one(tenantId, 'transactions', id)).resource,
  );

  constructor(
    private readonly store: EventStore,
    private readonly vault: Opener,
    private readonly tenantIds: () => readonly string[],
  ) {}

  async revision(tenantId: string): Promise<number> {
    return (await this.book(tenantId)).revision;
  }

  async waitFor(tenantId: string, revision: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while ((await this.revision(tenantId)) < revision) {
      if (performance.now() > until || signal?.aborted === true) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return true;
  }

  arrival(tenantId: string, revision: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.waitFor(tenantId, revision, timeoutMs, signal);
  }

  async eventsAfter(tenantId: string, sequence: number, limit: number): Promise<Many> {
    const { revision, rows } = await this.book(tenantId);
    const after = [...(rows.get('events') as Map<string, Resource>).values()].filter(
      (event) => (event.sequence as number) > sequence,
    );
    const data = after.slice(0, limit);
    return { revision, data, hasMore: after.length > limit, last: (data.at(-1)?.id as string | undefined) ?? null };
  }

  async one(tenantId: string, collection: Collection, id: string): Promise<One> {
    const book = await this.book(tenantId);
    if (collection === 'liquidity_snapshots') {
      return { revision: book.revision, resource: await this.finance.snapshot(tenantId, id) };
    }
    return { revision: book.revision, resource: book.rows.get(collection)?.get(id) ?? null };
  }

  async list(tenantId: string, collection: Collection, request: ListRequest): Promise<Many> {
    const book = await this.book(tenantId);
    const all = [...(book.rows.get(collection) as Map<string, Resource>)].map(([position, resource]) => ({
      position,
      resource,
    }));
    return { revision: book.revision, ...paged(all, request).page };
  }

  async entitlements(tenantId: string): Promise<One> {
    const { revision, entitlements } = await this.book(tenantId);
    return { revision, resource: renderEntitlements(entitlements.map, { tenantId }) as unknown as Resource };
  }

  async traits(tenantIds: readonly string[]): Promise<Map<string, TenantTraits>> {
    const known = tenantIds.map(async (id): Promise<[string, TenantTraits]> => {
      const { entitlements } = await this.book(id);
      const { map, at } = entitlements;
      return [id, { apiVersion: NEWEST_API_VERSION, tier: null, environment: null, entitlements: map, entitledAt: at }];
    });
    return new Map(await Promise.all(known));
  }

  async tenant(tenantId: string): Promise<One> {
    const { revision, tenant } = await this.book(tenantId);
    return { revision, resource: tenant as unknown as Resource };
  }

  async accountsCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const book = await this.book(tenantId);
    const all = [...(book.rows.get('accounts') as Map<string, Resource>)].map(([position, resource]) => ({
      position,
      resource,
    }));
    return { revision: book.revision, ...paged(all, request) };
  }

  async usersCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const book = await this.book(tenantId);
    const all = [...(book.rows.get('users') as Map<string, Resource>)].map(([position, resource]) => ({
      position,
      resource,
    }));
    return { revision: book.revision, ...paged(all, request) };
  }

  async kycCounted(tenantId: string, request: ListRequest): Promise<Counted> {
    const book = await this.book(tenantId);
    const all = [...(book.rows.get('kyc_submissions') as Map<string, Resource>)];
    return {
      revision: book.revision,
      ...paged(
        all.map(([position, resource]) => ({ position, resource })),
        request,
      ),
    };
  }

  async kycProfilesCounted(kind: string, { filters, ...paging }: ListRequest): Promise<Counted> {
    const rows: Row[] = [];
    for (const id of this.tenantIds()) {
      const { rows: all, tenant } = await this.book(id);
      for (const [position, one] of all.get('kyc_submissions') as Map<string, Resource>) {
        rows.push({ position, resource: { ...one, tenant_name: tenant?.name ?? null } });
      }
    }
    return { revision: null, ...paged(rows, { ...paging, filters: { ...filters, kind } }) };
  }

  async health(tenantId: string): Promise<One> {
    const { revision, resource } = await this.tenant(tenantId);
    const measured_at = new Date().toISOString();
    const health = { object: 'tenant_health', tenant_id: tenantId, status: 'ok', measured_at, indicators: [] };
    return { revision, resource: resource && health };
  }

  async kycSummary(tenantId: string): Promise<One> {
    const { revision, rows } = await this.book(tenantId);
    const counts = Object.fromEntries(KYC_STATUSES.map((status) => [status, 0]));
    for (const { status } of (rows.get('kyc_submissions') as Map<string, Resource>).values()) {
      counts[status as string] = (counts[status as string] ?? 0) + 1;
    }
    const resource = { object: 'kyc_summary', tenant_id: tenantId, counts, rejection_rate: null, updated_at: null };
    return { revision, resource };
  }

  async tenantsCounted(request: ListRequest): Promise<Counted> {
    const rows: Row[] = [];
    for (const id of this.tenantIds()) {
      const { resource } = await this.tenant(id);
      if (resource) rows.push({ position: id, resource });
    }
    return { revision: null, ...paged(rows, request) };
  }

  async balance(tenantId: string, accountId: string, _asOf: AsOf | null): Promise<One> {
    const { revision, resource } = await this.one(tenantId, 'accounts', accountId);
    if (resource === null) return { revision, resource };
    const { currency, balance, held, available_balance } = resource as unknown as AccountResource;
    return {
      revision,
      resource: {
        object: 'balance',
        account_id: accountId,
        currency,
        balance,
        held,
        available_balance,
        as_of: null,
        revision,
      },
    };
  }

  async statement(tenantId: string, accountId: string, { from, to, revision: asked }: AskedPeriod): Promise<One> {
    const book = await this.book(tenantId);
    const account = book.rows.get('accounts')?.get(accountId) as unknown as AccountResource | undefined;
    if (account === undefined) return { revision: book.revision, resource: null };
    const revision = asked ?? book.revision;
    const entries = [...(book.rows.get('entries') ?? new Map<string, Resource>()).values()]
      .map((one) => one as unknown as EntryResource)
      .filter((one) => one.account_id === accountId && one.revision <= revision)
      .sort((a, b) => Date.parse(a.effective_at) - Date.parse(b.effective_at) || a.revision - b.revision);
    const signed = ({ direction, amount }: EntryResource): bigint =>
      direction === account.normal_side ? BigInt(amount) : -BigInt(amount);
    const before = entries.filter((one) => Date.parse(one.effective_at) < from);
    const opening = before.reduce((sum, one) => sum + signed(one), 0n);
    const within = entries.filter((one) => Date.parse(one.effective_at) >= from && Date.parse(one.effective_at) <= to);
    const lines = within.map((one) => ({
      index: 0,
      transactionId: one.transaction_id as string,
      type: null,
      reference: null,
      narration: null,
      effectiveAt: Date.parse(one.effective_at),
      recordedAt: Date.parse(one.created_at),
      direction: one.direction,
      amount: one.amount,
    }));
    const resource = renderStatement(tenantId, account, { from, to, revision }, opening, lines);
    return { revision: book.revision, resource: resource as unknown as Resource };
  }

  async trialBalance(tenantId: string): Promise<One> {
    const { revision } = await this.book(tenantId);
    return { revision, resource: { object: 'trial_balance', as_of: null, revision, data: [] } };
  }

  private async eventsOf(tenantId: string): Promise<readonly LedgerEvent[]> {
    const events: LedgerEvent[] = [];
    for await (const page of this.store.read(ledgerStream(tenantId), 0)) {
      for (const { payload } of page) events.push(decodeEvent(Buffer.from(payload).toString()));
    }
    return events;
  }

  async trialBalanceAccounts(tenantId: string): Promise<Many> {
    const { revision } = await this.book(tenantId);
    return { revision, data: [], hasMore: false, last: null };
  }

  private async book(tenantId: string): Promise<Book> {
    let book = this.books.get(tenantId);
    if (!book) {
      book = {
        revision: -1,
        rows: new Map(COLLECTIONS.map((name) => [name, new Map<string, Resource>()])),
        tenant: null,
        entitlements: { map: {}, at: -1 },
      };
      this.books.set(tenantId, book);
    }
    for await (const page of this.store.read(ledgerStream(tenantId), book.revision + 1)) {
      for (const { payload, revision } of page) {
        if (revision > this.upTo || revision <= book.revision) continue;
        book.revision = revision;
        await this.fold(tenantId, book, decodeEvent(Buffer.from(payload).toString()));
      }
    }
    return book;
  }

  private async fold(tenantId: string, book: Book, event: LedgerEvent): Promise<void> {
    const open = await this.vault.opener(tenantId, sealedTextsIn(event.data));
    const { data } = event;
    if ('account' in data) {
      put(book, 'accounts', data.account.account_id, renderAccount(data.account, { updatedAt: event.at }, open));
    }
    if ('entries' in data) foldEntries(book, event, open);
    if ('transaction' in data) {
      const entries = 'entries' in data ? data.entries : [];
      const recorded = { eventId: event.id, revision: event.revision, at: event.at };
      put(
        book,
        'transactions',
        data.transaction.transaction_id,
        renderTransaction(data.transaction, entries, recorded, open),
      );
    }
    if ('holds' in data) {
      for (const { account_id, held_after: held } of data.holds) {
        const account = book.rows.get('accounts')?.get(account_id) as unknown as AccountResource;
        put(book, 'accounts', account_id, restandAccount(account, { held }));
      }
    }
    foldSettlements(book.rows, event, open);
    if ('reservation' in data) {
      const rendered = renderReservation(data.reservation, { updatedAt: event.at }, open);
      put(book, 'reservations', rendered.id, rendered);
    }
    const purchase =
      'card_transaction' in data ? data.card_transaction : 'purchase' in data ? data.purchase : undefined;
    if (purchase !== undefined) {
      const rendered = renderCardTransaction(purchase, { updatedAt: event.at }, open);
      put(book, 'card_transactions', rendered.id, rendered);
    }
    if ('card' in data) put(book, 'cards', data.card.card_id, renderCard(data.card, { updatedAt: event.at }, open));
    if ('user' in data)
      put(book, 'users', data.user.user_id, renderUser(data.user, { tenantId, updatedAt: event.at }, open));
    if (event.type === 'WebhookEndpointDeleted')
      book.rows.get('webhook_endpoints')?.delete(event.data.webhook_endpoint.endpoint_id);
    else if ('webhook_endpoint' in data) {
      const told = renderWebhookEndpoint(data.webhook_endpoint, { tenantId, updatedAt: event.at }, open);
      const secret_masked = data.webhook_endpoint.secrets[0]?.secret_id ?? null;
      put(book, 'webhook_endpoints', told.id, { ...told, secret_masked });
    }
    if (event.type === 'ApiKeyDeleted') book.rows.get('api_keys')?.delete(event.data.api_key.key_id);
    else if ('api_key' in data)
      put(book, 'api_keys', data.api_key.key_id, renderApiKey(data.api_key, { tenantId, updatedAt: event.at }, open));
    if (event.type === 'EntitlementsChanged') book.entitlements = { map: event.data.entitlements, at: event.revision };
    if ('tenant' in data) book.tenant = renderTenant(data.tenant, { updatedAt: event.at }, open);
    if (event.type === 'LimitsReplaced') {
      book.rows.get('limits')?.clear();
      for (const rule of event.data.limits) {
        put(book, 'limits', rule.limit_id, renderLimit(rule, { tenantId, updatedAt: event.at }));
      }
    }
    if ('customer' in data) foldCustomer(book, renderCustomer(data.customer, { updatedAt: event.at }, open));
    if ('kyc_submission' in data) {
      const told = renderKycSubmission(data.kyc_submission, { tenantId, updatedAt: event.at }, open);
      put(book, 'kyc_submissions', told.id, told);
    }
    if ('rules' in data) {
      book.rows.get('fee_rules')?.clear();
      for (const rule of data.rules) put(book, 'fee_rules', rule.rule_id, renderFeeRule(rule, { tenantId }));
    }
    if (publicType(event) !== null) {
      const terms = { liveMode: book.tenant?.environment === 'live', apiVersion: NEWEST_API_VERSION };
      const told = renderPublicEvent(event, terms, open);
      put(book, 'events', told.id, told);
    }
  }
}

const put = (book: Book, collection: Collection, id: string, resource: object): void => {
  book.rows.get(collection)?.set(id, resource as Resource);
};

const foldCustomer = (book: Book, customer: CustomerResource): void => {
  put(book, 'customers', customer.id, customer);
  for (const [id, account] of book.rows.get('accounts') as Map<string, Resource>) {
    if (account.customer_id === customer.id) put(book, 'accounts', id, { ...account, kyc_tier: customer.kyc_tier });
  }
};

const foldEntries = (book: Book, event: LedgerEvent, _open: Open): void => {
  const { data } = event;
  if (!('entries' in data)) return;
  for (const [i, entry] of data.entries.entries()) {
    const line = renderEntryLine(entry, event.id, i);
    const { transaction_id, effective_at } = data.transaction;
    put(book, 'entries', line.id, renderEntry(line, { transaction_id, effective_at, revision: event.revision }));
    const account = book.rows.get('accounts')?.get(entry.account_id) as unknown as AccountResource;
    put(book, 'accounts', account.id, restandAccount(account, { balance: entry.balance_after }));
  }
};

const paged = (all: readonly Row[], request: ListRequest): { page: Page; total: number } => {
  const { filters, limit, order, startingAfter, endingBefore } = request;
  const wanted = all.filter(({ resource }) =>
    Object.entries(filters).every(([name, value]) => holds(resource, name, value)),
  );
  wanted.sort((a, b) => (a.position < b.position === (order === 'asc') ? -1 : 1));
  const total = wanted.length;
  if (endingBefore) {
    const before = wanted.slice(
      0,
      wanted.findIndex(({ position }) => position === endingBefore),
    );
    return { page: pageOf(before.slice(-limit), before.length > limit), total };
  }
  const from = startingAfter ? wanted.findIndex(({ position }) => position === startingAfter) + 1 : 0;
  return { page: pageOf(wanted.slice(from, from + limit), wanted.length > from + limit), total };
};

const pageOf = (rows: readonly Row[], hasMore: boolean): Page => ({
  data: rows.map(({ resource }) => resource),
  hasMore,
  last: rows.at(-1)?.position ?? null,
});
