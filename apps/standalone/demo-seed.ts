import { NEWEST_API_VERSION } from '#contract/api-versions.js';
import { SCOPE_NAMES } from '#contract/scopes.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitTerms } from '#domain/limits/replace-limits.js';
import { TenantRegistry, type Registered } from '#engine/tenant-registry.js';
import { formatInstant } from '#domain/time.js';
import type { Installation } from '#installation/installation.js';
import { openEngine, type RunningApi } from '../api/wiring.js';
import type { CredentialsTenant } from './credentials.js';
import { DemoBook, demoKey } from './demo-book.js';

const CURRENCY = 'EUR';
const DAYS = 30;
const DAY_MS = 86_400_000;
const PEOPLE = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov'];

/** What the holders buy: name, category, town, and about how much (cents). */
const SHOPS = [
  ['Corner Grocery', '5411', 'Berlin', 4_200],
  ['Blue Door Coffee', '5814', 'Berlin', 650],
  ['City Transit', '4111', 'Berlin', 290],
  ['Paper & Ink', '5943', 'Hamburg', 1_890],
  ['Night Cinema', '7832', 'Hamburg', 1_250],
  ['Fuel Stop 24', '5541', 'Potsdam', 6_100],
] as const;

/** Business time of the demo: it begins a month ago and walks up to now, a step with each command. */
class DemoClock {
  private at: number;

  constructor(private readonly end: number) {
    this.at = end - DAYS * DAY_MS;
  }

  readonly now = (): number => this.at;

  /** To a time of day in the n-th day, never backwards and never beyond now. */
  moveTo(day: number, hour: number): void {
    const wanted = this.end - DAYS * DAY_MS + day * DAY_MS + hour * 3_600_000;
    this.at = Math.min(this.end - 1_000, Math.max(this.at + 1, wanted));
  }
}

const feeRules = (from: string) =>
  [
    {
      channel: 'funds_transfer',
      currency: CURRENCY,
      flat_amount: 25,
      percentage_rate: '0',
      min_amount: 10_000,
      max_amount: null,
      fee_floor: null,
      fee_cap: null,
      who_pays: 'customer',
      who_gets_paid: 'platform',
      effective_from: from,
    },
  ] as const;

/** What a person of a tier may move in a day and a month, and hold on one account (cents): room enough to try things out. */
const limitsOf = (kyc_level: LimitTerms['kyc_level'], daily: number): readonly LimitTerms[] => [
  { kyc_level, direction: 'outbound', window: 'daily', amount: daily },
  { kyc_level, direction: 'outbound', window: 'monthly', amount: 10 * daily },
  { kyc_level, direction: 'inbound', window: 'daily', amount: 4 * daily, max_balance: 20 * daily },
];

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** One purchase by card: every other one is authorized first and captured then, as cards do. */
const purchase = async (book: DemoBook, card_id: string, n: number): Promise<void> => {
  const [name, category_code, city, about] = pick(SHOPS, n);
  const amount = about + ((n * 37) % 400);
  const merchant = { name, category_code, city, country: 'DE' };
  if (n % 2 === 0) {
    const data = {
      card_id,
      amount,
      currency: CURRENCY,
      merchant,
      network_reference: `demo-${n}`,
      direction: 'debit',
    } as const;
    await book.run({ type: 'PostCardTransaction', data });
    return;
  }
  const asked = { card_id, amount, currency: CURRENCY, merchant, network_reference: `demo-a-${n}` };
  const held: LedgerEvent = await book.run({ type: 'AuthorizeCard', data: asked });
  if (held.type !== 'CardAuthorized') return;
  const { card_transaction_id } = held.data.card_transaction;
  await book.run({
    type: 'CaptureCardTransaction',
    data: { card_transaction_id, amount, network_reference: `demo-c-${n}` },
  });
};

