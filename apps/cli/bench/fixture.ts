import { randomUUID } from 'node:crypto';
import { KYC_TIERS, LIMIT_DIRECTIONS, LIMIT_WINDOWS } from '#domain/limits/limits.js';

/** A tenant as its own server knows it. */
export interface Book {
  readonly key: string;
  readonly accounts: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const SCOPES = [
  'accounts:read',
  'accounts:write',
  'transactions:read',
  'transactions:write',
  'cards:read',
  'cards:write',
  'webhooks:manage',
];
export const CURRENCY = 'EUR';
const PLENTY = 1_000_000_000_000;
/** No load comes near it: nothing that is measured is refused. */
const MOST = 1_000 * PLENTY;

/** Two rows of limits for each tier and direction, each with a bound of the balance. */
const LIMITS = KYC_TIERS.flatMap((kyc_level) =>
  LIMIT_DIRECTIONS.flatMap((direction) =>
    LIMIT_WINDOWS.map((window) => ({
      kyc_level,
      direction,
      window,
      amount: MOST,
      max_balance: MOST,
      currency: CURRENCY,
    })),
  ),
);

/** What transfers name and what cards' purchases are by themselves; other channels have no rule, and so no fee. */
export const CHARGED_CHANNEL = 'funds_transfer';
export const FREE_CHANNEL = 'va_payment';
const FEE_RULES = [CHARGED_CHANNEL, 'pos_card_present', 'pos_nfc_card', 'va_wallet_funding'].flatMap((channel) =>
  ['NGN', CURRENCY].map((currency) => ({
    channel,
    currency,
    flat_amount: 1,
    percentage_rate: '0.015',
    fee_cap: 2_000,
    who_pays: 'customer',
  })),
);

/** The product under test, as an operator and as a tenant's server call it. */
export class Installation {
  constructor(
    readonly baseUrl: string,
    private readonly adminToken: string,
  ) {}

  async call(method: string, path: string, credential: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.status >= 300)
      throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return { status: response.status, body: answer };
  }

  /** A tenant with a key that may do all that the benchmark does. */
  async createTenant(name: string): Promise<{ id: string; key: string }> {
    const partner = { name: 'Bench', email: 'bench@example.com', tier: 'enterprise' };
    const body = { name, default_currency: CURRENCY, partner };
    const tenant = await this.call('POST', '/api/v1/admin/tenants', this.adminToken, body);
    const id = tenant.body['id'] as string;
    const key = await this.call('POST', `/api/v1/admin/tenants/${id}/api-keys`, this.adminToken, {
      prefix: 'prod',
      scopes: SCOPES,
    });
    return { id, key: key.body['full_key'] as string };
  }

  /** Limits for every tier, fee rules and a bound on single transactions, none of which refuses what is measured. */
  async configure(tenant: string): Promise<void> {
    const path = `/api/v1/admin/tenants/${tenant}`;
    await this.call('PUT', `${path}/limits`, this.adminToken, { limits: LIMITS });
    await this.call('PUT', `${path}/fees`, this.adminToken, { rules: FEE_RULES });
    await this.call('PATCH', `${path}/entitlements`, this.adminToken, {
      entitlements: {
        'transactions.write': { enabled: true, config: { max_single_transaction: { [CURRENCY]: MOST } } },
      },
    });
  }

  async openAccounts(key: string, count: number): Promise<string[]> {
    const ids: string[] = new Array<string>(count);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < count; i = next++) {
        const answer = await this.call('POST', '/v1/accounts', key, {
          account_name: `Account ${i}`,
          wallet_type: 'customer',
          currency: CURRENCY,
        });
        ids[i] = answer.body['id'] as string;
      }
    };
    await Promise.all(Array.from({ length: 32 }, lane));
    return ids;
  }

  /** Gives each account more than the benchmark can spend. */
  async fund(key: string, accounts: readonly string[]): Promise<void> {
    for (let at = 0; at < accounts.length; at += 100) {
      const transactions = accounts.slice(at, at + 100).map((destination) => ({
        type: 'deposit',
        amount: PLENTY,
        currency: CURRENCY,
        destination,
      }));
      await this.call('POST', '/v1/transactions/batch', key, { transactions, atomic: true });
    }
  }

  /** Waits until the read models hold everything that was written before, to whichever tenant. */
  async settle({ key, accounts }: Book): Promise<void> {
    const body = { type: 'transfer', amount: 1, currency: CURRENCY, source: accounts[0], destination: accounts.at(-1) };
    const { revision, id } = (await this.call('POST', '/v1/transactions', key, body)).body;
    const headers = { authorization: `Bearer ${key}`, 'min-ledger-revision': String(revision) };
    for (let status = 0; status !== 200;) {
      const read = await fetch(`${this.baseUrl}/v1/transactions/${id as string}`, { headers });
      await read.arrayBuffer();
      ({ status } = read);
      if (status !== 200 && status !== 503) throw new Error(`reading what was written answered ${status}`);
    }
  }

  async issueCard(key: string, account: string): Promise<string> {
    const card = await this.call('POST', '/v1/cards', key, { account_id: account, type: 'virtual' });
    const id = card.body['id'] as string;
    await this.call('POST', `/v1/cards/${id}/activate`, key, {});
    return id;
  }
}
