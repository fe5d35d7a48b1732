/** Business days end, and liquidity is watched, in the writer: exactly once, however many writers there are. */
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { LIQUIDITY_KINDS } from '#domain/liquidity/liquidity-sums.js';
import type { TenantState } from '#domain/state.js';
import { FOLD_VERSION, loadBooks, makeSnapshot } from './snapshots.js';
import {
  benches,
  committed,
  deposit,
  MemorySnapshots,
  MisbehavingStore,
  NOW,
  readLedger,
  request,
  tenantWith,
  transfer,
  type Bench,
} from './spec-support.js';

const bench = benches();

const DAY = 86_400_000;
/** In Lagos, where the tenant is. */
const MIDNIGHT = Date.parse('2026-01-05T23:00:00.000Z');
const WAKE: Command = { type: 'ExpireDueHolds', data: {} };
const fee = (amount: number): Command => ({
  type: 'RecordNetworkItem',
  data: { type: 'network_fee', amount, currency: 'NGN' },
});

const setUp = async () => {
  const store = new MisbehavingStore();
  const clock = { at: NOW, now: () => clock.at };
  const first = bench(store, {}, { clock });
  const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b'], 1_000);
  const run = (command: Command, { engine }: Bench = first) => engine.execute(request(tenantId, command));
  const events = (): Promise<LedgerEvent[]> => readLedger(store, tenantId);
  const types = async (from = 0): Promise<string[]> => (await events()).slice(from).map(({ type }) => type);
  const second = (): Bench => bench(store.inner, {}, { clock, vault: first.vault });
  return { store, clock, first, second, tenantId, a: accounts[0]!, b: accounts[1]!, run, events, types };
};

describe('a business day', () => {
  test('ends at its cut-off and not a millisecond before, before whatever is decided then', async () => {
    const { clock, a, b, run, types } = await setUp();
    await run(fee(7));
    const before = (await types()).length;
    clock.at = MIDNIGHT - 1;
    await run(transfer(a, b, 1));
    expect(await types(before)).toEqual(['TransactionPosted']);
    clock.at = MIDNIGHT;
    await run(transfer(a, b, 1));
    expect(await types(before + 1)).toEqual(['SystemAccountOpened', 'SettlementNetted', 'TransactionPosted']);
  });

  test('ends once, whoever wakes the tenant, at once and after days of downtime', async () => {
    const { clock, first, second, run, events } = await setUp();
    await run(fee(7));
    clock.at = MIDNIGHT + 5 * DAY;
    const others = [second(), second(), second()];
    await Promise.all([first, ...others].map((one) => run(WAKE, one)));
    const netted = (await events()).filter(({ type }) => type === 'SettlementNetted');
    expect(netted).toMatchObject([
      {
        at: MIDNIGHT + 5 * DAY,
        meta: { actor: 'system' },
        data: {
          settlement: { business_date: '2026-01-05', net: 7 },
          transaction: { effective_at: '2026-01-05T23:00:00.000Z' },
        },
      },
    ]);
    await Promise.all([first, ...others].map((one) => run(fee(1), one)));
    const opened = (await events()).filter(({ type }) => type === 'SettlementOpened');
    expect(opened.map(({ data }) => 'settlement' in data && data.settlement.business_date)).toEqual([
      '2026-01-05',
      '2026-01-11',
    ]);
  });

  test.each(['a command', 'nobody but the clock'])(
    'seals what it opens where %s ends it and no key is in memory',
    async (who) => {
      const { clock, first, second, tenantId, a, b, run, events } = await setUp();
      await run(fee(7));
      clock.at = MIDNIGHT;
      first.vault.keys.clear();
      await run(who === 'a command' ? transfer(a, b, 1) : WAKE, second());
      const opened = (await events()).flatMap(({ type, data }) =>
        type === 'SystemAccountOpened' ? [data.account.account_name] : [],
      );
      expect(opened.at(-1)).toBe(`s1.${tenantId}.Settlement clearing`);
    },
  );

  test('that is netted is still the day of what happened on it, so that what comes late says so', async () => {
    const { clock, run, events } = await setUp();
    await run(fee(7));
    clock.at = MIDNIGHT + DAY;
    const posted = (posted_at: string): Command => ({
      type: 'RecordNetworkItem',
      data: { type: 'network_fee', amount: 1, currency: 'NGN', posted_at },
    });
    await run(posted(new Date(MIDNIGHT - 1).toISOString()));
    await run(posted(new Date(MIDNIGHT).toISOString()));
    await run(posted(new Date(MIDNIGHT + DAY).toISOString()));
    const lates = (await events()).flatMap(({ data }) =>
      'settlement_line' in data && data.settlement_line !== undefined ? [data.settlement_line.late_for] : [],
    );
    expect(lates).toEqual([undefined, '2026-01-05', '2026-01-06', undefined]);
  });

  test('never goes back, whatever changes of calendar wait for its end', async () => {
    const { run, events } = await setUp();
    const end: Command = { type: 'EndBusinessDay', data: {} };
    await run(end);
    await run(end);
    await run({ type: 'ChangeFinanceSettings', data: { cut_off_hour: 17 } });
    await run(fee(1));
    const opened = (await events()).findLast(({ type }) => type === 'SettlementOpened')!;
    expect(opened.data).toMatchObject({ settlement: { business_date: '2026-01-07' } });
  });

  test('is the same after a snapshot as after the whole stream, and still due', async () => {
    const { store, tenantId, run, events } = await setUp();
    await run(fee(7));
    const snapshots = new MemorySnapshots();
    await makeSnapshot(store, snapshots, tenantId);
    const restored = await loadBooks(store, snapshots, tenantId, { windowRevisions: 100, recent: null });
    const folded = await loadBooks(store, new MemorySnapshots(), tenantId, { windowRevisions: 100, recent: null });
    expect((await snapshots.latest(tenantId, FOLD_VERSION))?.revision).toBe((await events()).length - 1);
    const standing = ({ state }: { state: TenantState }) => ({
      due: state.dueTimes.first()?.at,
      open: state.settlements.get('NGN'),
      sums: LIQUIDITY_KINDS.map((kind) => state.liquidity.of('NGN', kind)),
      alerts: [...state.liquidityAlerts.entries()],
    });
    expect(standing(restored)).toEqual(standing(folded));
    expect(standing(folded)).toMatchObject({ due: MIDNIGHT, sums: [2_000n, 0n, 0n, 0n, 2_000n] });
  });
});

