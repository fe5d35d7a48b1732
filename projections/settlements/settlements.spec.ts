/** A month of card traffic, seeded: what settlements say is what the accounts of the stream moved, to the cent. */
import type { Command } from '#domain/commands.js';
import type { Moment } from '#domain/decision.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { account, card, DAY, deposit, tenant, ulidAt } from '#domain/spec-support.js';
import type { SettlementFacts } from '#domain/settlements/settlements.js';
import { businessDateAt, businessDayAt } from '#engine/business-days.js';
import { calendarOf } from '#engine/calendar.js';
import { withTenant, type TenantSession } from '#projecting/tenant-session.js';
import { ReadModels, StoredBook } from '../../test/support/read-models.js';
import { getSettlement, listSettlementLines, listSettlements } from './settlements.queries.js';

/** A book whose days are those of real calendars. */
class CalendarBook extends StoredBook {
  private given = 1_000_000;

  override moment(): Moment {
    const { state, at } = this;
    return {
      at,
      localDate: calendarOf(state.tenant.value?.timezone ?? 'UTC').localDate(at, state.localDate.value),
      businessDate: state.tenant.value === null ? '' : businessDateAt(state, at),
      get businessDay() {
        return businessDayAt(state, at);
      },
      businessDateOf: (then) => businessDateAt(state, then),
      nextUlid: () => ulidAt(at, ++this.given),
    };
  }
}

const HOUR = 3_600_000;

/** The same numbers every time: a linear congruential generator. */
const randomOf = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

const message = (random: (below: number) => number, n: number): Command => {
  const amount = 1 + random(5_000);
  const network_reference = `n${n}`;
  const terms = { card_id: '@visa', amount, network_reference };
  const merchant = { name: 'Shop', category_code: '5411' };
  switch (random(8)) {
    case 0:
      return { type: 'RefundToCard', data: terms };
    case 1:
      return { type: 'RecordNetworkItem', data: { type: 'network_fee', amount: 1 + random(40), currency: 'EUR' } };
    case 2:
      return { type: 'RecordNetworkItem', data: { type: 'interchange', amount: 1 + random(60), currency: 'EUR' } };
    case 3:
      return {
        type: 'PostCardTransaction',
        data: { ...terms, currency: 'EUR', merchant, direction: 'credit' },
      };
    default:
      return { type: 'PostCardTransaction', data: { ...terms, currency: 'EUR', merchant, direction: 'debit' } };
  }
};

let models: ReadModels;
let book: CalendarBook;
const from = Date.parse('2026-03-15T22:30:00Z');

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  const tenantId = 'tnt_01KE6000000000000000000042';
  book = new CalendarBook(models.store, tenantId);
  book.at = from;
  // From the 29th of March on a day of this zone is an hour nearer; 17 o'clock of it ends the business day.
  await book.tell(
    tenant({ tenant_id: tenantId, timezone: 'Europe/Berlin', default_currency: 'EUR' }),
    account('ada', 'customer', 'EUR'),
    account('main', 'float', 'EUR'),
    deposit('ada', 10_000_000, 'EUR'),
    ...card('visa', 'ada'),
    { type: 'ChangeFinanceSettings', data: { cut_off_hour: 17 } },
  );
  const random = randomOf(20_260_315);
  for (let n = 0; book.at < from + 32 * DAY; n += 1) {
    book.at += random(3 * HOUR);
    const day = Math.floor((book.at - from) / DAY);
    // Two days without business, and another zone from the 20th day on.
    if (day === 7 || day === 8) continue;
    if (day === 20 && book.state.tenant.value?.timezone !== 'America/New_York') {
      book.run({ type: 'UpdateTenant', data: { timezone: 'America/New_York' } });
    }
    expect(book.run(message(random, n)).decision.kind).toBe('accepted');
    // In appends of any length, so that what a settlement's row comes to does not depend on how they are cut into batches.
    if (random(4) === 0) await book.flush();
  }
  book.at += 2 * DAY;
  book.run(deposit('ada', 1, 'EUR'));
  await book.flush();
  await models.projected(book);
}, 60_000);
afterAll(() => models.close());

const read = async <T>(what: (session: TenantSession) => Promise<T>): Promise<T> =>
  (await withTenant(models.app, book.tenantId, what)).data;

const all = { limit: 1_000, order: 'asc' } as const;

/** What the entries of an event moved on `network_payable`; its netting apart. */
const movedBy = (event: LedgerEvent): number => {
  if (!('entries' in event.data) || event.type === 'SettlementNetted') return 0;
  const id = book.state.systemAccounts.get('network_payable|EUR');
  let sum = 0;
  for (const { account_id, direction, amount } of event.data.entries) {
    if (account_id === id) sum += direction === 'credit' ? amount : -amount;
  }
  return sum;
};

