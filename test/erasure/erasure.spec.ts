/** Somebody is erased: their name is looked for in every byte that is kept, written, sent or logged, and is nowhere. */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import { evolve } from '#domain/ledger.js';
import { emptyState } from '#domain/state.js';
import { rebuild } from '#projecting/rebuild.js';
import { GROUPS, ledgerReading } from '#projections/registry.js';
import { PostgresSubjectVault } from '#vault/subject-vault.js';
import { exportStream } from '../../apps/cli/export.js';
import { InstallationUnderTest } from '../../apps/api/spec-installation.js';
import type { Reply } from '../../apps/api/spec-support.js';

const NAME = 'Quagmire';
const FORMS = [NAME, NAME.toLowerCase(), NAME.toUpperCase()].flatMap((text) => [
  text,
  Buffer.from(text).toString('hex'),
]);
const holdsName = (text: string): boolean => FORMS.some((form) => text.includes(form));
const DEADLINE_MS = 20_000;

let at: InstallationUnderTest;
let owner: pg.Client;
beforeAll(async () => {
  at = await InstallationUnderTest.start();
  owner = new pg.Client({ connectionString: at.installation.configuration.databaseUrl as string });
  await owner.connect();
  // Only a superuser sees the rows of tables that hold their owner as well.
  await owner.query('SET row_security = off');
}, 60_000);
afterAll(async () => {
  await owner.end();
  await at.close();
});

let keys = 0;
const post = (as: string, url: string, body?: object): Promise<Reply> =>
  at.send('POST', url, body, { as, headers: { 'idempotency-key': `erasure-${(keys += 1)}` } });
const made = async (as: string, url: string, body: object): Promise<string> => {
  const { status, body: answer, text } = await post(as, url, body);
  if (status !== 201) throw new Error(`${url}: ${text}`);
  return answer.id as string;
};

/** Every row of every table, as `pg_dump` would write it, but for the server's own catalogue. */
const tablesWithName = async (): Promise<string[]> => {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const dumped = await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    if (dumped.rows.some(({ row }) => holdsName(row))) found.push(name);
  }
  return found.sort();
};

/** A tenant in whose books somebody of that name is everywhere, and somebody else beside them. */
const books = async () => {
  const key = { 'idempotency-key': 'erasure-tenant' };
  const terms = {
    name: 'Acme',
    default_currency: 'NGN',
    environment: 'sandbox',
    partner: { name: `Pat ${NAME}`, email: `pat@${NAME}.example`, tier: 'enterprise' },
  };
  const tenant = (await at.admin('POST', '', terms, key)).body as unknown as { id: string; partner: { id: string } };
  const scopes = ['accounts:read', 'accounts:write', 'accounts:manage', 'transactions:read', 'transactions:write'];
  const more = ['cards:read', 'cards:write', 'events:read', 'kyc:read', 'kyc:write'];
  const as = (await at.admin('POST', `/${tenant.id}/api-keys`, { prefix: 'test', scopes: [...scopes, ...more] })).body
    .full_key as string;
  const person = { kind: 'person', name: `Zeb ${NAME}`, email: `zeb@${NAME}.example`, metadata: { note: NAME } };
  const customer = await made(as, '/v1/customers', { ...person, phone: '+2348099991111' });
  const bystander = await made(as, '/v1/customers', { kind: 'person', name: 'Bystander' });
  const wallet = { wallet_type: 'customer', currency: 'NGN' };
  const purse = await made(as, '/v1/accounts', {
    ...wallet,
    account_name: `${NAME}s purse`,
    customer_id: customer,
    metadata: { of: NAME },
  });
  const other = await made(as, '/v1/accounts', { ...wallet, account_name: 'Other', customer_id: bystander });
  const loose = await made(as, '/v1/accounts', { ...wallet, account_name: `Holder ${NAME}` });
  const move = { amount: 100, currency: 'NGN' };
  const deposit = (destination: string): Promise<string> =>
    made(as, '/v1/transactions', {
      type: 'deposit',
      ...move,
      amount: 5_000,
      destination,
      narration: `for ${NAME}`,
      metadata: { to: NAME },
    });
  await deposit(purse);
  await deposit(loose);
  await made(as, '/v1/transactions', { type: 'deposit', ...move, destination: other, narration: 'for Bystander' });
  const paid = await made(as, '/v1/transactions', {
    type: 'transfer',
    ...move,
    source: purse,
    destination: other,
    narration: NAME,
  });
  await made(as, `/v1/transactions/${paid}/reverse`, { amount: 40, reason: `${NAME} asked` });
  await post(as, '/v1/transactions', {
    type: 'transfer',
    ...move,
    amount: 9_999_999,
    source: purse,
    destination: other,
    narration: NAME,
  });
  const kept = await made(as, '/v1/transactions', {
    type: 'transfer',
    ...move,
    amount: 7,
    source: other,
    destination: purse,
    narration: 'Bystander pays',
  });
  await made(as, '/v1/reservations', { account_id: purse, ...move, metadata: { note: NAME } });
  const card = await made(as, '/v1/cards', {
    account_id: purse,
    type: 'virtual',
    holder_name: `Z ${NAME}`,
    metadata: { on: NAME },
  });
  await post(as, `/v1/cards/${card}/activate`);
  await made(as, '/v1/card_transactions/authorize', {
    card_id: card,
    ...move,
    merchant: { name: 'Shop', category_code: '5411' },
    network_reference: 'n1',
    metadata: { note: NAME },
  });
  const block = { reason: `${NAME} lost it`, source: 'desk', block_debits: true, metadata: { by: NAME } };
  await at.send('PUT', `/v1/accounts/${purse}/block`, block, { as });
  const documents = [{ type: 'government_id', number: `${NAME}-1`, file_name: `${NAME}.jpg` }];
  const kyc = await made(as, '/v1/kyc/submissions', {
    customer_id: customer,
    tier: 'tier2',
    documents,
    metadata: { n: NAME },
  });
  await at.admin('POST', `/${tenant.id}/kyc/submissions/${kyc}/reject`, { reason: `${NAME} is blurred` });
  const invited = await at.admin('POST', `/${tenant.id}/invitations`, {
    email: `ursula@${NAME}.example`,
    full_name: `Ursula ${NAME}`,
    role: 'viewer',
  });
  const user = (invited.body.user as { id: string }).id;
  return {
    tenant: tenant.id,
    partner: tenant.partner.id,
    terms,
    key,
    as,
    customer,
    bystander,
    purse,
    other,
    loose,
    kept,
    kyc,
    card,
    user,
  };
};

