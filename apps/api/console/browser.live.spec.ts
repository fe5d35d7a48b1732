/** The console as a person has it: in Chromium, on a desk and on a phone, in the dark, with nothing but a keyboard. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startSmtp, type Smtp } from '../../../test/support/smtp.js';
import { InstallationUnderTest } from '../spec-installation.js';
import { booksOf, joined, keyOf, PASSWORD, type Books } from './spec-books.js';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const PHONE = { width: 360, height: 740 };
const EMAIL = 'jane@acme.example';
const PATIENCE_MS = 20_000;

let smtp: Smtp;
let at: InstallationUnderTest;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let books: Books;
let sister: { readonly id: string };
let url: string;
const complaints: string[] = [];

const prepare = async (): Promise<void> => {
  smtp = await startSmtp();
  at = await InstallationUnderTest.start({ DAYBOOK_SMTP_URL: smtp.url });
  url = await at.api.listen('127.0.0.1', 0);
  books = await booksOf(at, { name: `Acme ${'x'.repeat(150)}` });
  sister = await at.tenant({ workspace_id: books.tenant.workspace_id, name: 'Sister', timezone: 'Asia/Tokyo' });
  await joined(at, smtp, sister.id, EMAIL, 'admin');
  await joined(at, smtp, books.tenant.id, EMAIL, 'finance');
  browser = await chromium.launch({ executablePath: PROGRAM as string, args: ['--no-sandbox'] });
  context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  page = await context.newPage();
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('request', (request) => void (request.url().startsWith(url) || complaints.push(request.url())));
};

const heading = (of: Page = page): Promise<string | null> => of.locator('h1').textContent();

/** What a script of the page would find. A text, because what it speaks of is not known to the rest of this code. */
const inPage = <T>(script: string, of: Page = page): Promise<T> => of.evaluate(`(() => { ${script} })()`);

/** Where the focus is, by what a screen reader would say. */
const focused = (): Promise<string> =>
  inPage(`const one = document.activeElement;
    return (one?.getAttribute('aria-label') ?? one?.textContent ?? '').trim().split('\\n')[0].trim();`);

/** Presses Tab until the focus is on something; fails where it is never reached. */
const tabTo = async (name: string): Promise<void> => {
  const seen: string[] = [];
  while (seen.length < 60) {
    await page.keyboard.press('Tab');
    seen.push(await focused());
    if (seen.at(-1)?.startsWith(name)) return;
  }
  throw new Error(`the keyboard never comes to ${name}: ${seen.join(' | ')}`);
};

const widths = (of: Page): Promise<readonly [number, number]> =>
  inPage('const { scrollWidth, clientWidth } = document.documentElement; return [scrollWidth, clientWidth];', of);

const paths = (): string[] => [
  '',
  '/trial-balance',
  '/accounts',
  `/accounts/${books.account}`,
  '/transactions',
  `/transactions/${books.transaction.id}`,
  `/cards/${books.card}`,
  '/card-transactions',
  `/card-transactions/${books.purchase}`,
  '/settlements',
  `/settlements/${books.settlement}`,
  '/months',
  '/liquidity',
  '/events',
  `/events/${books.transaction.revision}`,
  '/versions',
  '/search?q=nothing',
];

