import { randomUUID } from 'node:crypto';
import type { Scenario } from './load.js';

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
];
const CURRENCY = 'EUR';
const PLENTY = 1_000_000_000_000;

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

  /** A tenant with a key that may do all that the benchmark does, and a fee schedule and a reference fee rule in force. */
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

  /** Waits until the read models hold everything that was written before. */
  async settle({ key, accounts }: Pick<Books, 'key' | 'accounts'>): Promise<void> {
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

const TRANSFER = `{"type":"transfer","amount":1,"currency":"${CURRENCY}","source":"{a}","destination":"{b}"}`;

export interface Books {
  readonly key: string;
  readonly accounts: readonly string[];
  readonly cards: readonly string[];
  readonly small: Scenario['tenants'];
}

/** Each thing that is measured, by name. */
export const scenarios = (books: Books): readonly Scenario[] => {
  const post = {
    method: 'POST',
    path: '/v1/transactions',
    body: TRANSFER,
    eventsEach: 1,
    transactionsEach: 1,
  } as const;
  const own = [{ key: books.key, accounts: books.accounts }];
  const hot = [{ key: books.key, accounts: [books.accounts[0], books.accounts.at(-1)] as string[] }];
  const batch = `{"atomic":true,"transactions":[${Array.from({ length: 100 }, () => TRANSFER).join(',')}]}`;
  const purchase = `{"card_id":"{a}","amount":1,"currency":"${CURRENCY}","direction":"debit","network_reference":"{n}","merchant":{"name":"Shop","category_code":"5411"}}`;
  return [
    { ...post, name: `POST transaction, ${books.accounts.length.toLocaleString('en-GB')} accounts`, tenants: own },
    { ...post, name: 'POST transaction, one hot account', tenants: hot },
    { ...post, name: `POST transaction, ${books.small.length.toLocaleString('en-GB')} tenants`, tenants: books.small },
    {
      ...post,
      name: 'POST batch of 100',
      path: '/v1/transactions/batch',
      body: batch,
      eventsEach: 100,
      transactionsEach: 100,
      tenants: own,
    },
    {
      ...post,
      name: 'POST card transaction',
      path: '/v1/card_transactions/post',
      body: purchase,
      tenants: [{ key: books.key, accounts: books.cards }],
    },
    {
      name: 'GET balance',
      method: 'GET',
      path: '/v1/accounts/{a}/balance',
      body: null,
      tenants: own,
      eventsEach: 0,
      transactionsEach: 0,
    },
  ];
};
