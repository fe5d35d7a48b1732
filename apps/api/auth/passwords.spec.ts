import { setTimeout as sleep } from 'node:timers/promises';
import { TooManySignIns, type Passwords } from '#access/users/passwords.js';
import { mintReset } from '#access/users/secret-tokens.js';
import { UserCredentials } from '#access/users/user-credentials.js';
import { startSmtp, type Smtp } from '../../../test/support/smtp.js';
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
    DAYBOOK_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
  });
}, 60_000);
afterAll(async () => {
  await at.close();
  await smtp.stop();
});

let people = 0;
const auth = (path: string, body: unknown, as: string | null = null): Promise<Reply> =>
  at.send('POST', `/api/v1/auth/${path}`, body, { as });
const from = (place: string, path: string, body: unknown): Promise<Reply> =>
  at.send('POST', `/api/v1/auth/${path}`, body, { headers: { 'x-forwarded-for': place } });
const becomes = async (tenantId: string, status: string): Promise<void> => {
  const { headers } = await at.admin('PATCH', `/${tenantId}/status`, { status, reason: 'unpaid' });
  await at.admin('GET', `/${tenantId}`, undefined, { 'min-ledger-revision': String(headers['ledger-revision']) });
};
const get = (path: string, as: string): Promise<Reply> => at.send('GET', path, undefined, { as });
const invite = (tenantId: string, email: string): Promise<Reply> =>
  at.admin('POST', `/${tenantId}/invitations`, { email, full_name: 'Jane Smith', role: 'viewer' });
const tokenTo = async (email: string): Promise<string> =>
  /#token=([\w-]+)/.exec((await smtp.letterTo(email)).text)![1]!;
const sessionOf = (email: string, { body }: Reply) => ({
  email,
  userId: body.user_id as string,
  access: body.access_token as string,
  refresh: body.refresh_token as string,
});
const member = async (tenantId: string): Promise<ReturnType<typeof sessionOf>> => {
  const email = `jane.${(people += 1)}@acme.example`;
  await invite(tenantId, email);
  return sessionOf(email, await auth('invitations/accept', { token: await tokenTo(email), password: PASSWORD }));
};

describe('a password', () => {
  const CHANGED = 'another battery horse';
  const login = (email: string, password: string): Promise<Reply> => auth('login', { email, password });

  it('is changed by who knows it; every other session of the address ends, in every tenant', async () => {
    const [one, other] = [await at.tenant(), await at.tenant()];
    const jane = await member(one.id);
    await invite(other.id, jane.email);
    const there = sessionOf(jane.email, await auth('invitations/accept', { token: await tokenTo(jane.email) }));
    const body = { current_password: PASSWORD, new_password: CHANGED };
    expect(told(await auth('password', { ...body, current_password: 'wrong' }, jane.access))).toBe(
      '401 invalid_credentials',
    );
    const changed = await auth('password', body, jane.access);
    expect(changed).toMatchObject({ status: 200, body: { tenant_id: one.id, user_id: jane.userId } });
    expect(told(await get('/v1/tenant', jane.access))).toBe('401 session_ended');
    expect(told(await get('/v1/tenant', there.access))).toBe('401 session_ended');
    expect(told(await auth('refresh', { refresh_token: there.refresh }))).toBe('401 invalid_refresh_token');
    expect((await get('/v1/tenant', changed.body.access_token as string)).status).toBe(200);
    expect(told(await login(jane.email, PASSWORD))).toBe('401 invalid_credentials');
    expect((await login(jane.email, CHANGED)).status).toBe(200);
  });

  it('is chosen again by who reads the address’s mail, once, and what was mailed before opens nothing', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    expect((await auth('login/link', { email: jane.email })).status).toBe(200);
    const link = await tokenTo(jane.email);
    expect(await auth('password/reset', { email: jane.email })).toMatchObject({
      status: 200,
      body: { object: 'password_reset' },
    });
    const token = await tokenTo(jane.email);
    expect(token).toMatch(/^rst_/);
    // A letter to choose a password by is none to sign in with, nor the other way round.
    expect(told(await auth('login', { token }))).toBe('401 invalid_credentials');
    expect(told(await auth('password/reset/confirm', { token: link, password: CHANGED }))).toBe(
      '401 invalid_credentials',
    );
    const reset = await auth('password/reset/confirm', { token, password: CHANGED });
    expect(reset).toMatchObject({ status: 200, body: { user_id: jane.userId } });
    expect(told(await auth('password/reset/confirm', { token, password: PASSWORD }))).toBe('401 invalid_credentials');
    expect(told(await auth('login', { token: link }))).toBe('401 invalid_credentials');
    expect(told(await get('/v1/tenant', jane.access))).toBe('401 session_ended');
    expect((await login(jane.email, CHANGED)).status).toBe(200);
  });

  it('of nobody is asked for with the same answer, and mails nothing', async () => {
    const { body } = await auth('password/reset', { email: 'nobody.at.all@nowhere.example' });
    expect(body).toEqual({ object: 'password_reset', message: expect.any(String) as string });
    await sleep(50);
    expect(smtp.received.some(({ to }) => to.includes('nobody.at.all@nowhere.example'))).toBe(false);
  });

  it.each([
    ['password', { current_password: PASSWORD, new_password: 'short' }, '400 too_short new_password'],
    ['password/reset/confirm', { token: 'rst_garbage', password: PASSWORD }, '401 invalid_credentials'],
    ['password/reset/confirm', { token: 'rst_garbage', password: 'short' }, '400 too_short password'],
  ])('%s %j: %s', async (path, body, expected) => {
    const { id } = await at.tenant();
    const jane = await member(id);
    expect(told(await auth(path, body, jane.access))).toBe(expected);
  });
});

