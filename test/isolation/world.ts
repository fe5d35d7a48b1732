/**
 * Two companies on one installation. Tenant B has one of everything, with a marker in every text of its own; everybody else
 * who could try to see or touch it has a credential.
 */
import { randomUUID } from 'node:crypto';
import { nounOf } from '#contract/forms.js';
import { PREFIXES, type Kind } from '#domain/ids.js';
import { PERMISSION_NAMES, SCOPE_NAMES, type Permission } from '#contract/scopes.js';
import { Client, expectStatus, type Answer } from '../support/client.js';
import type { Product } from '../support/product.js';
import type { Smtp } from '../support/smtp.js';
import { surfaceOf, type Json, type Surface } from './surface.js';

/** In every text that tenant B gives: found anywhere else, something leaked. */
export const MARKER = 'zqmarkerzq';
const marked = (what: string): string => `${MARKER} ${what}`;

export interface Attacker {
  readonly name: string;
  /** A stranger's own data, which it may see. */
  readonly client: Client;
  readonly tenantId: string;
  /** What every one of its calls is refused with, if all are. */
  readonly refusedAs: string | null;
}

export interface World {
  readonly product: Product;
  readonly surface: Surface;
  readonly operator: Client;
  readonly owner: Client;
  readonly tenantB: string;
  readonly tenantA: string;
  /** Ids of tenant B's, by prefix. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  readonly attackers: readonly Attacker[];
  /** A token with every permission but this one. */
  readonly operatorWithout: (permission: string) => Promise<Client>;
  /** A request that B has made, with its key and what was answered. */
  readonly made: { readonly key: string; readonly body: Json; readonly id: string };
  /** B's next page of its transactions. */
  readonly cursor: string;
}

type Created = Json & { readonly id: string };

const tenantOf = async (operator: Client, more: object): Promise<Created> => {
  const made = await operator.post<Created>('/api/v1/admin/tenants', {
    name: 'Company',
    default_currency: 'NGN',
    partner: { name: 'Partner', email: 'partner@company.example', tier: 'enterprise' },
    ...more,
  });
  return expectStatus(made, 201);
};

const everything = async (operator: Client, id: string): Promise<void> => {
  const path = `/api/v1/admin/tenants/${id}/entitlements`;
  // A new tenant is not found until its first event has come to the read models.
  let asked = await operator.get<{ entitlements: Record<string, unknown> }>(path);
  for (const deadline = Date.now() + 20_000; asked.status === 404 && Date.now() < deadline;)
    asked = await operator.get(path);
  const { entitlements: map } = expectStatus(asked, 200);
  const entitlements = Object.fromEntries(Object.keys(map).map((key) => [key, { enabled: true }]));
  expectStatus(await operator.send('PATCH', path, { entitlements }, {}), 200);
};

const keyOf = async (
  operator: Client,
  id: string,
  prefix: 'prod' | 'test',
): Promise<{ id: string; secret: string; tenant: string }> => {
  const made = await operator.post<{ full_key: string; key: { key_id: string; tenant_id: string } }>(
    `/api/v1/admin/tenants/${id}/api-keys`,
    { prefix, scopes: SCOPE_NAMES },
  );
  const { full_key, key } = expectStatus(made, 201);
  return { id: key.key_id, secret: full_key, tenant: key.tenant_id };
};

