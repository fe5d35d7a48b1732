import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { KeyVerifiers } from '#access/api-keys.js';
import { ApiKeyCredentials } from '#access/credentials.js';
import { Addresses } from '#access/users/addresses.js';
import { Passwords } from '#access/users/passwords.js';
import { mintInvitation, newUlid } from '#access/users/secret-tokens.js';
import { UserCredentials } from '#access/users/user-credentials.js';
import { deriveKey } from '#platform/master-key.js';
import { PostgresColdIndex } from '#projections/cold-index/cold-index.queries.js';
import { startSmtp, type Smtp } from '../../../test/support/smtp.js';
import { HalfMade } from '../half-made.js';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';

const PASSWORD = 'correct horse battery';
const told = ({ status, body }: Reply): string =>
  [status, body.error?.code, body.error?.param].filter(Boolean).join(' ');

let smtp: Smtp;
let at: InstallationUnderTest;
beforeAll(async () => {
  smtp = await startSmtp();
  at = await InstallationUnderTest.start({
    DAYBOOK_SMTP_URL: smtp.url,
    DAYBOOK_DASHBOARD_URL: 'https://dashboard.example/',
  });
}, 60_000);
afterAll(async () => {
  await at.close();
  await smtp.stop();
});

let credentials: UserCredentials;
let addresses: Addresses;
beforeAll(() => {
  const { pools, masterKey } = at.installation;
  credentials = new UserCredentials(pools.auth, new Passwords());
  addresses = new Addresses(deriveKey(masterKey, 'access: addresses'));
});
/** What the sweep does every minute, now. */
const swept = async (): Promise<void> => {
  const { pools, store } = at.installation;
  const keys = new ApiKeyCredentials(pools.auth, new KeyVerifiers([new Uint8Array(32)]));
  const logger = pino({ level: 'silent' });
  await sleep(100);
  await new HalfMade(keys, credentials, new PostgresColdIndex(pools.engine), store, logger).look(0);
};
const userCount = async (): Promise<number> =>
  Number(
    (await at.installation.pools.projector.query<{ n: string }>('SELECT count(*) AS n FROM daybook.users')).rows[0]!.n,
  );

let people = 0;
const newAddress = (): string => `jane.${(people += 1)}@acme.example`;
/** From a place of its own: attempts are counted by place too. */
const auth = (path: string, body: unknown, as: string | null = null): Promise<Reply> =>
  at.send('POST', `/api/v1/auth/${path}`, body, { as });
const invite = (tenantId: string, email: string, role = 'viewer'): Promise<Reply> =>
  at.admin('POST', `/${tenantId}/invitations`, { email, full_name: 'Jane Smith', role });
const tokenTo = async (email: string): Promise<string> => {
  const { text } = await smtp.letterTo(email);
  return /#token=([\w-]+)/.exec(text)![1]!;
};
interface Member {
  readonly email: string;
  readonly userId: string;
  readonly access: string;
  readonly refresh: string;
}
const sessionOf = (email: string, { body }: Reply): Member => ({
  email,
  userId: body.user_id as string,
  access: body.access_token as string,
  refresh: body.refresh_token as string,
});
const member = async (tenantId: string, role = 'viewer', email = newAddress()): Promise<Member> => {
  await invite(tenantId, email, role);
  return sessionOf(email, await auth('invitations/accept', { token: await tokenTo(email), password: PASSWORD }));
};
const get = (path: string, as: string): Promise<Reply> => at.send('GET', path, undefined, { as });
const rowsOf = async (table: string): Promise<string> =>
  JSON.stringify((await at.installation.pools.auth.query(`SELECT * FROM daybook.${table}`)).rows);