describe('a month of settlements', () => {
  it('has one for each business day with business, each day once, in order', async () => {
    const { data } = await read((session) => listSettlements(session, all));
    const dates = data.map(({ business_date }) => business_date);
    expect(dates).toEqual([...new Set(dates)].sort());
    expect(dates.length).toBeGreaterThan(27);
    expect(data.every(({ status }) => status === 'netting')).toBe(true);
    // Berlin cuts off at 16:00 UTC in winter, at 15:00 in summer; New York at 21:00.
    const cutOffs = new Map(data.map(({ business_date, cut_off_at }) => [business_date, cut_off_at]));
    expect(cutOffs.get('2026-03-27')).toBe('2026-03-27T16:00:00.000Z');
    expect(cutOffs.get('2026-03-30')).toBe('2026-03-30T15:00:00.000Z');
    expect(cutOffs.get('2026-04-10')).toBe('2026-04-10T21:00:00.000Z');
  });

  it('ends the day on which the zone changed when it was to end, and begins none twice', async () => {
    const { data } = await read((session) => listSettlements(session, all));
    const change = data.findIndex(({ timezone }) => timezone === 'America/New_York');
    const [last, first] = [data[change - 1]!, data[change]!];
    expect(last).toMatchObject({ timezone: 'Europe/Berlin', cut_off_at: `${last.business_date}T15:00:00.000Z` });
    expect(first).toMatchObject({ cut_off_at: `${first.business_date}T21:00:00.000Z` });
    expect(first.business_date > last.business_date).toBe(true);
    expect(data.slice(change).every(({ timezone }) => timezone === 'America/New_York')).toBe(true);
  });

  it('comes to what the stream moved on network_payable, day by day, line by line', async () => {
    const { data: settlements } = await read((session) => listSettlements(session, all));
    const events = new Map(book.events.map((event) => [`evt_${event.id}`, event]));
    let lines = 0;
    for (const settlement of settlements) {
      const page = await read((session) => listSettlementLines(session, { ...all, settlementId: settlement.id }));
      for (const line of page.data) expect(line.amount).toBe(movedBy(events.get(line.event_id) as LedgerEvent));
      const sums = page.data.reduce((sum, { amount }) => sum + amount, 0);
      expect([sums, page.data.length]).toEqual([settlement.net, settlement.line_count]);
      const { gross, refunds, fees, adjustments, net } = settlement;
      expect(gross - refunds + fees + adjustments).toBe(net);
      lines += page.data.length;
    }
    const moving = book.events.filter((event) => movedBy(event) !== 0);
    expect(lines).toBe(moving.length);
    const total = settlements.reduce((sum, { net }) => sum + net, 0);
    expect(total).toBe(moving.reduce((sum, event) => sum + movedBy(event), 0));
    const { systemAccounts, accounts } = book.state;
    expect(accounts.get(systemAccounts.get('network_payable|EUR') as string)?.balance).toBe(0);
    expect(accounts.get(systemAccounts.get('settlement_clearing|EUR') as string)?.balance).toBe(-total);
  });

  it('names the business day of each event, and no event lies beyond its day’s end', () => {
    for (const event of book.events) {
      if (!('settlement_line' in event.data) || event.data.settlement_line === undefined) continue;
      const opened = book.events.find(
        ({ type, data }) =>
          type === 'SettlementOpened' &&
          'settlement' in data &&
          data.settlement.settlement_id ===
            (event.data as { settlement_line: { settlement_id: string } }).settlement_line.settlement_id,
      );
      const settlement = (opened?.data as { settlement: { business_date: string; cut_off_at: string } }).settlement;
      expect(event.data).toMatchObject({ business_date: settlement.business_date });
      expect(event.at).toBeLessThan(Date.parse(settlement.cut_off_at));
    }
  });

  it('is the row that the renderer makes of its last event', async () => {
    const [netted] = book.events.filter(({ type }) => type === 'SettlementNetted').slice(-1);
    const { settlement } = netted!.data as { settlement: SettlementFacts };
    const { settlement_id, ...facts } = settlement;
    const row = await read((session) => getSettlement(session, settlement_id));
    expect(row).toMatchObject({ id: settlement_id, ...facts });
  });

  it('pages and filters', async () => {
    const page = await read((session) => listSettlements(session, { limit: 2, from: '2026-03-20', to: '2026-03-21' }));
    expect(page.data.map(({ business_date }) => business_date)).toEqual(['2026-03-21', '2026-03-20']);
    const [first] = page.data;
    const fees = await read((session) =>
      listSettlementLines(session, { ...all, settlementId: first!.id, type: 'fee', late: false }),
    );
    expect(fees.data.every(({ type }) => type === 'fee')).toBe(true);
  });
});