const monthOfActivity = async (book: DemoBook, clock: DemoClock): Promise<void> => {
  clock.moveTo(0, 8);
  await book.run({ type: 'ReplaceFeeRules', data: { rules: feeRules(formatInstant(clock.now())) } });
  await book.run({
    type: 'ReplaceLimits',
    data: { limits: [...limitsOf('tier1', 100_000_000), ...limitsOf('tier2', 1_000_000_000)] },
  });
  const shop = await book.openAccount('Corner Grocery', 'merchant', CURRENCY);
  const accounts: string[] = [];
  const cards: string[] = [];
  for (const [i, person] of PEOPLE.entries()) {
    const customer = await book.createCustomer(person, i === 0 ? 'tier2' : 'tier1');
    const account = await book.openAccount(person, 'customer', CURRENCY, customer);
    accounts.push(account);
    cards.push(await book.activeCard(account, person));
  }
  for (let day = 0; day < DAYS; day++) {
    if (day % 15 === 0) {
      clock.moveTo(day, 9);
      for (const destination of accounts) {
        const data = {
          type: 'deposit',
          amount: 150_000,
          currency: CURRENCY,
          destination,
          narration: 'Salary',
        } as const;
        await book.run({ type: 'PostTransaction', data });
      }
    }
    for (let n = 0; n < 4; n++) {
      clock.moveTo(day, 11 + n * 2);
      await purchase(book, pick(cards, day + n), day * 4 + n);
    }
    clock.moveTo(day, 20);
    const source = pick(accounts, day);
    const rent = { type: 'transfer', channel: 'funds_transfer', amount: 12_000, currency: CURRENCY, source } as const;
    if (day % 5 === 0)
      await book.run({ type: 'PostTransaction', data: { ...rent, destination: shop, reference: `order-${day}` } });
  }
  clock.moveTo(DAYS, 0);
};

export interface DemoOptions {
  /** Tenants and keys that an earlier start made before it was killed. */
  readonly known: readonly CredentialsTenant[];
  /** Called as soon as a key exists that nobody could show a second time. */
  readonly keep: (tenants: readonly CredentialsTenant[]) => void;
  readonly signal: AbortSignal;
}

type DemoEnvironment = CredentialsTenant['environment'];

const nameOf = (environment: DemoEnvironment): string => `Demo (${environment})`;

const register = (registry: TenantRegistry, environment: DemoEnvironment, workspaceId?: string): Promise<Registered> =>
  registry.register({
    terms: {
      name: nameOf(environment),
      environment,
      workspace_id: workspaceId,
      default_currency: CURRENCY,
      timezone: 'Europe/Berlin',
      api_version: NEWEST_API_VERSION,
      partner: { name: 'Demo Partner', email: 'demo@example.com', tier: 'enterprise' },
    },
    issuer: { plane: 'system', keyId: null, entitlement: null },
    actor: 'demo',
    requestId: null,
    apiVersion: null,
    ip: null,
    idempotency: { ...demoKey(`tenant ${environment}`), operation: 'tenants.create' },
  });

/** A key that was lost with a start can't be shown again: another one is made beside it. */
const mintKey = async ({ keySecrets }: RunningApi, book: DemoBook, environment: DemoEnvironment): Promise<string> => {
  const { keyId, fullKey } = keySecrets.mint(environment);
  await keySecrets.reserve(book.tenantId, fullKey);
  const data = { key_id: keyId, name: 'Demo', scopes: SCOPE_NAMES };
  const made = await book.runAnew({ type: 'CreateApiKey', data });
  if (made.type !== 'ApiKeyCreated') throw new Error('no key was made');
  await keySecrets.settle(book.tenantId, made.data.api_key, made.revision);
  return fullKey;
};

/**
 * Makes one workspace with a live and a sandbox tenant, each with a key, a fee schedule, limits, customers, accounts, cards
 * and a month of activity that ends now. Through the engine, so the demo's stream is one like any other. Done again, it finds what is
 * there and makes what is missing.
 */
export const seedDemo = async (
  installation: Installation,
  api: RunningApi,
  { known, keep, signal }: DemoOptions,
): Promise<readonly CredentialsTenant[]> => {
  const made: CredentialsTenant[] = [];
  let workspaceId: string | undefined;
  for (const environment of ['live', 'sandbox'] as const) {
    const clock = new DemoClock(Date.now());
    // An engine of its own: its clock is the demo's. It is drained before anybody knows a key to this tenant.
    const engine = openEngine(installation, api.logger, clock);
    try {
      const registry = new TenantRegistry(installation.store, engine, installation.vault, clock);
      const tenant = await register(registry, environment, workspaceId);
      if (tenant.receipt.kind !== 'committed') throw new Error(`no tenant: ${JSON.stringify(tenant.receipt)}`);
      workspaceId = tenant.workspaceId;
      const id = tenant.tenantId;
      const book = new DemoBook(engine, id, signal);
      const kept = known.find((one) => one.id === id)?.api_key;
      const api_key = kept ?? (await mintKey(api, book, environment));
      made.push({ id, name: nameOf(environment), environment, api_key });
      keep(made);
      await monthOfActivity(book, clock);
    } finally {
      await engine.drain();
    }
  }
  return made;
};