describe('an invitation', () => {
  it('is answered as the document has it, mailed, and listed', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    const invited = await at.admin('POST', `/${id}/invitations`, {
      email,
      full_name: 'Jane Smith',
      role: 'admin',
      metadata: { department: 'operations' },
    });
    expect(invited).toMatchObject({
      status: 201,
      body: { user: { tenant_id: id, email, full_name: 'Jane Smith', role: 'admin', status: 'invited' } },
    });
    const { user, invitation_expires_at } = invited.body as {
      user: { id: string; invited_at: string };
      invitation_expires_at: string;
    };
    expect(Date.parse(invitation_expires_at) - Date.parse(user.invited_at)).toBe(7 * 86_400_000);
    expect((await at.admin('GET', `/${id}/users/${user.id}`)).body).toEqual(user);
    expect((await at.admin('GET', `/${id}/users?status=invited`)).body).toMatchObject({
      users: [{ id: user.id, last_login_at: null }],
      pagination: { total_count: 1, offset: 0 },
    });
    expect((await at.admin('GET', `/${id}/users?role=owner`)).body).toMatchObject({ users: [] });
    const letter = await smtp.letterTo(email);
    expect(letter.text).toContain('https://dashboard.example/invitations/accept#token=inv_');
    expect(letter.text).not.toContain('Acme');
  });

  it('is one for an address, in any case; the same key answers the same, and mails nothing more', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    const body = { email, full_name: 'Jane', role: 'viewer' };
    const first = await at.admin('POST', `/${id}/invitations`, body, { 'idempotency-key': `invite-${id}` });
    const again = await at.admin('POST', `/${id}/invitations`, body, { 'idempotency-key': `invite-${id}` });
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([201, 'true', first.body]);
    expect(told(await invite(id, email.toUpperCase()))).toBe('409 user_exists email');
    expect(told(await at.admin('POST', `/${id}/invitations`, body, { 'idempotency-key': `other-${id}` }))).toBe(
      '409 user_exists email',
    );
    await smtp.letterTo(email);
    await sleep(50);
    expect(smtp.received.filter(({ to }) => to.includes(email))).toHaveLength(1);
    const { id: other } = await at.tenant();
    expect((await invite(other, email)).status).toBe(201);
  });

  it('of many at once for one address makes one user', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    const told = (await Promise.all(Array.from({ length: 8 }, () => invite(id, email)))).map(({ status }) => status);
    expect(told.sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
    expect((await at.admin('GET', `/${id}/users`)).body).toMatchObject({ pagination: { total_count: 1 } });
  });

  it('opens once, and only as it was sent last', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    const { user } = (await invite(id, email)).body as { user: { id: string } };
    const first = await tokenTo(email);
    const resent = await at.admin('POST', `/${id}/users/${user.id}/resend-invite`);
    expect(resent).toMatchObject({
      status: 200,
      body: { user_id: user.id, message: 'Invitation resent successfully' },
    });
    const second = await tokenTo(email);
    expect(told(await auth('invitations/accept', { token: first, password: PASSWORD }))).toBe('401 invalid_invitation');
    const forged = `${second.slice(0, -1)}${second.endsWith('A') ? 'B' : 'A'}`;
    expect(told(await auth('invitations/accept', { token: forged }))).toBe('401 invalid_invitation');
    const twice = await Promise.all(
      [1, 2, 3].map(() => auth('invitations/accept', { token: second, password: PASSWORD })),
    );
    expect(twice.map(told).sort()).toEqual(['200', '409 invitation_used', '409 invitation_used']);
    expect(told(await at.admin('POST', `/${id}/users/${user.id}/resend-invite`))).toBe('409 invitation_used');
    expect((await at.admin('GET', `/${id}/users/${user.id}`)).body).toMatchObject({ status: 'active' });
  });

  it('that was taken back opens nothing, and the address may be invited again', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    const { user } = (await invite(id, email)).body as { user: { id: string } };
    const token = await tokenTo(email);
    expect((await at.admin('DELETE', `/${id}/invitations/${user.id}`)).status).toBe(204);
    expect(told(await auth('invitations/accept', { token }))).toBe('401 invalid_invitation');
    expect((await invite(id, email)).status).toBe(201);
    const joined = await member(id);
    expect(told(await at.admin('DELETE', `/${id}/invitations/${joined.userId}`))).toBe('409 invitation_used');
  });

  it.each([
    [{ email: 'nobody', full_name: 'J', role: 'viewer' }, '400 pattern_mismatch email'],
    [{ email: 'a@b.example\r\nBcc: c@d.example', full_name: 'J', role: 'viewer' }, '400 pattern_mismatch email'],
    [{ email: 'a@b.example', full_name: 'J', role: 'god' }, '400 invalid_enum role'],
    [{ email: 'a@b.example', full_name: 'J', role: 'viewer', status: 'active' }, '400 unknown_field status'],
    [{ email: 'a@b.example', full_name: 'J', role: 'viewer', tenant_id: 'tnt_1' }, '400 unknown_field tenant_id'],
  ])('%j: %s', async (body, expected) => {
    const { id } = await at.tenant();
    expect(told(await at.admin('POST', `/${id}/invitations`, body))).toBe(expected);
  });

  it('that a crash left before its event is completed by the next request for the address, or swept away', async () => {
    const { id } = await at.tenant();
    const [asked, left] = [newAddress(), newAddress()];
    for (const email of [asked, left]) {
      expect(await credentials.reserve(id, `usr_${newUlid()}`, addresses.digestOf(email), mintInvitation())).toMatch(
        /^usr_/,
      );
    }
    expect((await invite(id, asked)).status).toBe(201);
    expect((await auth('invitations/accept', { token: await tokenTo(asked), password: PASSWORD })).status).toBe(200);
    await swept();
    expect(JSON.parse(await rowsOf('user_credentials'))).toHaveLength(await userCount());
  });

  it('that a crash left after its event is taken as made', async () => {
    const { id } = await at.tenant();
    const email = newAddress();
    await invite(id, email);
    const token = await tokenTo(email);
    await at.installation.pools.auth.query('UPDATE daybook.user_credentials SET revision = NULL WHERE tenant_id = $1', [
      id,
    ]);
    expect(told(await auth('invitations/accept', { token }))).toBe('401 invalid_invitation');
    await swept();
    expect((await auth('invitations/accept', { token, password: PASSWORD })).status).toBe(200);
  });
});