const inBrowser = (): void => {
  beforeAll(prepare, 90_000);
  afterAll(async () => {
    await browser?.close();
    await at?.close();
    await smtp?.stop();
  });

  it('signs in with address and password by Enter alone, and a wrong password says so', async () => {
    await page.goto(`${url}/console/accounts`);
    expect(await heading()).toBe('Finance console');
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByLabel('Password').fill('wrong horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(EMAIL);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/accounts`);
    expect(await inPage('return document.cookie')).toBe('');
    complaints.length = 0;
  });

  it('is walked through with the keyboard: past the menu, through it, into a table, and out again', async () => {
    await page.goto(`${url}/console`);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    expect((await page.locator('.skip').boundingBox())?.x).toBe(0);
    await page.keyboard.press('Enter');
    expect(await inPage('return document.activeElement.id')).toBe('content');
    await page.goto(`${url}/console`);
    await tabTo('Accounts');
    expect(await inPage('return getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/accounts`);
    await tabTo('Accounts, newest first');
    await tabTo('<img src=x');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/accounts/${books.account}`);
    await tabTo('Skip to the content');
  });

  it('goes back in time by a date, and forth again', async () => {
    await page.goto(`${url}/console/trial-balance`);
    const total = page.locator('tbody .money').first();
    expect(await total.textContent()).toBe('12,345.67');
    await page.getByLabel('At the end of').fill('2020-01-31');
    await page.keyboard.press('Enter');
    await page.waitForURL(/date=2020-01-31/);
    expect(await page.locator('.lead').textContent()).toContain('31 Jan 2020, 23:59:59 Africa/Lagos');
    expect(await page.locator('tbody .money').first().textContent()).toBe('0.00');
    await page.getByRole('link', { name: 'Clear' }).click();
    expect(await total.textContent()).toBe('12,345.67');
  });

  it('finds what an id names', async () => {
    await page.getByRole('searchbox').fill(books.purchase);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/card-transactions/${books.purchase}`);
    await page.getByRole('searchbox').fill(`evt_${books.transaction.id.slice(4)}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/events/${books.transaction.revision}`);
    expect(await heading()).toContain('TransactionPosted');
  });

  it('fits a phone: whatever is wider scrolls in its own box', async () => {
    const phone = await context.newPage();
    await phone.setViewportSize(PHONE);
    const longest = { account_name: 'y'.repeat(200), wallet_type: 'business', currency: 'NGN' };
    const { status } = await at.send('POST', '/v1/accounts', longest, {
      as: await keyOf(at, books.tenant.id, ['accounts:write']),
      headers: { 'idempotency-key': 'longest' },
    });
    expect(status).toBe(201);
    for (const path of paths()) {
      await phone.goto(`${url}/console${path}`);
      const [width, room] = await widths(phone);
      expect([path, width <= room, room]).toEqual([path, true, PHONE.width]);
      const chart = await phone.locator('svg.chart:visible').count();
      expect([path, chart]).toEqual([path, path === '/liquidity' ? 1 : 0]);
    }
    await phone.close();
  });

  it('is dark where its reader likes it dark', async () => {
    const lightness = async (scheme: 'light' | 'dark'): Promise<number[]> => {
      await page.emulateMedia({ colorScheme: scheme });
      const [color, paper] = await inPage<readonly string[]>(
        `return [getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor];`,
      );
      return [color, paper].map((text) =>
        ((text ?? '').match(/\d+/g) ?? []).slice(0, 3).reduce((sum, one) => sum + Number(one) / 765, 0),
      );
    };
    const [[ink, paper], [darkInk, darkPaper]] = [await lightness('light'), await lightness('dark')] as [
      [number, number],
      [number, number],
    ];
    expect([paper - ink > 0.6, darkInk - darkPaper > 0.6]).toEqual([true, true]);
    await page.emulateMedia({ colorScheme: null });
  });

  it('prints a trial balance without what is only for the screen', async () => {
    await page.goto(`${url}/console/trial-balance`);
    await page.emulateMedia({ media: 'print' });
    for (const part of ['.top', '.menu', '.query']) expect(await page.locator(part).first().isVisible()).toBe(false);
    expect(await page.locator('table').last().isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
  });

  it('goes to another tenant of the workspace, and signs out', async () => {
    await page.goto(`${url}/console`);
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Sister' }).click();
    await page.getByText(sister.id).waitFor({ state: 'attached' });
    expect(await heading()).toBe('Sister');
    expect(await page.locator('footer').textContent()).toContain('Asia/Tokyo');
    await page.locator('.who summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${url}/console/sign-in`);
    await page.goto(`${url}/console/accounts`);
    expect(await heading()).toBe('Finance console');
  });

  it('asked for nothing that its policy forbids or that is not there', () => {
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([]);
  });
};

if (PROGRAM === undefined) {
  process.stderr.write('Skipped the console in a browser: there is no chromium (apt-get install chromium).\n');
  test.skip('the console in Chromium', () => undefined);
} else {
  describe('the console in Chromium', inBrowser);
}
