import { entryId } from '#domain/ids.js';
import { deriveKey } from '#platform/master-key.js';
import { startSmtp, type Smtp } from '../../../test/support/smtp.js';
import { InstallationUnderTest } from '../spec-installation.js';
import type { Reply } from '../spec-support.js';
import { booksOf, joined, keyOf, MARKUP, PASSWORD, type Books } from './spec-books.js';
import { SessionCookies, type Session } from './session-cookie.js';
import { Visitor, type Seen } from './spec-visitor.js';

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const ESCAPED = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;';
const ANY_ID = /\b[a-z]{2,4}_[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g;

let smtp: Smtp;
let at: InstallationUnderTest;
let ours: Books;
let theirs: Books;

const visitor = (): Visitor => new Visitor(at.api.console.app);

const withKey = async (key: string): Promise<Visitor> => {
  const somebody = visitor();
  const { url } = await somebody.signIn({ api_key: key });
  expect(url).toBe('/console');
  return somebody;
};

const titleOf = ({ text }: Seen): string => /<h1[^>]*>([^<]*)/.exec(text)?.[1]?.trim() ?? '';

beforeAll(async () => {
  smtp = await startSmtp();
  at = await InstallationUnderTest.start({ DAYBOOK_SMTP_URL: smtp.url });
  ours = await booksOf(at, { name: `Acme ${MARKUP}` });
  theirs = await booksOf(at, { name: 'Rival' });
}, 60_000);
afterAll(async () => {
  await at.close();
  await smtp.stop();
});

describe('strangers', () => {
  const OPEN = /^\/console\/(sign-in|icon\.svg|console\.[0-9a-f]{12}\.css)$/;

  it('see where to sign in, the style sheet and the icon; every other route wants a session', async () => {
    const { routes, app } = at.api.console;
    const open = routes.filter(({ url }) => OPEN.test(url) || url === '/console/sign-in');
    expect(new Set(open.map(({ url }) => url)).size).toBe(3);
    const closed = routes.filter((route) => !open.includes(route));
    expect(closed.length).toBeGreaterThan(20);
    for (const { method, url } of [...closed, { method: 'GET', url: '/console/nothing' }]) {
      const response = await app.inject({ method: method as 'GET', url: url.replace(':id', `acc_${ULID}`) });
      const to = String(response.headers.location ?? '');
      const isRefused = method === 'POST' ? response.statusCode === 403 : /^\/console\/sign-in/.test(to);
      expect([method, url, isRefused]).toEqual([method, url, true]);
      expect(response.body).not.toContain(ours.tenant.id);
    }
    for (const { method, url } of open.filter((route) => route.method === 'GET')) {
      expect([url, (await app.inject({ method: method as 'GET', url })).statusCode]).toEqual([url, 200]);
    }
  });

  it('are told the same of a wrong password and a wrong key: nothing', async () => {
    const refused = await visitor().signIn({ email: 'nobody@acme.example', password: 'x' });
    expect([refused.status, refused.text]).toEqual([401, expect.stringContaining('role="alert"')]);
    for (const key of ['qp_sk_live_nothing', '', 'a b', 'ü', 'x\r\ny: z', 'x'.repeat(9_000)]) {
      expect((await visitor().signIn({ api_key: key })).status).toBe(401);
    }
  });

  it('and everybody else get pages that run no script, load nothing from elsewhere and are kept by nobody', async () => {
    const somebody = visitor();
    const { headers, text } = await somebody.get('/console/sign-in');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'/);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(text).not.toMatch(/<script|style="|https?:\/\//);
    const secure = await at.api.console.app.inject({ url: '/console/sign-in' });
    expect(String(secure.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict$/);
  });

  it('send whatever they like and break nothing', async () => {
    const app = at.api.console.app;
    const signedIn = await withKey(ours.key);
    const hostile = ['%', '%00', '%ff', '..%2f..%2fv1', '{}', `'`, 'x'.repeat(150), `acc_${ULID}%2fbalance`, `${ULID}`];
    for (const path of ['accounts', 'transactions', 'cards', 'card-transactions', 'settlements', 'events', 'records']) {
      for (const id of hostile) {
        const { statusCode } = await app.inject({
          url: `/console/${path}/${id}`,
          headers: { cookie: signedIn.cookie },
        });
        expect([path, id, statusCode >= 400 && statusCode < 500]).toEqual([path, id, true]);
      }
    }
    for (const query of [
      'date=x',
      'date=2026-02-31',
      'date=9999-12-31',
      'date=0000-01-01&time=00:00',
      'date=2026-01-01&time=99:99',
      'date=2026-01-01&time=1:0:0:0',
      'revision=-1',
      'revision=99999',
    ]) {
      const { statusCode } = await app.inject({
        url: `/console/trial-balance?${query}`,
        headers: { cookie: signedIn.cookie },
      });
      expect([query, statusCode]).toEqual([query, 400]);
      const account = await signedIn.get(`/console/accounts/${ours.account}?${query}&from=x`);
      expect([query, account.status]).toEqual([query, 200]);
      expect(account.text).not.toContain('NaN');
    }
    for (const query of [
      'from=x&to=y',
      'from=2030-01-01',
      'to=0001-01-01',
      'to=9999-12-31',
      'currency=XXX',
      'from=1&from=2',
    ]) {
      const seen = await signedIn.get(`/console/liquidity?${query}`);
      expect([query, seen.status < 500]).toEqual([query, true]);
    }
    for (const format of ['constructor', '__proto__', 'toString', 'x', '']) {
      const path = `/console/accounts/${ours.account}/statement?from=2026-01-01&to=9999-12-31&format=${format}`;
      const { status, text } = await signedIn.get(path);
      expect([format, status, text.slice(0, 5)]).toEqual([format, 200, '%PDF-']);
    }
    const odd = await app.inject({ method: 'POST', url: '/console/sign-in', payload: '{}' });
    expect(odd.statusCode).toBe(415);
  });
});

describe('forms', () => {
  it('are taken from the session’s own pages alone', async () => {
    const somebody = await withKey(ours.key);
    const { cookie } = somebody;
    const elsewhere = { 'sec-fetch-site': 'cross-site' };
    for (const path of ['/console/sign-out', '/console/switch', '/console/versions', '/console/sign-in']) {
      expect((await somebody.post(path, { form_token: '' })).status).toBe(403);
      expect((await somebody.post(path, { form_token: 'x'.repeat(22) })).status).toBe(403);
      expect((await somebody.post(path, {}, elsewhere)).status).toBe(403);
    }
    expect(somebody.cookie).toBe(cookie);
    const other = await withKey(ours.key);
    // The token of another session is none of this one, whoever they both are.
    const stolen = /form_token" value="([^"]+)/.exec((await other.get('/console')).text)![1] as string;
    expect((await somebody.post('/console/sign-out', { form_token: stolen })).status).toBe(403);
    expect((await somebody.post('/console/sign-out', {})).url).toMatch(/sign-in/);
  });
});

describe('pages', () => {
  it('show markup in names as text', async () => {
    const somebody = await withKey(ours.key);
    const { account, transaction, card, purchase, settlement } = ours;
    const paths = [
      '',
      '/trial-balance',
      '/accounts',
      `/accounts/${account}`,
      '/transactions',
      `/transactions/${transaction.id}`,
      `/cards/${card}`,
      '/card-transactions',
      `/card-transactions/${purchase}`,
      '/settlements',
      `/settlements/${settlement}`,
      '/months',
      '/liquidity',
      '/events',
      `/events/${transaction.revision}`,
      '/versions',
      `/search?q=${encodeURIComponent(MARKUP)}`,
    ];
    for (const path of paths) {
      const seen = await somebody.get(`/console${path}`);
      expect([path, seen.status]).toEqual([path, path.startsWith('/search') ? 404 : 200]);
      expect(seen.text).not.toContain('<img');
      expect(seen.text).toContain(ESCAPED);
      expect(seen.text).not.toMatch(/NaN|undefined|\[object/);
      expect(seen.text).toContain('Africa/Lagos');
    }
  });

  it('show money in its currency’s form, debits and credits, and that they are equal', async () => {
    const somebody = await withKey(ours.key);
    expect((await somebody.get('/console/trial-balance')).text).toMatch(
      /Debits equal credits.*12,345\.67.*12,345\.67/s,
    );
    expect((await somebody.get(`/console/accounts/${ours.account}`)).text).toContain('12,295.62');
    const { text } = await somebody.get(`/console/settlements/${ours.settlement}`);
    expect(text).toMatch(/owed to the network.*50\.05/s);
  });

  it('go back in time: by revision, and by the tenant’s day', async () => {
    const somebody = await withKey(ours.key);
    const path = `/console/accounts/${ours.account}`;
    const { revision } = ours.transaction;
    expect((await somebody.get(`${path}?revision=${revision}`)).text).toContain('12,345.67</span>');
    expect((await somebody.get(`${path}?revision=${revision - 1}`)).text).toContain('zero">0.00</span>');
    expect((await somebody.get(`${path}?date=2020-01-31`)).text).toContain('31 Jan 2020, 23:59:59 Africa/Lagos');
    expect((await somebody.get('/console/trial-balance?date=2020-01-31')).text).toMatch(/31 Jan 2020.*0\.00/s);
    expect((await somebody.get('/console/trial-balance?date=2020-01-31&time=12:30')).text).toContain('12:30:59');
  });

  it('show each event with its entries, its hash and the one before it', async () => {
    const somebody = await withKey(ours.key);
    const { revision } = ours.transaction;
    const hashes = async (of: number): Promise<string[]> =>
      (await somebody.get(`/console/events/${of}`)).text.match(/\b[0-9a-f]{64}\b/g) ?? [];
    const [own, before] = await hashes(revision);
    expect((await hashes(revision - 1))[0]).toBe(before);
    expect((await hashes(0))[1]).toBe('0'.repeat(64));
    const { text } = await somebody.get(`/console/events/${revision}`);
    expect(text).toMatch(/TransactionPosted.*Debit.*12,345\.67/s);
    expect(own).not.toBe(before);
    expect((await somebody.get('/console/events/99999')).status).toBe(404);
    const pages = await somebody.get('/console/events?before=3');
    expect(pages.text.match(/\/console\/events\/\d+"/g)).toHaveLength(6);
  });

  it('are found by any id, code, reference or revision', async () => {
    const somebody = await withKey(ours.key);
    const ulid = ours.transaction.id.slice(4);
    const event = `/console/events/${ours.transaction.revision}`;
    const lines = await at.send('GET', `/v1/settlements/${ours.settlement}/lines`, undefined, { as: ours.key });
    const [line] = lines.body.data as [{ id: string; revision: number }];
    const found: Readonly<Record<string, string>> = {
      [ours.account]: `/console/accounts/${ours.account}`,
      [ours.transaction.id]: `/console/transactions/${ours.transaction.id}`,
      [ours.card]: `/console/cards/${ours.card}`,
      [ours.purchase]: `/console/card-transactions/${ours.purchase}`,
      [ours.settlement]: `/console/settlements/${ours.settlement}`,
      [`evt_${ulid}`]: event,
      [entryId(ulid, 1)]: event,
      [line.id]: `/console/events/${line.revision}`,
      [String(ours.transaction.revision)]: event,
      'INV-1<b>': `/console/transactions/${ours.transaction.id}`,
      ' INV-1<b> ': `/console/transactions/${ours.transaction.id}`,
    };
    for (const [asked, place] of Object.entries(found)) {
      const { url } = await somebody.get(`/console/search?q=${encodeURIComponent(asked)}`);
      expect([asked, url]).toEqual([asked, place]);
    }
    for (const asked of ['', `evt_${ULID}`, `usr_${ULID}`, `acc_${ULID}`, 'no such thing']) {
      const seen = await somebody.get(`/console/search?q=${encodeURIComponent(asked)}`);
      expect([asked, seen.status]).toEqual([asked, 404]);
    }
  });

  it('hand on files as the API makes them', async () => {
    const somebody = await withKey(ours.key);
    const lines = await somebody.get(`/console/settlements/${ours.settlement}/lines.csv`);
    expect([lines.status, lines.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    expect(lines.text).toContain(ours.purchase);
    const today = new Date().toISOString().slice(0, 10);
    const path = `/console/accounts/${ours.account}/statement?from=2026-01-01&to=${today}`;
    expect((await somebody.get(`${path}&format=csv`)).headers['content-type']).toContain('text/csv');
    const pdf = await somebody.get(`${path}&format=pdf`);
    expect([pdf.text.slice(0, 5), pdf.headers['content-disposition']]).toEqual([
      '%PDF-',
      expect.stringMatching(/^attachment; filename="acc_\w+\.?[\w-]*\.pdf"$/),
    ]);
    expect((await somebody.get(`/console/accounts/${ours.account}/statement?from=x&to=y`)).status).toBe(400);
  });

  it('lead to a settlement by the reference of what paid it', async () => {
    const books = await booksOf(at, { name: 'Payer', environment: 'sandbox' });
    const somebody = await withKey(books.key);
    const post = (url: string, body: object | undefined, key: string): Promise<Reply> =>
      at.send('POST', url, body, { as: books.writer, headers: { 'idempotency-key': key } });
    await post('/v1/test/settlements/advance_clock', undefined, 'clock');
    const search = `/console/search?q=${encodeURIComponent('PAY 7/<b>')}`;
    expect((await somebody.get(search)).status).toBe(404);
    const paid = { amount: 5_005, reference: 'PAY 7/<b>' };
    const completed = await post(`/v1/settlements/${books.settlement}/complete`, paid, 'pay');
    expect([completed.status, completed.body.status]).toEqual([200, 'completed']);
    expect((await somebody.get(search)).url).toBe(`/console/settlements/${books.settlement}`);
    // A transaction of the same reference stands beside it.
    const deposit = { type: 'deposit', amount: 1, currency: 'NGN', destination: books.account, reference: 'PAY 7/<b>' };
    expect((await post('/v1/transactions', deposit, 'deposit')).status).toBe(201);
    const { status, text } = await somebody.get(search);
    expect([status, text.includes(`href="/console/settlements/${books.settlement}"`)]).toEqual([200, true]);
    // What a card network called something is not looked through, and the page says so.
    expect((await somebody.get('/console/search?q=net-1')).text).toMatch(
      /network’s\s+references are not looked through/,
    );
  });

  it('list closed months, with the reports as the API makes them', async () => {
    const books = await booksOf(at, { name: 'Closed' });
    const somebody = await withKey(books.key);
    expect((await somebody.get('/console/months')).text).toContain('No month is closed yet.');
    const closed = await at.send(
      'POST',
      '/v1/periods/close',
      { month: '2020-01' },
      { as: books.writer, headers: { 'idempotency-key': 'month' } },
    );
    expect(closed.status).toBe(200);
    const { text } = await somebody.get('/console/months');
    expect(text).toMatch(/aria-current="page"\s*>Months.*Jan 2020.*1 Jan 2020, 00:00:00.*31 Jan 2020, 23:59:59/s);
    const links = [...text.matchAll(/href="(\/console\/months\/[^"]+)"/g)].map(([, link]) => link as string);
    const files = await Promise.all(links.map((link) => somebody.get(link)));
    const told = files.map(({ status, headers, text: file }) => [
      status,
      headers['content-disposition'],
      file.slice(0, 8),
    ]);
    expect(told).toEqual([
      [200, 'attachment; filename="2020-01.pdf"', expect.stringMatching(/^%PDF-1\./)],
      [200, 'attachment; filename="2020-01.csv"', 'section,'],
    ]);
    for (const month of ['2020-02', '2020-13', 'constructor', '..%2f2020-01']) {
      expect([month, (await somebody.get(`/console/months/${month}/report`)).status]).toEqual([month, 404]);
    }
    expect((await (await withKey(ours.key)).get('/console/months/2020-01/report')).status).toBe(404);
  });

  it('of another tenant are not there, and none names any of its ids', async () => {
    const somebody = await withKey(ours.key);
    const { account, transaction, card, purchase, settlement } = theirs;
    const closed = [
      `/accounts/${account}`,
      `/accounts/${account}/statement?from=2026-01-01&to=2026-01-02`,
      `/transactions/${transaction.id}`,
      `/cards/${card}`,
      `/card-transactions/${purchase}`,
      `/settlements/${settlement}`,
      `/settlements/${settlement}/lines.csv`,
      `/search?q=${account}`,
      `/search?q=evt_${transaction.id.slice(4)}`,
    ];
    for (const path of closed) {
      const { status, text } = await somebody.get(`/console${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain('Rival');
    }
    const known = new Set(Object.values(theirs).map((one) => (typeof one === 'object' ? one.id : one)));
    for (const path of [
      '',
      '/accounts',
      '/trial-balance',
      '/transactions',
      '/card-transactions',
      '/settlements',
      '/events',
    ]) {
      const { text } = await somebody.get(`/console${path}`);
      const ids = text.match(ANY_ID) ?? [];
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.filter((id) => known.has(id))).toEqual([]);
    }
  });

  it('leave out what their reader has no right to, and say so', async () => {
    const somebody = await withKey(await keyOf(at, ours.tenant.id, ['events:read']));
    const overview = await somebody.get('/console');
    expect([overview.status, overview.text]).toEqual([
      200,
      expect.stringContaining('The key lacks the scope that this needs.'),
    ]);
    expect((await somebody.get('/console/accounts')).status).toBe(403);
    // What happened they may read; the stream itself not.
    const events = await somebody.get('/console/events');
    expect([titleOf(events), events.text]).toEqual(['Events', expect.stringContaining('transaction.completed')]);
    const { url } = await somebody.get(`/console/search?q=evt_${ours.transaction.id.slice(4)}`);
    expect(url).toBe(`/console/records/evt_${ours.transaction.id.slice(4)}`);
  });
});

describe('users', () => {
  const email = 'jane@acme.example';
  let sister: { readonly id: string };
  beforeAll(async () => {
    sister = await at.tenant({ workspace_id: ours.tenant.workspace_id, name: 'Sister', timezone: 'Asia/Tokyo' });
    await joined(at, smtp, ours.tenant.id, email, 'finance');
    await joined(at, smtp, sister.id, email, 'admin');
  }, 30_000);

  /** At home, where they came in last: with the sister. */
  const signedIn = async (): Promise<Visitor> => {
    const somebody = visitor();
    const seen = await somebody.signIn({ email, password: PASSWORD, next: '/console/liquidity' });
    expect([seen.url, seen.text]).toEqual(['/console/liquidity', expect.stringContaining('Asia/Tokyo')]);
    return somebody;
  };
  const goTo = (somebody: Visitor, tenantId: string): Promise<Seen> =>
    somebody.post('/console/switch', { tenant_id: tenantId });
  const cookies = (): SessionCookies => new SessionCookies(deriveKey(at.installation.masterKey, 'api: console'));
  const staleCookie = async (somebody: Visitor): Promise<string> => {
    const session = (await cookies().read(somebody.cookie)) as Session;
    return (await cookies().written({ ...session, freshUntil: 0 }, false)).split(';')[0] as string;
  };

  it('pin the version where they are admin; elsewhere in their workspace they go by name, and see it', async () => {
    const somebody = await signedIn();
    expect((await somebody.get('/console/versions')).text).toContain('Pin</button>');
    const pinned = await somebody.post('/console/versions', { version: '2026-02-01' });
    expect(pinned.text).toContain('From now on it is 2026-02-01');
    expect((await somebody.post('/console/versions', { version: '1999-01-01' })).status).toBe(400);
    expect((await somebody.post('/console/versions', { version: '' })).text).toContain('From now on it is 2026-05-19');

    const before = somebody.cookie;
    const there = await goTo(somebody, ours.tenant.id);
    expect([there.url, there.text]).toEqual(['/console', expect.stringContaining(ours.tenant.id)]);
    expect(there.text).toMatch(/Jane &lt;Smith&gt;.*finance/s);
    expect(there.text).toMatch(new RegExp(`value="${sister.id}"[^>]*>\\s*Sister`));
    const versions = await somebody.get('/console/versions');
    expect([versions.status, versions.text.includes('Pin</button>')]).toEqual([200, false]);
    expect((await somebody.post('/console/versions', { version: '2026-02-01' })).status).toBe(403);
    // The session that was left is over.
    const left = visitor();
    left.cookie = before;
    expect((await left.get('/console')).url).toMatch(/sign-in\?ended=1$/);
    expect((await goTo(somebody, theirs.tenant.id)).status).toBe(403);
    await goTo(somebody, sister.id);
  });

  it('stay signed in when their access token ends, in two windows at once, too', async () => {
    const somebody = await signedIn();
    const cookie = await staleCookie(somebody);
    const windows = [visitor(), visitor(), visitor()];
    for (const one of windows) one.cookie = cookie;
    const seen = await Promise.all(windows.map((one) => one.get('/console')));
    expect(seen.map(({ url }) => url)).toEqual(['/console', '/console', '/console']);
    for (const one of windows) {
      expect(one.cookie).not.toBe(cookie);
      expect((await one.get('/console/accounts')).url).toBe('/console/accounts');
    }
  });

  it('are out everywhere once they sign out, and are led back to where they were', async () => {
    const somebody = await signedIn();
    const copy = visitor();
    copy.cookie = somebody.cookie;
    expect((await somebody.post('/console/sign-out', {})).url).toBe('/console/sign-in');
    expect(somebody.cookie).not.toBe(copy.cookie);
    const ended = await copy.get('/console/accounts?status=active');
    expect(ended.url).toBe('/console/sign-in?next=%2Fconsole%2Faccounts%3Fstatus%3Dactive&ended=1');
    expect(ended.text).toContain('value="/console/accounts?status=active"');
  });

  it('of a suspended tenant read, and are refused what writes', async () => {
    const somebody = await signedIn();
    const suspended = await at.admin('PATCH', `/${sister.id}/status`, { status: 'suspended', reason: 'spec' });
    expect(suspended.status).toBe(200);
    const { text } = await somebody.get('/console/accounts');
    expect(text).toContain('This tenant is suspended: it can be read, not written.');
    const refused = await somebody.post('/console/versions', { version: '2026-02-01' });
    expect([refused.status, titleOf(refused)]).toEqual([403, 'This is not open to you']);
  });
});
