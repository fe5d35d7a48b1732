import { renderLiquiditySnapshot, snapshotId } from '#contract/resources/liquidity.js';
import type { Command } from '#domain/commands.js';
import { liquidityOf } from '#domain/liquidity/liquidity.js';
import { evolve } from '#domain/ledger.js';
import { account, DAY, deposit, elapse, SECOND, START, transfer } from '#domain/spec-support.js';
import { emptyState } from '#domain/state.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getSnapshot, latestLiquidity, liquidityCurve, listSnapshots } from './liquidity.queries.js';

const MINUTE = 60_000;
const withdraw = (from: string, amount: number): Command => ({
  type: 'PostTransaction',
  data: { type: 'withdrawal', amount, currency: 'NGN', source: `@${from}` },
});

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(
    1,
    account('ada'),
    account('shop', 'merchant'),
    account('office', 'business'),
    account('eve', 'customer', 'EUR'),
    account('books', 'general', 'NGN', { allow_negative: true }),
    deposit('ada', 1_000),
    elapse(2 * MINUTE),
    deposit('shop', 500),
    elapse(7 * MINUTE),
    transfer('ada', 'office', 200),
    transfer('books', 'ada', 50),
    elapse(2 * 60 * MINUTE),
    withdraw('ada', 300),
  );
  await models.projected(book);
});
afterAll(() => models.close());

const read = async <T>(what: (session: TenantSession) => Promise<T>): Promise<T> =>
  (await withTenant(models.app, book.tenantId, what)).data;

/** How a fresh fold of the stream stands at a revision. */
const foldedAt = (revision: number) => {
  const state = emptyState();
  for (const event of book.events.slice(0, revision + 1)) evolve(state, event);
  return liquidityOf(state, 'NGN');
};

describe('liquidity', () => {
  it('stands as the running sums of the writer do', async () => {
    const points = await read((session) => latestLiquidity(session));
    expect(points.map(({ facts }) => facts)).toEqual([liquidityOf(book.state, 'NGN')]);
    expect(points[0]?.facts).toMatchObject({
      customer: 550,
      business: 200,
      merchant: 500,
      total_customer_liabilities: 1_250,
      total_available_liquidity: 1_200,
      coverage_ratio: 9_600,
    });
    expect(points[0]?.revision).toBe(book.events.length - 1);
  });

  it('is a curve of the five minutes in which something changed, each what a fold of so much gives', async () => {
    const points = await read((session) => liquidityCurve(session, { from: START, to: START + 9 * DAY }));
    expect(points.map(({ facts }) => facts.total_available_liquidity)).toEqual([1_500, 1_500, 1_200]);
    for (const { facts, revision } of points) expect(facts).toEqual(foldedAt(revision));
  });

  it('gives a snapshot of each interval of the schedule, newest first, and pages through them', async () => {
    const hourly = { limit: 1, every: 60 * MINUTE };
    const [newest] = (await read((session) => listSnapshots(session, { ...hourly, limit: 9 }))).data;
    const first = await read((session) => listSnapshots(session, hourly));
    expect(first.data).toEqual([newest]);
    expect(first.hasMore).toBe(true);
    const second = await read((session) => listSnapshots(session, { ...hourly, startingAfter: first.last }));
    expect([second.data.length, second.hasMore]).toEqual([1, false]);
    expect(second.data[0]).toMatchObject({ total_customer_liabilities: 1_550, coverage_ratio: 96.77 });
    const finer = await read((session) => listSnapshots(session, { limit: 9, every: 5 * MINUTE }));
    expect(finer.data).toHaveLength(3);
  });

  it('gives the snapshot of any revision that moved something again, by its id', async () => {
    const moving = book.events.filter(({ data }) => 'entries' in data);
    for (const { revision, at } of moving) {
      const id = snapshotId({ at, revision, currency: 'NGN' });
      const found = await read((session) => getSnapshot(session, id));
      expect(found).toEqual({ facts: foldedAt(revision), at, revision });
      expect(renderLiquiditySnapshot(found!.facts, found!).id).toBe(id);
    }
  });

  it('knows no snapshot of what moved nothing, of another time or currency, or of no form', async () => {
    const { revision, at } = book.events.at(-1)!;
    const names = [
      { at, revision, currency: 'EUR' },
      { at: at + SECOND, revision, currency: 'NGN' },
      { at, revision: 2, currency: 'NGN' },
      { at, revision: revision + 1, currency: 'NGN' },
    ];
    for (const name of names) expect(await read((session) => getSnapshot(session, snapshotId(name)))).toBeNull();
    expect(await read((session) => getSnapshot(session, `liq_${'7ZZZZZZZZZ'.padEnd(26, 'Z')}`))).toBeNull();
  });
});