describe('of a busy or refusing moment', () => {
  it('a letter to choose a password by outlives a refusal', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    await auth('password/reset', { email: jane.email });
    const token = await tokenTo(jane.email);
    const choose = (): Promise<Reply> => auth('password/reset/confirm', { token, password: 'another battery horse' });
    await becomes(id, 'inactive');
    expect(told(await choose())).toBe('403 tenant_inactive');
    await becomes(id, 'active');
    expect(told(await choose())).toBe('200');
    expect(told(await choose())).toBe('401 invalid_credentials');
  });

  it('a letter is used up by nothing but the statement that the password comes by', async () => {
    const asked: string[] = [];
    const query = (text: string): Promise<unknown> => Promise.resolve({ rows: [], rowCount: asked.push(text) });
    const busy = { hash: () => Promise.reject(new TooManySignIns()) } as unknown as Passwords;
    const credentials = new UserCredentials({ query } as never, busy);
    await expect(credentials.resetPassword(mintReset(), PASSWORD)).rejects.toThrow(TooManySignIns);
    expect(asked).toEqual([]);
  });

  it('a refresh token outlives the refusal of a tenant that is inactive', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const refresh = (): Promise<Reply> => auth('refresh', { refresh_token: jane.refresh });
    await becomes(id, 'inactive');
    expect([told(await refresh()), told(await refresh())]).toEqual(['403 tenant_inactive', '403 tenant_inactive']);
    await becomes(id, 'active');
    expect(told(await refresh())).toBe('200');
    expect(told(await refresh())).toBe('401 invalid_refresh_token');
  });

  it('nobody locks another’s address out: what they try is their own, and the owner’s only slower', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const wrong = (place: string): Promise<Reply> => from(place, 'login', { email: jane.email, password: 'wrong one' });
    const here = await Promise.all(Array.from({ length: 12 }, () => wrong('203.0.113.20')));
    expect(here.map(told).filter((one) => one === '429 too_many_attempts')).toHaveLength(2);
    await Promise.all(Array.from({ length: 12 }, (_, i) => wrong(`203.0.113.${30 + i}`)));
    const begun = performance.now();
    expect((await from('198.51.100.7', 'login', { email: jane.email, password: PASSWORD })).status).toBe(200);
    // 23 attempts at it, twenty of which are answered at once.
    expect(performance.now() - begun).toBeGreaterThan(350);
  });

  it('who guesses keys is told to wait, and who has a good one from the same place is not', async () => {
    const { id } = await at.tenant();
    const jane = await member(id);
    const headers = { 'x-forwarded-for': '203.0.113.99' };
    const guess = (): Promise<Reply> => at.send('GET', '/v1/tenant', undefined, { as: 'qp_sk_live_guess', headers });
    const answers = await Promise.all(Array.from({ length: 601 }, guess));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(600);
    const refused = await guess();
    expect([told(refused), Number(refused.headers['retry-after']) > 30]).toEqual(['429 key_limit', true]);
    expect((await at.send('GET', '/v1/tenant', undefined, { as: jane.access, headers })).status).toBe(200);
  });
});

describe('where somebody signs in from', () => {
  it.each([
    ['198.51.100.66, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['2001:db8::7', '2001:db8::7'],
    ['no address', '127.0.0.1'],
  ])('is what the trusted proxies say, and not what the caller says before them: %s', async (forwarded, ip) => {
    const { id } = await at.tenant();
    const jane = await member(id);
    await at.send(
      'POST',
      '/api/v1/auth/login',
      { email: jane.email, password: PASSWORD },
      { headers: { 'x-forwarded-for': forwarded } },
    );
    const { body } = await at.admin('GET', `/${id}/audit_log?actor=${jane.userId}`);
    expect((body.data as object[])[0]).toMatchObject({ operation: 'login', ip, outcome: 'allowed' });
  });
});
