import type { Command } from '../commands.js';
import type { SettlementFacts } from '../settlements/settlements.js';
import { account, DAY, deposit, elapse, given, START, tenant, type Row, type Step } from '../spec-support.js';
import { formatInstant, monthAfter } from '../time.js';
import { monthReport, type MonthFacts } from './month-report.js';
import { isMonth } from './periods.js';

/** The tenant's time zone, as many hours ahead of UTC: the domain knows nothing of a zone but its name. */
const zone = (hours: number): string => (hours === 0 ? 'UTC' : `UTC+${hours}`);
const movedTo = (hours: number): Command => ({ type: 'UpdateTenant', data: { timezone: zone(hours) } });
/** A month of UTC, or of a zone so many hours ahead of it. */
const closing = (month: string, hours = 0): Command => {
  const start = (day: string): number => Date.parse(`${day}T00:00:00Z`) - hours * 3_600_000;
  const day = isMonth(month) ? `${month}-01` : '2026-01-01';
  const [from, next] = [start(day), start(monthAfter(day))];
  return {
    type: 'CloseMonth',
    data: { month, timezone: zone(hours), from: formatInstant(from), through: formatInstant(next - 1) },
  };
};
const through = (time: string): Command => ({ type: 'ClosePeriod', data: { through: time } });
/** The tenth of March. */
const march: readonly Step[] = [
  tenant(),
  account('ada'),
  account('main', 'float'),
  deposit('ada', 100),
  elapse(64 * DAY),
];
const fee: Command = { type: 'RecordNetworkItem', data: { type: 'network_fee', amount: 3, currency: 'NGN' } };

const ROWS: readonly Row[] = [
  ['without a tenant', [], closing('2026-01'), 'refused: tenant_not_found'],
  ['while suspended', [tenant({ status: 'suspended' })], closing('2025-12'), 'refused: tenant_suspended'],
  ['no month', march, closing('2026-13'), 'refused: invalid_parameter (month)'],
  ['of another millennium', march, closing('1999-12'), 'refused: invalid_parameter (month)'],
  ['that is not over', march, closing('2026-03'), 'refused: effective_at_out_of_range (month)'],
  ['to come', march, closing('2027-01'), 'refused: effective_at_out_of_range (month)'],
  ['over', march, closing('2026-02'), 'PeriodClosed'],
  ['in bounds of another time zone', march, closing('2026-02', 1), 'refused: invalid_state (month)'],
  [
    'in bounds of a time zone that was the tenant’s',
    [...march, movedTo(1)],
    closing('2026-02'),
    'refused: invalid_state (month)',
  ],
  ['again in bounds of another time zone', [...march, closing('2026-02')], closing('2026-02', 1), 'unchanged'],
  ['the same again', [...march, closing('2026-02')], closing('2026-02'), 'unchanged'],
  ['one before it, afterwards', [...march, closing('2026-02')], closing('2026-01'), 'PeriodClosed'],
  [
    'of books that are closed beyond it',
    [...march, through('2026-02-10T00:00:00Z')],
    closing('2026-01'),
    'PeriodClosed',
  ],
  ['over for a millisecond', [tenant(), elapse(26 * DAY + 15 * 3_600_000)], closing('2026-01'), 'PeriodClosed'],
];