describe('signing in', () => {
  it('opens the tenant plane as far as the role goes, and tells who one is', async () => {
    const { id } = await at.tenant();
    const jane = await member(id, 'support');
    const login = await auth('login', { email: jane.email.toUpperCase(), password: PASSWORD });
    expect(login).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { tenant_id: id, user_id: jane.userId, role: 'support', token_type: 'Bearer', expires_in: 900 },
    });
    const token = login.body.access_token as string;
    expect((await get('/v1/accounts', token)).status).toBe(200);
    expect(told(await get('/v1/cards', token))).toBe('403 missing_scope');
    const post = await at.send(
      'POST',
      '/v1/accounts',
      { account_name: 'A', wallet_type: 'customer', currency: 'NGN' },
      { as: token, headers: { 'idempotency-key': 'k1' } },
    );
    expect(told(post)).toBe('403 missing_scope');
    expect(told(await get('/api/v1/admin/tenants', token))).toBe('403 missing_permission');
    expect((await get('/api/v1/auth/me', token)).body).toMatchObject({
      user: { id: jane.userId, email: jane.email, last_login_at: expect.any(String) as string },
      scopes: ['accounts:read', 'transactions:read'],
      tenants: [{ tenant_id: id, is_current: true }],
    });
  });

  it('is told by the user in the events that they make', async () => {
    const { id } = await at.tenant();
    const jane = await member(id, 'operator');
    const made = await at.send(
      'POST',
      '/v1/accounts',
      { account_name: 'A', wallet_type: 'customer', currency: 'NGN' },
      { as: jane.access, headers: { 'idempotency-key': 'k1' } },
    );
    expect(made.status).toBe(201);
    const actors: unknown[] = [];
    for await (const page of at.installation.store.read(`ledger-${id}-0`, 0)) {
      for (const { payload } of page)
        actors.push((JSON.parse(Buffer.from(payload).toString()) as { meta: { actor: string } }).meta.actor);
    }
    expect(actors.at(-1)).toBe(jane.userId);
    expect(actors.at(-2)).toBe(jane.userId);
  });

  it('is refused alike for a wrong password, an unknown address and one without a password', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const without = newAddress();
    await invite(id, without);
    await auth('invitations/accept', { token: await tokenTo(without) });
    const answers = await Promise.all(
      [jane.email, 'nobody@nowhere.example', without].map((email) =>
        auth('login', { email, password: 'wrong password!' }),
      ),
    );
    const alike = answers.map(({ status, body }) => JSON.stringify([status, { ...body.error, request_id: '' }]));
    expect(new Set(alike).size).toBe(1);
    expect(answers.map(told)[0]).toBe('401 invalid_credentials');
  });

  it.each([
    [{}, '400 missing_field email'],
    [{ email: 'a@b.example' }, '400 missing_field password'],
    [{ email: 'a@b.example', password: 'x', token: 'y' }, '400 mutually_exclusive token'],
    [{ token: 'lnk_garbage' }, '401 invalid_credentials'],
    [{ email: ['a@b.example'], password: 'x' }, '400 type_mismatch email'],
  ])('%j: %s', async (body, expected) => {
    expect(told(await auth('login', body))).toBe(expected);
  });

  it('with a password is tried ten times in a quarter of an hour; a link still opens', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const codes: string[] = [];
    for (let i = 0; i < 12; i += 1)
      codes.push(told(await auth('login', { email: jane.email, password: `wrong ${i}` })));
    expect(codes.filter((code) => code === '401 invalid_credentials')).toHaveLength(10);
    const refused = await auth('login', { email: jane.email, password: PASSWORD });
    expect([told(refused), Number(refused.headers['retry-after']) > 800]).toEqual(['429 too_many_attempts', true]);
    expect((await auth('login/link', { email: jane.email })).status).toBe(200);
    expect((await auth('login', { token: await tokenTo(jane.email) })).status).toBe(200);
  }, 60_000);

  it('by a link works once, and asking for one tells nothing', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const [known, unknown] = await Promise.all([
      auth('login/link', { email: jane.email }),
      auth('login/link', { email: newAddress() }),
    ]);
    expect(known.body).toEqual(unknown.body);
    const token = await tokenTo(jane.email);
    const twice = await Promise.all([1, 2].map(() => auth('login', { token })));
    expect(twice.map(told).sort()).toEqual(['200', '401 invalid_credentials']);
  });

  it('leaves no address, no password and no token in any table or log', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    await auth('login', { email: jane.email, password: PASSWORD });
    const stored = (
      await Promise.all(['user_credentials', 'sign_in_passwords', 'sign_in_links', 'sessions'].map(rowsOf))
    ).join();
    for (const secret of [
      jane.email,
      PASSWORD,
      jane.refresh,
      jane.access,
      createHash('sha256').update(jane.email).digest('hex'),
    ]) {
      expect(stored).not.toContain(secret);
      expect(at.log.join()).not.toContain(secret);
    }
  });
});

