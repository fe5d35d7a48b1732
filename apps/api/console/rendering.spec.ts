import type { TenantResource } from '#contract/resources/tenant.js';
import { noticesAt } from '#contract/versions/published-versions.js';
import { API_VERSIONS } from '#contract/api-versions.js';
import { ApiCalls } from './api-calls.js';
import { chart } from './chart.js';
import { money, moneyText } from './figures.js';
import { Frame } from './frame.js';
import { html } from './html.js';
import { idLink, placeOf } from './parts.js';
import { isFormOf, SessionCookies, strangersSession } from './session-cookie.js';
import { placeAfter } from './signing-in.js';
import { Visit } from './visit.js';
import { dayText, Zone } from './zone.js';

const ULID = '01HZXK5Y8Q2J3M4N5P6R7S8T9V';

describe('markup', () => {
  it('shows whatever stands in a template as text, and leaves out what is nothing', () => {
    const bad = `<script>"&'</script>`;
    expect(html`<p title="${bad}">${bad}${null}${false}${undefined}${0}</p>`.text).toBe(
      '<p title="&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;0</p>',
    );
    expect(html`${['<a>', html`<b>${'<i>'}</b>`]}`.text).toBe('&lt;a&gt;<b>&lt;i&gt;</b>');
  });
});

describe('figures', () => {
  it.each([
    [0, 'EUR', '0.00'],
    [-5, 'EUR', '−0.05'],
    [123_456_789, 'EUR', '1,234,567.89'],
    [-123_456, 'JPY', '−123,456'],
    [1_234_567, 'KWD', '1,234.567'],
    [-9_007_199_254_740_991, 'EUR', '−90,071,992,547,409.91'],
    [12, 'nothing', '12'],
  ])('%d of %s is %s', (amount, currency, text) => {
    expect(moneyText(amount, currency)).toBe(text);
  });

  it('say what is below zero and what is nothing by more than colour', () => {
    expect(money(-1, 'EUR').text).toContain('negative">−0.01');
    expect(money(null, 'EUR').text).toContain('–');
  });

  it('are drawn where nothing ever moved, and where all of it is one point', () => {
    const zone = new Zone('UTC');
    const drawn = (points: Parameters<typeof chart>[0]['points']): string =>
      chart({ points, from: 0, to: 86_400_000, currency: 'EUR', zone, width: 340, height: 200, name: 'x' }).text;
    for (const one of [drawn([]), drawn([{ at: 5, liabilities: 0, liquidity: 0 }])]) {
      expect(one).not.toMatch(/NaN|Infinity|undefined/);
    }
    const far = { at: 5, liabilities: 9_007_199_254_740_991, liquidity: -9_007_199_254_740_991 };
    expect(drawn([far]).match(/class="rule"/g)!.length).toBeLessThan(9);
  });
});

describe('times', () => {
  it.each([
    ['Europe/Berlin', '2026-01-31T23:30:00Z', '1 Feb 2026, 00:30:00', 'UTC+01:00'],
    ['America/St_Johns', '2026-07-01T00:00:00Z', '30 Jun 2026, 21:30:00', 'UTC−02:30'],
    ['Africa/Lagos', '2026-11-22T12:00:00.999Z', '22 Nov 2026, 13:00:00', 'UTC+01:00'],
  ])('are of the zone: %s', (name, instant, text, offset) => {
    const zone = new Zone(name);
    expect([zone.text(Date.parse(instant)), zone.offset(Date.parse(instant))]).toEqual([text, offset]);
  });

  it.each([
    ['2026-06-01', '12:00', '2026-06-01T10:00:00.000Z'],
    ['2026-10-25', '01:59:59', '2026-10-24T23:59:59.000Z'],
    // Twice, as the clock goes back: the first time.
    ['2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25', '03:00', '2026-10-25T02:00:00.000Z'],
  ])('a clock in Berlin shows %s %s at %s', (date, time, instant) => {
    expect(new Date(new Zone('Europe/Berlin').instantOf(date, time)).toISOString()).toBe(instant);
  });

  it('a day ends when the next one begins, where it has 23 hours, too', () => {
    const zone = new Zone('Europe/Berlin');
    expect(zone.endOf('2026-03-29') + 1 - zone.startOf('2026-03-29')).toBe(23 * 3_600_000);
    expect(dayText('2026-03-09')).toBe('9 Mar 2026');
  });
});