describe('CloseMonth', () => {
  it.each(ROWS)('%s: %s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it('closes through its last instant, and never opens what is closed', () => {
    const { book, when } = given(...march, through('2026-02-10T00:00:00Z'));
    expect(when(closing('2026-01')).events[0]?.data).toMatchObject({
      through: '2026-02-10T00:00:00.000Z',
      previous: '2026-02-10T00:00:00.000Z',
      month: { month: '2026-01', from: '2026-01-01T00:00:00.000Z', through: '2026-01-31T23:59:59.999Z' },
    });
    expect(formatInstant(book.state.closedThrough.value as number)).toBe('2026-02-10T00:00:00.000Z');
  });

  it('leaves no gap and no overlap where the time zone became another one', () => {
    const { when } = given(...march, movedTo(1), closing('2026-01', 1), movedTo(0));
    expect(when(closing('2026-02')).events[0]?.data).toMatchObject({
      through: '2026-02-28T23:59:59.999Z',
      month: { from: '2026-01-31T23:00:00.000Z', through: '2026-02-28T23:59:59.999Z' },
    });
    const backwards = given(...march, movedTo(1), closing('2026-02', 1), movedTo(0));
    expect(backwards.when(closing('2026-01')).events[0]?.data).toMatchObject({
      month: { from: '2026-01-01T00:00:00.000Z', through: '2026-01-31T22:59:59.999Z' },
    });
  });

  it('waits for the business day, and for each settlement of the month', () => {
    const { book, when } = given(tenant(), account('main', 'float'), fee, elapse(40 * DAY));
    const moment = book.moment.bind(book);
    book.moment = () => ({
      ...moment(),
      businessDay: { date: '2026-01-31', endsAt: START + 41 * DAY, timezone: 'UTC', cutOffHour: 0 },
    });
    expect(when(closing('2026-01')).outcome).toBe('refused: invalid_state (month)');
    book.moment = moment;
    const [settlement] = [...book.state.settlements.values()];
    if (settlement !== undefined) throw new Error('it is netted by what was asked before');
    book.state.settlements.set('NGN', { settlement_id: 'set_1', business_date: '2026-01-31' } as SettlementFacts);
    expect(when(closing('2026-01')).outcome).toBe('refused: invalid_state (month)');
    book.state.settlements.delete('NGN');
    expect(when(closing('2026-01')).outcome).toBe('PeriodClosed');
  });
});

describe('the report of a month', () => {
  const facts: MonthFacts = {
    tenant_id: 'tnt_1',
    month: '2026-01',
    timezone: 'UTC',
    from: '2026-01-01T00:00:00.000Z',
    through: '2026-01-31T23:59:59.999Z',
    closed_at: '2026-02-02T00:00:00.000Z',
    revision: 7,
    head_hash: 'ab',
    accounts: [
      { type: 'system', code: 'suspense', currency: 'NGN', opening: 0n, closing: -5n },
      { type: 'customer', code: null, currency: 'NGN', opening: -10n, closing: -20n },
      { type: 'float', code: null, currency: 'NGN', opening: 10n, closing: 25n },
      { type: 'agent', code: null, currency: 'NGN', opening: 0n, closing: 0n },
    ],
    settlements: [
      { ...sums('set_2', '2026-01-09', 10), paid_amount: 5, difference: -5 },
      { ...sums('set_1', '2026-01-08', -10), paid_amount: 12, difference: 2 },
      { ...sums('set_3', '2026-01-31', 4), paid_amount: null, difference: null },
    ],
  };

  it('adds up accounts of a kind, and says what payments brought into suspense', () => {
    const told = monthReport(facts, Number);
    expect(told.trial_balance).toEqual([
      { currency: 'NGN', opening_debits: 10, opening_credits: 10, closing_debits: 25, closing_credits: 25 },
    ]);
    expect(told.accounts.map(({ type, code, closing_credits }) => [type, code, closing_credits])).toEqual([
      ['customer', null, 20],
      ['float', null, 0],
      ['system', 'suspense', 5],
    ]);
    expect(told.settlements.map(({ settlement_id, status }) => `${settlement_id} ${status}`)).toEqual([
      'set_1 completed',
      'set_2 completed',
      'set_3 unpaid',
    ]);
    expect(told.differences).toEqual([
      { currency: 'NGN', settlements: 2, amount: -7, suspense_opening: 0, suspense_closing: -5 },
    ]);
  });
});

function sums(settlement_id: string, business_date: string, net: number) {
  return {
    settlement_id,
    business_date,
    currency: 'NGN',
    gross: net,
    refunds: 0,
    fees: 0,
    adjustments: 0,
    net,
    line_count: 1,
  };
}