/** One of everything, with tenant B's own key. */
const furnish = async (owner: Client, operator: Client, tenantB: string, post: Poster): Promise<World['made']> => {
  const metadata = { note: marked('metadata') };
  const { id: customer_id } = await post('/v1/customers', {
    kind: 'person',
    name: marked('customer'),
    email: `${MARKER}@b.example`,
    metadata,
  });
  const open = async (more: object): Promise<string> =>
    (await post('/v1/accounts', { account_name: marked('account'), currency: 'NGN', metadata, ...more })).id;
  const ada = await open({ wallet_type: 'customer', customer_id });
  const shop = await open({ wallet_type: 'merchant' });
  await post('/v1/transactions', { type: 'deposit', amount: 900_000, currency: 'NGN', destination: ada });
  const body = {
    type: 'transfer',
    amount: 100,
    currency: 'NGN',
    source: ada,
    destination: shop,
    reference: 'payroll-1',
    narration: marked('narration'),
    metadata,
  };
  const key = randomUUID();
  const { id } = expectStatus(await owner.post<Created>('/v1/transactions', body, { 'idempotency-key': key }), 201);
  await post('/v1/transactions', { ...body, reference: undefined });
  await post('/v1/reservations', { account_id: ada, amount: 100, currency: 'NGN', destination: shop, metadata });
  const card = await post('/v1/cards', { account_id: ada, type: 'virtual', holder_name: marked('holder'), metadata });
  expectStatus(await owner.post(`/v1/cards/${card.id}/activate`, {}), 200);
  const purchase = {
    card_id: card.id,
    amount: 100,
    currency: 'NGN',
    merchant: { name: marked('merchant'), category_code: '5411' },
    network_reference: 'network-1',
  };
  const authorized = await post('/v1/card_transactions/authorize', purchase);
  const clearing = { amount: 40, final: false, network_reference: 'clearing-1' };
  expectStatus(await owner.post(`/v1/card_transactions/${authorized.id}/capture`, clearing), 200);
  const users = `/api/v1/admin/tenants/${tenantB}/invitations`;
  expectStatus(
    await operator.post(users, { email: `${MARKER}@b.example`, full_name: marked('user'), role: 'viewer' }),
    201,
  );
  await post('/v1/kyc/submissions', {
    customer_id,
    tier: 'tier2',
    documents: [{ type: 'government_id', number: MARKER, file_name: marked('document') }],
    metadata,
  });
  await subscribe(owner, post);
  const float = await owner.get<{ data: Created[] }>('/v1/accounts?wallet_type=float');
  const file = Buffer.from(
    ':20:STMT-7\n:25:NG00DEMO0000000001\n:60F:C260105NGN0,\n:61:260105C9000,00NTRFREF1\n' +
      `:86:${marked('line')}\n:62F:C260105NGN9000,00\n`,
  );
  await post('/v1/bank_statements', { account_id: float.body.data[0]?.id, file: file.toString('base64') });
  return { key, body, id };
};

/** An endpoint that nobody answers at, with a delivery and a replay, and then at rest. */
const subscribe = async (owner: Client, post: Poster): Promise<void> => {
  const endpoint = await post('/v1/webhooks/endpoints', {
    url: `https://${MARKER}.example/hooks`,
    events: ['*'],
    description: marked('endpoint'),
  });
  const path = `/v1/webhooks/endpoints/${endpoint.id}`;
  await post('/v1/accounts', { account_name: marked('account'), currency: 'NGN', wallet_type: 'customer' });
  const since = new Date(Date.now() - 3_600_000).toISOString();
  await post(`${path}/replays`, { since });
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((next) => setTimeout(next, 50))) {
    if ((await owner.get<{ data: unknown[] }>(`${path}/deliveries`)).body.data.length > 0) break;
  }
  expectStatus(await owner.post(`${path}/disable`, {}), 200);
};

type Poster = (path: string, body: object) => Promise<Created>;

const ID = /\b([a-z]{2,4})_[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g;

/** Ids of B's by prefix, found in everything that B and the operator can list of it, and then in what those lists name. */
const harvest = async (
  { operations }: Surface,
  owner: Client,
  operator: Client,
  tenantB: string,
): Promise<Map<string, string[]>> => {
  const known = new Map<string, string[]>();
  for (const depth of [0, 1]) {
    for (const { method, path, caller, isStream, pathParameters } of operations) {
      if (method !== 'GET' || isStream || caller === 'other') continue;
      const named = pathParameters.filter((name) => name !== 'tenant_id');
      if (named.length !== depth || (caller === 'operator' && !path.includes('{tenant_id}'))) continue;
      const ids = named.map((name) => known.get(prefixOfParameter(name) ?? '')?.[0]);
      if (ids.includes(undefined)) continue;
      const url = named.reduce(
        (one, name, i) => one.replace(`{${name}}`, ids[i] as string),
        path.replace('{tenant_id}', tenantB),
      );
      collect((await (caller === 'tenant' ? owner : operator).get(url)).body, known);
    }
  }
  return known;
};

/** The ids that a resource has as its own. */
const collect = (value: unknown, known: Map<string, string[]>): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string' && (name === 'id' || name.endsWith('_id'))) {
      for (const [id, prefix] of member.matchAll(ID)) {
        const ids = known.get(prefix as string) ?? [];
        if (!ids.includes(id)) known.set(prefix as string, name === 'id' ? [id, ...ids] : [...ids, id]);
      }
    } else collect(member, known);
  }
};