describe('links', () => {
  it('lead from every id to somewhere in the console', () => {
    expect(placeOf(`acc_${ULID}`)).toBe(`/console/accounts/acc_${ULID}`);
    expect(placeOf(`stl_${ULID}`)).toBe(`/console/search?q=stl_${ULID}`);
    expect(idLink(null).text).toContain('–');
  });

  it.each([
    ['/console', '/console'],
    ['/console/events?before=5', '/console/events?before=5'],
    ['/consolex', '/console'],
    ['//evil.example/console', '/console'],
    ['https://evil.example/console', '/console'],
    ['/console/a b', '/console'],
    ['/console/\r\nset-cookie: x', '/console'],
    [undefined, '/console'],
  ])('after signing in, %s leads to %s', (asked, place) => {
    expect(placeAfter(asked)).toBe(place);
  });
});

describe('sessions', () => {
  const cookies = new SessionCookies(new Uint8Array(32).fill(1));
  const session = { ...strangersSession(), kind: 'key' as const, bearer: 'qp_sk_secret' };
  const sent = (cookie: string): string => `other=1; ${cookie.split(';')[0]}`;

  it('are read as they were written, tell nobody anything, and are kept from scripts and other sites', async () => {
    const cookie = await cookies.written(session, true);
    expect(cookie).toMatch(/; Path=\/console; HttpOnly; SameSite=Strict; Secure$/);
    expect(await cookies.written(session, false)).not.toContain('Secure');
    expect(Buffer.from(cookie, 'base64url').toString('latin1')).not.toContain('qp_sk_secret');
    expect(cookie).not.toContain('qp_sk_secret');
    expect(await cookies.read(sent(cookie))).toMatchObject({ kind: 'key', bearer: 'qp_sk_secret' });
  });

  it('end after twelve hours, and are of one installation', async () => {
    const old = { ...session, since: Date.now() - 12 * 3_600_000 - 1_000 };
    expect(await cookies.read(sent(await cookies.written(old, false)))).toBeNull();
    const elsewhere = new SessionCookies(new Uint8Array(32).fill(2));
    expect(await elsewhere.read(sent(await cookies.written(session, false)))).toBeNull();
    const cookie = sent(await cookies.written(session, false));
    expect(await cookies.read(cookie.slice(0, -3))).toBeNull();
    expect(await cookies.read('daybook_console=')).toBeNull();
    expect(await cookies.read(undefined)).toBeNull();
  });

  it('take their own forms alone', () => {
    expect(isFormOf(session, session.formToken)).toBe(true);
    expect(isFormOf(session, strangersSession().formToken)).toBe(false);
    expect(isFormOf(session, '')).toBe(false);
    expect(isFormOf(session, undefined)).toBe(false);
  });
});

describe('notices', () => {
  const nobody = new ApiCalls(() => {
    throw new TypeError('nothing is asked');
  }, 'QairoPay-Version');
  const shownAt = (now: number): string => {
    const tenant = { id: `tnt_${ULID}`, name: 'Acme', environment: 'live', status: 'active' } as TenantResource;
    const notices = noticesAt(API_VERSIONS, now, 'https://books.example');
    const zone = new Zone('UTC');
    const visit = new Visit(nobody, strangersSession(), '::1', '/console', {}, {}, tenant, null, notices, zone, now);
    return new Frame('/console/x.css').around(visit, { title: 'Overview', content: html`` });
  };

  it('of a version that shipped stand on every page for thirty days', () => {
    const shipped = Date.parse('2026-05-19T00:00:00Z');
    expect(shownAt(shipped + 29 * 86_400_000)).toMatch(/class="banner" role="status">.*2026-05-19/s);
    expect(shownAt(shipped + 31 * 86_400_000)).not.toContain('class="banner"');
  });
});