it('who is erased is nowhere any more, and everything else is as it was', async () => {
  const b = await books();
  const { tenant, as } = b;
  const get = (url: string): Promise<Reply> => at.send('GET', url, undefined, { as });
  const before = { kept: await get(`/v1/transactions/${b.kept}`), other: await get(`/v1/accounts/${b.other}`) };
  const purse = (await get(`/v1/accounts/${b.purse}`)).body;
  // What is looked for is found where it is: the search itself works.
  expect(await tablesWithName()).toEqual(
    expect.arrayContaining(['daybook.accounts', 'daybook.customers', 'daybook.transactions', 'daybook.users']),
  );

  const erase = (id: string): Promise<Reply> => at.admin('DELETE', `/${tenant}/personal_data/${id}`);
  const refused = await erase(b.user);
  expect([refused.status, refused.body.error?.code]).toEqual([409, 'invalid_state']);
  await at.admin('PATCH', `/${tenant}/users/${b.user}`, { status: 'revoked' });
  expect((await at.send('DELETE', `/v1/customers/${b.customer}/personal_data`, undefined, { as })).status).toBe(204);
  for (const id of [b.user, b.partner, b.loose]) expect((await erase(id)).status).toBe(204);
  expect((await erase(b.customer)).status).toBe(204);

  for (const until = Date.now() + DEADLINE_MS; Date.now() < until && (await tablesWithName()).length > 0;)
    await sleep(100);
  expect(await tablesWithName()).toEqual([]);
  expect(at.log.filter(holdsName)).toEqual([]);

  // The stream, and an export of it: they still fold to the same books.
  const state = emptyState();
  for await (const page of at.installation.store.read(ledgerStream(tenant), 0)) {
    for (const { payload } of page) {
      const text = Buffer.from(payload).toString();
      expect(holdsName(text)).toBe(false);
      evolve(state, decodeEvent(text));
    }
  }
  expect(state.accounts.get(b.purse)?.balance).toBe(purse.balance);
  const out = path.join(tmpdir(), `erasure-${process.pid}.ndjson`);
  await exportStream(at.installation.configuration, { tenant, out, resume: false, json: true });
  expect(holdsName(readFileSync(out, 'utf8'))).toBe(false);
  rmSync(out);

  // What is answered: nulls for who is gone, the others word for word as before.
  expect((await get(`/v1/customers/${b.customer}`)).body).toMatchObject({
    name: null,
    email: null,
    phone: null,
    metadata: { note: null },
  });
  expect((await get(`/v1/accounts/${b.purse}`)).body).toEqual({
    ...purse,
    account_name: null,
    metadata: { of: null },
    blocks: [expect.objectContaining({ source: 'desk', reason: null, metadata: { by: null } })],
  });
  expect((await get(`/v1/kyc/submissions/${b.kyc}`)).body).toMatchObject({
    full_name: null,
    status: 'rejected',
    rejection_reason: null,
  });
  expect((await get(`/v1/cards/${b.card}`)).body.holder_name).toBeNull();
  expect((await get(`/v1/transactions/${b.kept}`)).body).toEqual(before.kept.body);
  expect((await get(`/v1/accounts/${b.other}`)).body).toEqual(before.other.body);
  expect((await at.admin('GET', `/${tenant}`)).body).toMatchObject({
    name: 'Acme',
    partner: { name: null, email: null },
  });
  const events = await get('/v1/events?limit=100');
  expect(holdsName(events.text)).toBe(false);
  expect(events.text).toContain('for Bystander');
  expect(holdsName((await get('/v1/transactions?limit=100')).text)).toBe(false);

  // A replay answers with what is left, whoever made the tenant long ago as well.
  const again = await at.admin('POST', '', b.terms, b.key);
  expect(again).toMatchObject({ status: 201, body: { id: tenant, partner: { name: null } } });
  expect(again.headers['idempotent-replayed']).toBe('true');
}, 60_000);