describe('liquidity', () => {
  const alerts = (events: readonly LedgerEvent[]): string[] =>
    events.flatMap(({ type, data, revision }) =>
      'liquidity' in data && 'threshold' in data ? [`${type} ${data.liquidity.coverage_ratio} at ${revision}`] : [],
    );

  test('is alerted of in the append that crosses, behind the command, as the system’s act', async () => {
    const { store, events } = await setUp();
    const all = await events();
    const index = all.findIndex(({ type }) => type === 'LiquidityBreached');
    expect(all[index]).toMatchObject({
      meta: { actor: 'system', request_id: null, idempotency: null },
      data: { liquidity: { total_customer_liabilities: 1_000, coverage_ratio: 10_000 }, threshold: 10_500 },
    });
    const appended = store.calls
      .flat()
      .find((append) => append.events.some(({ type }) => type === 'LiquidityBreached'));
    expect(appended?.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['TransactionPosted']));
    expect(all[index - 1]!.type).toBe('TransactionPosted');
  });

  test('is told of once a crossing, however commands are grouped', async () => {
    const withdraw = (source: string, amount: number): Command => ({
      type: 'PostTransaction',
      data: { type: 'withdrawal', amount, currency: 'NGN', source },
    });
    const story = (a: string, b: string): Command[] => [
      withdraw(b, 1_000),
      withdraw(a, 1_000),
      deposit(a, 5),
      withdraw(a, 5),
      deposit(a, 7),
    ];
    const apart = await setUp();
    for (const command of story(apart.a, apart.b)) await apart.run(command);
    const together = await setUp();
    await Promise.all(story(together.a, together.b).map((command) => together.run(command)));
    const told = alerts(await apart.events());
    expect(alerts(await together.events())).toEqual(told);
    expect(told.map((line) => line.split(' ')[0])).toEqual([
      'LiquidityBreached',
      'LiquidityRestored',
      'LiquidityBreached',
      'LiquidityRestored',
      'LiquidityBreached',
    ]);
  });

  test('is not alerted of where there is nothing to pay back, or no float account', async () => {
    const { run, a, b, events } = await setUp();
    const before = alerts(await events()).length;
    await run(transfer(a, b, 10));
    committed(await run(fee(1)));
    expect(alerts(await events())).toHaveLength(before);
  });
});
