/** A tenant of a running product, as its own servers and an operator reach it. */
import { Client, expectStatus, type Answer } from '../support/client.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instances } from './instances.js';

const SCOPES = [
  'accounts:read',
  'accounts:write',
  'accounts:manage',
  'transactions:read',
  'transactions:write',
  'cards:read',
  'cards:write',
];

export interface Body {
  readonly id: string;
  readonly status: string;
  readonly error?: { readonly code: string };
  readonly [field: string]: unknown;
}

export interface AccountStanding {
  readonly balance: number;
  readonly held: number;
  readonly available_balance: number;
}

export class Tenant {
  private newest = 0;

  private constructor(
    readonly id: string,
    readonly key: string,
    private readonly admin: Client,
    /** One connection each: clients that know nothing of each other. */
    readonly clients: readonly Client[],
  ) {}

  /** So many clients, in turn at each of the instances. */
  static async open({ baseUrls, adminToken }: Instances, clients: number): Promise<Tenant> {
    const admin = new Client(baseUrls[0] as string, adminToken);
    const partner = { name: 'Crowd', email: 'crowd@example.com', tier: 'enterprise' };
    const created = await admin.post<Body>('/api/v1/admin/tenants', {
      name: 'Crowd',
      default_currency: 'NGN',
      partner,
    });
    const { id } = expectStatus(created, 201);
    const key = await admin.post<{ full_key: string }>(`/api/v1/admin/tenants/${id}/api-keys`, {
      prefix: 'prod',
      scopes: SCOPES,
    });
    const { full_key } = expectStatus(key, 201);
    const all = Array.from(
      { length: clients },
      (_, n) => new Client(baseUrls[n % baseUrls.length] as string, full_key, 1),
    );
    return new Tenant(id, full_key, admin, all);
  }

  close(): void {
    for (const client of [this.admin, ...this.clients]) client.close();
  }

  get one(): Client {
    return this.clients[0] as Client;
  }

  /** Limits from now on; the tenant's default currency. */
  async limit(...limits: object[]): Promise<void> {
    const path = `/api/v1/admin/tenants/${this.id}/limits`;
    expectStatus(await this.admin.send('PUT', path, { limits }, {}), 200);
  }

  /** A customer's account that holds so much. */
  async account(funds: number, differing: object = {}): Promise<string> {
    const body = { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN', ...differing };
    const { id } = expectStatus(await this.one.post<Body>('/v1/accounts', body), 201);
    const { currency } = body;
    if (funds > 0) {
      const deposit = { type: 'deposit', amount: funds, currency, destination: id };
      expectStatus(await this.one.post('/v1/transactions', deposit), 201);
    }
    return id;
  }

  async card(account: string): Promise<string> {
    const { id } = expectStatus(await this.one.post<Body>('/v1/cards', { account_id: account, type: 'virtual' }), 201);
    expectStatus(await this.one.post(`/v1/cards/${id}/activate`, {}), 200);
    return id;
  }

  /** An account, not older than the newest write that any client was answered. */
  async standing(account: string): Promise<AccountStanding> {
    return this.read<AccountStanding>(`/v1/accounts/${account}`);
  }

  /** What a route answers, not older than the newest write that any client was answered. */
  async read<T>(path: string): Promise<T> {
    return expectStatus(await this.one.getAt<T>(path, this.newest), 200);
  }

  /** Every client attempts so often, all at once; the n-th attempt's body by its number. What came of each. */
  async attempt(each: number, path: string, body: (n: number) => object): Promise<readonly Answer<Body>[]> {
    const answers = await Promise.all(
      this.clients.map(async (client, c) => {
        const mine: Answer<Body>[] = [];
        for (let i = 0; i < each; i++) mine.push(await this.settled(client, path, body(c * each + i)));
        return mine;
      }),
    );
    return answers.flat();
  }

  /** A 503 says that nothing was done: the same is asked again with its key, as a client does. */
  async settled(client: Client, path: string, body: object, key: string = randomUUID()): Promise<Answer<Body>> {
    for (;;) {
      const answer = await client.post<Body>(path, body, { 'idempotency-key': key });
      const revision = Number(answer.headers['ledger-revision'] ?? 0);
      this.newest = Math.max(this.newest, revision);
      if (answer.status !== 503) return answer;
      await sleep(20);
    }
  }
}

/** How many answers there were of each kind: `201`, `422 insufficient_funds`. */
export const outcomes = (answers: readonly Answer<Body>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const told = body.error === undefined ? `${status}` : `${status} ${body.error.code}`;
    counts[told] = (counts[told] ?? 0) + 1;
  }
  return counts;
};