describe('a session', () => {
  it('is renewed by a refresh token that is good once; its second use ends the family', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const second = sessionOf(jane.email, await auth('refresh', { refresh_token: jane.refresh }));
    expect((await get('/v1/accounts', second.access)).status).toBe(200);
    expect(told(await auth('refresh', { refresh_token: jane.refresh }))).toBe('401 invalid_refresh_token');
    // Whoever has the newest one is out too: one of the two was a thief.
    expect(told(await auth('refresh', { refresh_token: second.refresh }))).toBe('401 invalid_refresh_token');
    expect(told(await get('/v1/accounts', second.access))).toBe('401 session_ended');
  });

  it('is renewed by one of many who try at once, and then by nobody', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const tried = await Promise.all([1, 2, 3, 4].map(() => auth('refresh', { refresh_token: jane.refresh })));
    expect(tried.filter(({ status }) => status === 200)).toHaveLength(1);
    const [won] = tried.filter(({ status }) => status === 200);
    expect(told(await auth('refresh', { refresh_token: won!.body.refresh_token }))).toBe('401 invalid_refresh_token');
  });

  it('is not ended by a token that somebody made up', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const madeUp = jane.refresh.replace(/_1_/, '_2_');
    expect(told(await auth('refresh', { refresh_token: madeUp }))).toBe('401 invalid_refresh_token');
    expect((await auth('refresh', { refresh_token: jane.refresh })).status).toBe(200);
  });

  it('ends with logging out', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    expect((await auth('logout', { refresh_token: jane.refresh })).status).toBe(204);
    expect(told(await get('/v1/accounts', jane.access))).toBe('401 session_ended');
    expect(told(await auth('refresh', { refresh_token: jane.refresh }))).toBe('401 invalid_refresh_token');
  });

  it.each(['suspended', 'revoked'])('ends at once when its user is %s', async (status) => {
    const { id } = await at.tenant();
    const jane = await member(id);
    expect((await get('/v1/accounts', jane.access)).status).toBe(200);
    expect((await at.admin('PATCH', `/${id}/users/${jane.userId}`, { status })).status).toBe(200);
    expect(told(await get('/v1/accounts', jane.access))).toBe('401 session_ended');
    expect(told(await auth('refresh', { refresh_token: jane.refresh }))).toBe('401 invalid_refresh_token');
    expect(told(await auth('login', { email: jane.email, password: PASSWORD }))).toMatch(/^403 no_access_there|^401/);
  });

  it('follows its user’s role at once', async () => {
    const { id } = await at.tenant();
    const jane = await member(id, 'member');
    expect(told(await get('/v1/accounts', jane.access))).toBe('403 missing_scope');
    const changed = await at.admin('PATCH', `/${id}/users/${jane.userId}`, {
      role: 'finance',
      metadata: { department: 'finance' },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { role: 'finance', status: 'active', metadata: { department: 'finance' } },
    });
    expect((await get('/v1/accounts', jane.access)).status).toBe(200);
  });

  it('of a suspended tenant reads; an inactive tenant has none', async () => {
    const { id } = await at.tenant();
    const jane = await member(id, 'owner');
    await at.admin('PATCH', `/${id}/status`, { status: 'suspended' });
    const login = await auth('login', { email: jane.email, password: PASSWORD });
    expect(login.status).toBe(200);
    const token = login.body.access_token as string;
    expect((await get('/v1/accounts', token)).status).toBe(200);
    const post = await at.send(
      'POST',
      '/v1/accounts',
      { account_name: 'A', wallet_type: 'customer', currency: 'NGN' },
      { as: token, headers: { 'idempotency-key': 'k1' } },
    );
    expect(told(post)).toBe('403 tenant_suspended');
    await at.admin('PATCH', `/${id}/status`, { status: 'inactive' });
    await sleep(100);
    expect(told(await auth('login', { email: jane.email, password: PASSWORD }))).toBe('403 tenant_inactive');
    expect(told(await auth('refresh', { refresh_token: login.body.refresh_token }))).toBe('403 tenant_inactive');
  });
});