it('nobody who was erased gets a key again, and their rows are what a rebuild makes', async () => {
  const { rows: before } = await owner.query<{ tenant_id: string; subject: string }>(
    `SELECT tenant_id, subject FROM daybook.subject_keys WHERE erased_at IS NOT NULL`,
  );
  expect(before.map(({ subject }) => subject.split('_')[0]).sort()).toEqual(['acc', 'cust', 'prt', 'usr']);
  const { tenant_id: tenant, subject: customer } = before.find(({ subject }) => subject.startsWith('cust_'))!;
  const key = await at.admin('POST', `/${tenant}/api-keys`, {
    prefix: 'test',
    scopes: ['accounts:write', 'accounts:manage', 'transactions:write', 'accounts:read'],
  });
  const as = key.body.full_key as string;
  const told = await at.send('PATCH', `/v1/customers/${customer}`, { name: `Zeb ${NAME}` }, { as });
  expect([told.status, told.body.error?.code]).toEqual([409, 'subject_erased']);
  const { data } = (await at.send('GET', `/v1/accounts?customer_id=${customer}`, undefined, { as })).body as {
    data: { id: string }[];
  };
  const [purse] = data as [{ id: string }];
  // The books go on: what is said of them is sealed under a key that nobody keeps.
  const late = await post(as, '/v1/transactions', {
    type: 'deposit',
    amount: 5,
    currency: 'NGN',
    destination: purse.id,
    narration: NAME,
  });
  expect(late).toMatchObject({ status: 201, body: { narration: null } });
  const { rows: after } = await owner.query(
    `SELECT FROM daybook.subject_keys WHERE erased_at IS NOT NULL AND wrapped IS NULL AND generation IS NULL`,
  );
  expect(after).toHaveLength(before.length);
  expect(await tablesWithName()).toEqual([]);

  const { store, pools, masterKeys, configuration } = at.installation;
  const vault = new PostgresSubjectVault(pools.projector, masterKeys);
  const personal = [
    'accounts',
    'transactions',
    'reservations',
    'cards',
    'card-transactions',
    'customers',
    'kyc-submissions',
    'users',
    'tenants',
    'erasures',
  ];
  for (const name of personal) {
    const { tables } = await rebuild(name, {
      store,
      owner: { connectionString: configuration.databaseUrl as string },
      projector: { connectionString: pools.projector.options.connectionString as string },
      reading: ledgerReading((tenantId, sealed) => vault.opener(tenantId, sealed)),
      groups: GROUPS,
      onCompared: () => true,
    });
    expect([name, tables.filter(({ same }) => !same)]).toEqual([name, []]);
  }
}, 60_000);