/** The prefix of the ids that a path's parameter takes; null where it takes none. */
export const prefixOfParameter = (parameter: string): string | null =>
  parameter === 'subject_id' ? PREFIXES.customer : (PREFIXES[nounOf(parameter) as Kind] ?? null);

/** An id that nothing has. */
export const nobodys = (prefix: string): string => `${prefix}_01HZXK5Y8Q2J3M4N5P6R7S8T9V`;

export const sameText = ({ status, body }: Answer<unknown>): string =>
  `${status} ${typeof body === 'string' ? body : JSON.stringify(body)}`;

const userOf = async (operator: Client, smtp: Smtp, tenantId: string): Promise<Client> => {
  const email = 'user@a.example';
  const invited = { email, full_name: 'User of A', role: 'owner' };
  expectStatus(await operator.post(`/api/v1/admin/tenants/${tenantId}/invitations`, invited), 201);
  const token = /#token=([\w-]+)/.exec((await smtp.letterTo(email)).text)?.[1];
  const { baseUrl } = operator;
  const accepted = await new Client(baseUrl, '').send<{ access_token: string }>(
    'POST',
    '/api/v1/auth/invitations/accept',
    { token, password: 'correct horse battery' },
    { authorization: '' },
  );
  return new Client(baseUrl, expectStatus(accepted, 200).access_token);
};

export const buildWorld = async (
  product: Product,
  smtp: Smtp,
  sign: (permissions: readonly Permission[]) => Promise<string>,
): Promise<World> => {
  const { base_url, admin_token } = product.credentials;
  const operator = new Client(base_url, admin_token);
  const b = await tenantOf(operator, {});
  const a = await tenantOf(operator, {});
  const sibling = await tenantOf(operator, { workspace_id: b.workspace_id });
  for (const { id } of [b, a, sibling]) await everything(operator, id);
  const own = await keyOf(operator, b.id, 'prod');
  const twin = await keyOf(operator, b.id, 'test');
  await everything(operator, twin.tenant);
  const revoked = await keyOf(operator, b.id, 'prod');
  expectStatus(
    await operator.send('DELETE', `/api/v1/admin/tenants/${b.id}/api-keys/${revoked.id}`, undefined, {}),
    204,
  );
  const owner = new Client(base_url, own.secret);
  const post: Poster = async (path, body) => expectStatus(await owner.post<Created>(path, body), 201);
  const made = await furnish(owner, operator, b.id, post);
  const page = await owner.get<{ next_cursor: string }>('/v1/transactions?limit=1');
  const surface = surfaceOf((await owner.get<Json>('/openapi.json')).body);
  const client = async (id: string): Promise<Client> =>
    new Client(base_url, (await keyOf(operator, id, 'prod')).secret);
  return {
    product,
    surface,
    operator,
    owner,
    tenantA: a.id,
    tenantB: b.id,
    known: await harvest(surface, owner, operator, b.id),
    made,
    cursor: page.body.next_cursor,
    attackers: [
      { name: 'a key of another workspace', client: await client(a.id), tenantId: a.id, refusedAs: null },
      {
        name: 'a key of the same workspace’s other tenant',
        client: await client(sibling.id),
        tenantId: sibling.id,
        refusedAs: null,
      },
      {
        name: 'a key of the sandbox twin',
        client: new Client(base_url, twin.secret),
        tenantId: twin.tenant,
        refusedAs: null,
      },
      { name: 'a revoked key', client: new Client(base_url, revoked.secret), tenantId: b.id, refusedAs: 'revoked_key' },
      { name: 'a user of another tenant', client: await userOf(operator, smtp, a.id), tenantId: a.id, refusedAs: null },
    ],
    operatorWithout: async (permission) =>
      new Client(
        base_url,
        await sign(PERMISSION_NAMES.filter((one) => one !== permission && one !== 'manage_tenants')),
      ),
  };
};