describe('switching', () => {
  it('leads to the same person’s user in another tenant of the workspace, and nowhere else', async () => {
    const here = await at.tenant();
    const there = await at.tenant({ workspace_id: here.workspace_id, environment: 'sandbox' });
    const elsewhere = await at.tenant();
    const stranger = await at.tenant({ workspace_id: here.workspace_id });
    const email = newAddress();
    const jane = await member(here.id, 'viewer', email);
    for (const id of [there.id, elsewhere.id]) {
      await invite(id, email, 'owner');
      // The address has a password: an invitation does not replace it.
      const token = await tokenTo(email);
      expect(told(await auth('invitations/accept', { token, password: 'another password' }))).toBe(
        '401 invalid_credentials',
      );
      expect((await auth('invitations/accept', { token })).status).toBe(200);
    }
    const switched = await auth('switch', { tenant_id: there.id }, jane.access);
    expect(switched).toMatchObject({ status: 200, body: { tenant_id: there.id, role: 'owner' } });
    const { body } = await get('/v1/tenant', switched.body.access_token as string);
    expect(body.id).toBe(there.id);
    expect((await get('/v1/tenant', jane.access)).body.id).toBe(here.id);
    for (const tenant_id of [elsewhere.id, stranger.id, 'tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V'])
      expect(told(await auth('switch', { tenant_id }, jane.access))).toBe('403 no_access_there tenant_id');
    const me = await get('/api/v1/auth/me', jane.access);
    expect((me.body.tenants as { tenant_id: string }[]).map(({ tenant_id }) => tenant_id)).toEqual([here.id, there.id]);
    expect((await auth('login', { email, password: PASSWORD, tenant_id: elsewhere.id })).body.tenant_id).toBe(
      elsewhere.id,
    );
    expect(told(await auth('login', { email, password: PASSWORD, tenant_id: stranger.id }))).toBe(
      '403 no_access_there tenant_id',
    );
  });

  it('is for users: an API key or an operator is refused', async () => {
    const { id } = await at.tenant();
    const { body } = await at.admin('POST', `/${id}/api-keys`, { scopes: ['accounts:read'] });
    for (const as of [body.full_key as string, at.operator])
      expect(told(await auth('switch', { tenant_id: id }, as))).toBe('403 user_required');
    expect(told(await auth('switch', { tenant_id: id }))).toBe('401 missing_auth');
  });
});

describe('the last owner', () => {
  it('stays', async () => {
    const { id } = await at.tenant();
    const jane = await member(id, 'owner');
    expect(told(await at.admin('PATCH', `/${id}/users/${jane.userId}`, { role: 'admin' }))).toBe('409 last_owner role');
    await member(id, 'owner');
    expect((await at.admin('PATCH', `/${id}/users/${jane.userId}`, { role: 'admin' })).status).toBe(200);
  });
});
