/**
 * Every request and response example of the platform's document of tenant management (`examples.json`, word for word),
 * against the real server. A request is sent as it stands; of an answer each field of the example must be there, of its type
 * and with its value. Set apart are ids, secrets and times, and what `APART` says of single fields and why.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startSmtp, type Smtp } from '../support/smtp.js';
import { InstallationUnderTest } from '../../apps/api/spec-installation.js';
import type { Reply } from '../../apps/api/spec-support.js';

interface Json {
  readonly [key: string]: unknown;
}

interface Example {
  readonly route: string;
  readonly telling: string;
  readonly kind: 'request' | 'response';
  readonly json: Json | null;
}

const EXAMPLES = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'examples.json'), 'utf8'),
) as readonly Example[];
const BASE = '/api/v1/admin/tenants';
const T = `${BASE}/{tenantID}`;
const ENDPOINTS = `${T}/webhooks/endpoints`;

/** Fields whose value is not the example's, only its type: by route, dotted; `*` stands for any. */
const APART: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`POST ${BASE}`]: { metadata: 'the request’s own metadata is answered' },
  [`GET ${BASE}`]: { 'pagination.total_count': 'as many as there are here' },
  [`GET ${T}/users`]: { 'pagination.total_count': 'as many as there are here' },
  [`GET ${T}/accounts`]: { 'pagination.total_count': 'as many as there are here' },
  [`POST ${T}/api-keys`]: { 'key.*': 'the answer says what the request asked for, unlike the example' },
  [`GET ${T}/api-keys`]: { 'keys[0].last_used_at': 'the key was not used' },
  [`GET ${T}/api-keys/{keyID}`]: { last_used_at: 'the key was not used' },
  [`POST ${ENDPOINTS}`]: { events: 'the request’s own', description: 'the request’s own' },
  [`PATCH ${ENDPOINTS}/{id}`]: { events: 'the request’s own four, in the order of their names' },
  [`GET ${ENDPOINTS}/{id}/stats`]: { '*': 'nothing was delivered' },
  [`POST ${ENDPOINTS}/{id}/test`]: { '*': 'no network leads to the example’s host' },
  [`GET ${T}/kyc/summary`]: { 'counts.*': 'as many as there are here' },
  [`GET ${T}/liquidity/snapshots`]: { 'snapshots[0].*': 'of the balances here', 'pagination.total_count': 'as many' },
  [`GET ${T}/liquidity/snapshots/latest`]: { 'snapshots[0].*': 'of the balances here' },
  [`GET ${T}/liquidity/snapshots/{snapshotID}`]: { '*': 'of the balances here' },
};

