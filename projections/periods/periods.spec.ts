import { exactly } from '#contract/exact.js';
import { monthReport } from '#domain/periods/month-report.js';
import { account, card, DAY, deposit, elapse, named, transfer } from '#domain/spec-support.js';
import { ledgerStream } from '#domain/codec.js';
import { MonthFigures, reportDigest } from '#proof/month-figures.js';
import { withTenant } from '#projecting/tenant-session.js';
import { PostgresFinanceReads } from '../../apps/api/finance/finance-reads.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getClosedMonth, listClosedMonths } from './periods.queries.js';

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const MERCHANT = { name: 'Shop', category_code: '5411' };
const post = (amount: number, reference: string, posted_at?: string) =>
  named(reference, {
    type: 'PostCardTransaction',
    data: {
      card_id: '@visa',
      amount,
      currency: 'NGN',
      merchant: MERCHANT,
      network_reference: reference,
      direction: 'debit',
      ...(posted_at === undefined ? {} : { posted_at }),
    },
  });

/** India is half an hour beside the hour. */
const close = (month: string, from: string, through: string) =>
  ({ type: 'CloseMonth', data: { month, timezone: 'Asia/Kolkata', from, through } }) as const;
const JANUARY = close('2026-01', '2025-12-31T18:30:00.000Z', '2026-01-31T18:29:59.999Z');
const FEBRUARY = close('2026-02', '2026-01-31T18:30:00.000Z', '2026-02-28T18:29:59.999Z');

const digestsOf = async (month: string): Promise<readonly (string | null | undefined)[]> => {
  const { data } = await new PostgresFinanceReads(models.app).closedMonth(book.tenantId, month);
  const figures = new MonthFigures();
  const folded = book.events.map((event) => figures.take(event, 'ab')).find((facts) => facts?.month === month);
  return [data && { ...data, head_hash: 'ab' }, folded].map(
    (facts) => facts && reportDigest(monthReport(facts, exactly)),
  );
};

describe('closed months', () => {
  it('have the report that a fold of the stream gives, whatever happens after', async () => {
    book = await models.tenant(
      1,
      account('ada'),
      account('shop', 'merchant'),
      account('main', 'float'),
      ...card('visa', 'ada'),
      deposit('ada', 5_000),
      elapse(5 * DAY),
      post(700, 'c1'),
      elapse(12 * DAY),
      transfer('ada', 'shop', 300),
      post(9_000, 'c2', '2026-01-09T18:29:59Z'),
      elapse(20 * DAY),
      deposit('ada', 40),
    );
    const settlement = [...book.events].find(({ type }) => type === 'SettlementNetted');
    if (settlement?.type !== 'SettlementNetted') throw new Error('nothing was netted');
    const { settlement_id, net } = settlement.data.settlement;
    await book.tell({ type: 'CompleteSettlement', data: { settlement_id, amount: net - 5 } });
    await book.tell({ type: 'UpdateTenant', data: { timezone: 'Asia/Kolkata' } }, JANUARY);
    await models.projected(book);
    const [read, folded] = await digestsOf('2026-01');
    expect(read).toBe(folded);
    // Paid after the month was closed: the report goes on saying that it was not by then.
    const unpaid = book.events.filter(({ type }) => type === 'SettlementNetted').at(-1);
    if (unpaid?.type !== 'SettlementNetted') throw new Error('nothing was netted');
    const late = unpaid.data.settlement;
    expect(late.settlement_id).not.toBe(settlement_id);
    await book.tell(
      { type: 'CompleteSettlement', data: { settlement_id: late.settlement_id, amount: late.net } },
      post(11, 'c3', '2026-01-02T00:00:00Z'),
      elapse(30 * DAY),
      FEBRUARY,
    );
    await models.projected(book);
    expect(await digestsOf('2026-01')).toEqual([read, read]);
    const [february, again] = await digestsOf('2026-02');
    expect(february).toBe(again);
    expect(february).not.toBe(read);
    const { data } = await new PostgresFinanceReads(models.app).closedMonth(book.tenantId, '2026-01');
    expect(data?.settlements).toMatchObject([{ difference: -5 }, { paid_amount: null, difference: null }]);
    expect(monthReport({ ...data!, head_hash: '' }, exactly)).toMatchObject({
      trial_balance: [{ currency: 'NGN', opening_debits: 0, closing_debits: expect.any(Number) as number }],
      differences: [{ currency: 'NGN', settlements: 1, amount: -5, suspense_closing: 0 }],
    });
    // It was paid in February.
    const next = await new PostgresFinanceReads(models.app).closedMonth(book.tenantId, '2026-02');
    expect(monthReport({ ...next.data!, head_hash: '' }, exactly)).toMatchObject({
      differences: [{ settlements: 0, amount: 0, suspense_opening: 0, suspense_closing: -5 }],
    });
  });

  it('are listed, newest first, as their event said', async () => {
    const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
      page: await listClosedMonths(session, { limit: 9 }),
      january: await getClosedMonth(session, '2026-01'),
      none: await getClosedMonth(session, '2026-03'),
    }));
    expect(data.page.data.map(({ month }) => month)).toEqual(['2026-02', '2026-01']);
    expect(data.january).toMatchObject({ resource: data.page.data[1], closedAt: expect.any(Number) as number });
    expect(data.none).toBeNull();
    expect((await models.store.head(ledgerStream(book.tenantId)))?.revision).toBeGreaterThan(data.january!.revision);
  });
});
