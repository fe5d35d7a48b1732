import { getDocumentProxy, extractText } from 'unpdf';
import { renderStatement, type StatementEntry } from '#contract/resources/statement.js';
import { idOf } from '#domain/ids.js';
import { START, SECOND, ulidAt } from '#domain/spec-support.js';
import { statementCamt } from './camt.js';
import { statementCsv } from './csv.js';
import { decimalOf, readable } from './decimal.js';
import { statementPdf } from './pdf.js';

const NARRATION = 'Rent, "May" & June <1>';
const entry = (n: number, more: Partial<StatementEntry> = {}): StatementEntry => ({
  index: 0,
  transactionId: idOf('transaction', ulidAt(START + n * SECOND, n + 1)),
  type: 'transfer',
  reference: `inv-${n}`,
  narration: null,
  effectiveAt: START + n * SECOND,
  recordedAt: START + n * SECOND,
  direction: n % 3 === 0 ? 'credit' : 'debit',
  amount: 1_000_000 + n,
  ...more,
});

const ACCOUNT = {
  id: idOf('account', ulidAt(START, 1)),
  account_code: 'A-1',
  currency: 'NGN',
  normal_side: 'credit',
} as const;
const PERIOD = { from: START, to: START + 86_400_000, revision: 77 };
const statementOf = (...entries: StatementEntry[]) =>
  renderStatement(idOf('tenant', ulidAt(START, 2)), ACCOUNT, PERIOD, -12_345n, entries);

const many = statementOf(...Array.from({ length: 300 }, (_, n) => entry(n)));
const odd = statementOf(
  entry(0, { narration: NARRATION, reference: '=HYPERLINK("x")' }),
  entry(1, { narration: 'naïve ₦\u0001 語' }),
);

describe('amounts', () => {
  it.each([
    [0, 'NGN', '0.00', '0.00'],
    [-5, 'NGN', '-0.05', '-0.05'],
    [123_456_789, 'NGN', '1234567.89', '1,234,567.89'],
    [1234, 'JPY', '1234', '1,234'],
    [-1_234_567, 'KWD', '-1234.567', '-1,234.567'],
  ])('%i of %s is %s', (amount, currency, exact, shown) => {
    expect(decimalOf(amount, currency)).toBe(exact);
    expect(readable(amount, currency)).toBe(shown);
  });
});

describe('CSV', () => {
  it('has a row for each balance and line, quoted, and no formula', () => {
    const rows = statementCsv(odd).split('\r\n');
    expect(rows).toHaveLength(6);
    expect(rows[1]).toBe('2026-01-05T09:00:00.000Z,,,,opening_balance,,,,,-12345,NGN');
    expect(rows[2]).toContain(`,"'=HYPERLINK(""x"")","Rent, ""May"" & June <1>",,1000000,987655,NGN`);
    expect(rows[4]).toMatch(/^2026-01-06.*closing_balance.*,-12346,NGN$/);
  });
});

describe('camt.053', () => {
  it('says balances, totals and entries with their sides', () => {
    const xml = statementCamt(odd);
    expect(xml).toContain('<Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="NGN">123.45</Amt><CdtDbtInd>DBIT</CdtDbtInd>');
    expect(xml).toContain('<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>10000.00</Sum></TtlCdtNtries>');
    expect(xml).toContain('<Ustrd>Rent, &quot;May&quot; &amp; June &lt;1&gt;</Ustrd>');
    expect(xml).toContain('<Ustrd>naïve ₦? 語</Ustrd>');
    // Every element that is opened is closed, in order.
    const open: string[] = [];
    for (const [, slash, name] of xml.matchAll(/<(\/?)(\w+)[^>?]*>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name!);
    }
    expect(open).toEqual([]);
  });
});

describe('PDF', () => {
  const pagesOf = async (pdf: Buffer): Promise<readonly string[]> =>
    (await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: false })).text;

  it('has every line, on pages that all say what they are of', async () => {
    const pages = await pagesOf(await statementPdf(many));
    expect(pages.length).toBeGreaterThan(6);
    for (const [i, page] of pages.entries()) {
      expect(page).toContain(`Page ${i + 1}`);
      expect(page).toContain(ACCOUNT.id);
      expect(page).toContain('Balance');
    }
    const all = pages.join('\n');
    for (const { transaction_id } of many.lines) expect(all).toContain(transaction_id);
    expect(pages[0]).toContain('-123.45');
    expect(pages.at(-1)).toContain(readable(many.closing_balance, 'NGN'));
  });

  it('shows what the font lacks as a question mark', async () => {
    expect((await pagesOf(await statementPdf(odd))).join()).toContain('naïve ?? ?');
  });

  it('is the same bytes each time', async () => {
    expect((await statementPdf(many)).equals(await statementPdf(many))).toBe(true);
  });
});