const ID = /^(?:[a-z]+_(?:new_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?)$/;
const OURS = /^[a-z]+_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/;
const SECRET = /^(?:full_key|signing_secret|secret_masked)$/;

const isApart = (route: string, at: string): boolean =>
  Object.keys(APART[route] ?? {}).some((said) => (said.endsWith('*') ? at.startsWith(said.slice(0, -1)) : at === said));

/** What an answer lacks or says otherwise than its example. */
const differences = (route: string, example: unknown, answer: unknown, at = ''): string[] => {
  const apart = isApart(route, at);
  const name = at.split('.').at(-1) ?? '';
  if (Array.isArray(example)) {
    if (!Array.isArray(answer)) return [`${at} is no list`];
    if (apart) return [];
    return example.flatMap((one, i) => differences(route, one, (answer as unknown[])[i], `${at}[${i}]`));
  }
  if (typeof example === 'object' && example !== null) {
    if (typeof answer !== 'object' || answer === null) return [`${at} is no object`];
    if (apart && Object.keys(example).length === 0) return [];
    const keys = Object.entries(example);
    return keys.flatMap(([key, value]) => {
      const below = at === '' ? key : `${at}.${key}`;
      // A name may hold a dot itself: entitlements do.
      return key in answer ? differences(route, value, (answer as Json)[key], below) : [`${below} is missing`];
    });
  }
  if (apart) return answer === null || typeof answer === typeof example ? [] : [`${at} is a ${typeof answer}`];
  if (typeof example === 'string') {
    if (typeof answer !== 'string') return [`${at} is ${JSON.stringify(answer)}`];
    if (SECRET.test(name)) return [];
    if (TIME.test(example)) return TIME.test(answer) ? [] : [`${at} is no time: ${answer}`];
    if (ID.test(example)) return OURS.test(answer) ? [] : [`${at} is no id: ${answer}`];
  }
  return example === answer ? [] : [`${at} is ${JSON.stringify(answer)}, not ${JSON.stringify(example)}`];
};

const ALL_YEARS = /\b20\d\d-(?=\d\d-\d\dT)/g;
/** The document's times are over: an end that lies in the past is refused. */
const later = (body: Json): Json => JSON.parse(JSON.stringify(body).replace(ALL_YEARS, '2999-')) as Json;

let smtp: Smtp;
let at: InstallationUnderTest;
const replies = new Map<string, Reply>();
const ids: Record<string, string> = {};

const requestOf = (route: string, nth = 0): Json | undefined =>
  EXAMPLES.filter((one) => one.route === route && one.kind === 'request')[nth]?.json ?? undefined;

/** Sends the route's own example, or another body first where something must be there for it. */
const call = async (route: string, body?: Json, query = ''): Promise<Reply> => {
  const [method, template] = route.split(' ') as [string, string];
  const url = template.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
  const timed = body !== undefined && template.endsWith('/api-keys') ? later(body) : body;
  const sent = template.includes('/api-keys/') && body !== undefined ? later(body) : timed;
  return at.send(method, `${url}${query}`, sent, { as: at.operator });
};

const example = async (route: string, query = ''): Promise<Reply> => {
  const reply = await call(route, requestOf(route), query);
  replies.set(route, reply);
  return reply;
};

const must = (reply: Reply): Reply['body'] => {
  if (reply.status >= 300) throw new Error(`${reply.status} ${reply.text}`);
  return reply.body;
};

const playUsers = async (): Promise<void> => {
  const invited = must(await example(`POST ${T}/invitations`));
  ids.userID = (invited.user as { id: string }).id;
  await example(`POST ${T}/users/{userID}/resend-invite`);
  // The last letter's token alone is good, and letters are sent behind the answer.
  await smtp.letterTo('jane@acmepayments.com');
  let accepted: Reply | undefined;
  for (const until = Date.now() + 20_000; accepted?.status !== 200 && Date.now() < until;) {
    const { text } = await smtp.letterTo('jane@acmepayments.com');
    const token = /Token: ([\w-]+)/.exec(text)![1];
    accepted = await at.send('POST', '/api/v1/auth/invitations/accept', { token });
  }
  await call(`PATCH ${T}/users/{userID}`, { metadata: { employee_id: null } });
  await example(`GET ${T}/users/{userID}`);
  await example(`GET ${T}/users`, '?limit=50');
  await example(`PATCH ${T}/users/{userID}`);
};

const playKeys = async (): Promise<void> => {
  await example(`POST ${T}/api-keys`);
  const shown = { scopes: ['accounts:read', 'transactions:read'], rate_limit_per_min: 100, rate_limit_per_day: 10_000 };
  const made = must(await call(`POST ${T}/api-keys`, { ...shown, expires_at: '2030-01-20T10:00:00Z' }));
  ids.keyID = (made.key as { key_id: string }).key_id;
  await example(`GET ${T}/api-keys/{keyID}`);
  replies.set(`GET ${T}/api-keys`, await call(`GET ${T}/api-keys`));
  await example(`PATCH ${T}/api-keys/{keyID}`);
  replies.set(
    `PATCH ${T}/api-keys/{keyID} again`,
    await call(`PATCH ${T}/api-keys/{keyID}`, requestOf(`PATCH ${T}/api-keys/{keyID}`, 1)),
  );
};

const playAccounts = async (): Promise<void> => {
  const scopes = ['accounts:read', 'accounts:write', 'transactions:read', 'transactions:write', 'kyc:write'];
  const as = must(await call(`POST ${T}/api-keys`, { scopes })).full_key as string;
  const post = (url: string, body: Json): Promise<Reply> =>
    at.send('POST', url, body, { as, headers: { 'idempotency-key': `document-${(keys += 1)}` } });
  const terms = {
    account_code: 'WLT-001234567',
    account_name: 'John Doe',
    wallet_type: 'customer',
    currency: 'NGN',
    kyc_tier: 'tier2',
  };
  const account_id = must(await post('/v1/accounts', terms)).id as string;
  ids.accountID = account_id;
  const move = { currency: 'NGN', amount: 150_000 };
  must(await post('/v1/transactions', { type: 'deposit', ...move, destination: account_id }));
  const held = must(await post('/v1/reservations', { account_id, currency: 'NGN', amount: 5_000 }));
  const customer_id = must(await post('/v1/customers', { kind: 'person', name: 'John Doe' })).id as string;
  must(await post('/v1/kyc/submissions', { customer_id, tier: 'tier2' }));
  await example(`GET ${T}/accounts`, '?limit=50&wallet_type=customer');
  await example(`PUT ${T}/accounts/{accountID}/block`);
  await example(`PUT ${T}/accounts/{accountID}/unblock`);
  must(await post(`/v1/reservations/${held.id as string}/release`, {}));
  must(await post('/v1/transactions', { type: 'withdrawal', ...move, source: account_id }));
  await example(`PUT ${T}/accounts/{accountID}/close`);
};
let keys = 0;

const playSettings = async (): Promise<void> => {
  const on = { enabled: true };
  const terminals = { 'pos.terminals.manage': { ...on, config: { max_terminals: 100 } } };
  must(await call(`PATCH ${T}/entitlements`, { entitlements: terminals }));
  await example(`GET ${T}/entitlements`);
  await example(`PATCH ${T}/entitlements`);
  const [first] = (requestOf(`PUT ${T}/fees`)?.rules ?? []) as Json[];
  must(await call(`PUT ${T}/fees`, { rules: [{ ...first, percentage_rate: 0.015 }] }));
  await example(`GET ${T}/fees`);
  await example(`PUT ${T}/fees`);
  const inbound = { direction: 'inbound', window: 'daily' };
  const limits = [
    { kyc_level: 'tier1', ...inbound, amount: 50_000, max_balance: 200_000 },
    { kyc_level: 'tier2', ...inbound, amount: 500_000, max_balance: 2_000_000 },
  ];
  must(await call(`PUT ${T}/limits`, { limits }));
  await example(`GET ${T}/limits`);
  await example(`PUT ${T}/limits`);
};

const playWebhooks = async (): Promise<void> => {
  const made = await example(`POST ${ENDPOINTS}`);
  ids.id = must(made).id as string;
  const shown = {
    events: ['transaction.completed', 'transaction.failed'],
    description: 'Production transaction events',
  };
  must(await call(`PATCH ${ENDPOINTS}/{id}`, shown));
  await example(`GET ${ENDPOINTS}/{id}`);
  await example(`GET ${ENDPOINTS}`);
  await example(`PATCH ${ENDPOINTS}/{id}`);
  await example(`GET ${ENDPOINTS}/{id}/stats`);
  await example(`POST ${ENDPOINTS}/{id}/test`);
  await example(`DELETE ${ENDPOINTS}/{id}`);
};

const playLiquidity = async (): Promise<void> => {
  await example(`GET ${T}/kyc/summary`);
  await example(`GET ${T}/liquidity/snapshots/latest`);
  const page = await example(`GET ${T}/liquidity/snapshots`, '?limit=50');
  const [newest] = (page.body.snapshots ?? []) as { snapshot_id: string }[];
  if (newest !== undefined) ids.snapshotID = newest.snapshot_id;
  await example(`GET ${T}/liquidity/snapshots/{snapshotID}`);
};

beforeAll(async () => {
  smtp = await startSmtp();
  at = await InstallationUnderTest.start({ DAYBOOK_SMTP_URL: smtp.url });
  const made = must(await example(`POST ${BASE}`));
  ids.tenantID = made.id as string;
  must(await call(`PATCH ${T}`, { metadata: { onboarding_source: null, contract_id: null } }));
  await example(`GET ${T}`);
  await example(`GET ${BASE}`, '?limit=50');
  await playUsers();
  await playKeys();
  await playSettings();
  // What limits would stop is not what is shown here.
  must(await call(`PUT ${T}/limits`, { limits: [] }));
  await playAccounts();
  await playWebhooks();
  await playLiquidity();
  await example(`PATCH ${T}`);
  must(await call(`PATCH ${T}`, { name: 'Acme Payments Ltd' }));
  await example(`PATCH ${T}/status`);
}, 120_000);
afterAll(async () => {
  await at.close();
  await smtp.stop();
});

const STATUS: Readonly<Record<string, number>> = {
  [`POST ${BASE}`]: 201,
  [`POST ${T}/invitations`]: 201,
  [`POST ${T}/api-keys`]: 201,
  [`POST ${ENDPOINTS}`]: 201,
  [`DELETE ${ENDPOINTS}/{id}`]: 204,
};

it('has every example of the document', () => {
  expect(EXAMPLES).toHaveLength(52);
});

describe.each(EXAMPLES)('$route: $telling', ({ route, telling, kind, json }) => {
  const key = telling === 'Deactivate Key Example' ? `${route} again` : route;
  it(kind === 'request' ? 'is taken' : 'is answered', () => {
    const reply = replies.get(key);
    expect([reply?.status, reply?.body.error]).toEqual([STATUS[route] ?? 200, undefined]);
    if (kind === 'request') return;
    if (json === null) expect(reply?.text).toBe('');
    else expect(differences(route, json, reply?.body)).toEqual([]);
  });
});

it('would find what is missing, of another type or of another value', () => {
  const route = `GET ${T}`;
  const shown = {
    id: 'tnt_550e8400-e29b-41d4-a716-446655440000',
    name: 'Acme',
    created_at: '2024-01-15T09:00:00Z',
    list: [{ a: 1 }],
  };
  const same = {
    id: 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V',
    name: 'Acme',
    created_at: '2026-01-15T09:00:00.000Z',
    list: [{ a: 1 }],
  };
  expect(differences(route, shown, { ...same, more: true })).toEqual([]);
  expect(differences(route, shown, { ...same, id: 'x', name: null, created_at: 'now', list: [{ a: 2 }] })).toHaveLength(
    4,
  );
  expect(differences(route, shown, { id: same.id })).toHaveLength(3);
});
