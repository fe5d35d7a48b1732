import type { Command } from '../commands.js';
import {
  account,
  card,
  DAY,
  deposit,
  elapse,
  given,
  SECOND,
  START,
  tenant,
  type Row,
  type Step,
} from '../spec-support.js';
import { formatInstant } from '../time.js';
import { credit, debit, journal, outcome, post } from '../transactions/spec-commands.js';

const closing = (through: number | string): Command => ({
  type: 'ClosePeriod',
  data: { through: typeof through === 'string' ? through : new Date(through).toISOString() },
});
/** Two days on, so that there is something to close. */
const two: readonly Step[] = [tenant(), account('ada'), account('bob'), deposit('ada', 1000), elapse(2 * DAY)];
const YESTERDAY = START + DAY;
const closed = [...two, closing(YESTERDAY)];
const NOW = START + 2 * DAY + 5 * SECOND;

const ROWS: readonly Row[] = [
  ['without a tenant', [], closing(START), 'refused: tenant_not_found'],
  ['while suspended', [tenant({ status: 'suspended' })], closing(START), 'refused: tenant_suspended'],
  ['no time', two, closing('yesterday'), 'refused: invalid_parameter (through)'],
  ['ahead of now', two, closing(NOW + 1), 'refused: effective_at_out_of_range (through)'],
  ['this very millisecond', two, closing(NOW), 'refused: effective_at_out_of_range (through)'],
  ['the last one', two, closing(NOW - 1), 'PeriodClosed'],
  ['earlier than what is closed', closed, closing(YESTERDAY - 1), 'refused: period_closed (through)'],
  ['the same again', closed, closing(YESTERDAY), 'unchanged'],
  ['the same, written otherwise', closed, closing('2026-01-06T10:00:00+01:00'), 'unchanged'],
  ['more', closed, closing(YESTERDAY + 1), 'PeriodClosed'],
  ['a time before all time', two, closing('1969-12-31T00:00:00Z'), 'PeriodClosed'],
];

const at = (time: number): { effective_at: string } => ({ effective_at: new Date(time).toISOString() });

/** What is asked for in books that are closed through yesterday. */
const EFFECTIVE: readonly Row[] = [
  ['in it', closed, post(at(START)), 'TransactionFailed: effective_at_out_of_range'],
  ['at its end', closed, post(at(YESTERDAY)), 'TransactionFailed: effective_at_out_of_range'],
  ['after it', closed, post(at(YESTERDAY + 1)), 'TransactionPosted'],
  ['now', closed, post({}), 'TransactionPosted'],
  ['before all time, where nothing is closed', two, post(at(-DAY)), 'TransactionPosted'],
  [
    'a journal in it',
    closed,
    journal([debit('@ada', 1), credit('@bob', 1)], at(YESTERDAY)),
    'TransactionFailed: effective_at_out_of_range',
  ],
  ['before the same account', closed, post({ destination: '@ada', ...at(START) }), 'TransactionFailed: same_account'],
];

describe('ClosePeriod', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(given(...history).when(command).outcome).toBe(expected);
  });

  it.each(EFFECTIVE)('then what takes effect %s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('says what is closed and what was', () => {
    const { when } = given(...closed);
    expect(when(closing(YESTERDAY + DAY)).events[0]?.data).toEqual({
      through: formatInstant(YESTERDAY + DAY),
      previous: formatInstant(YESTERDAY),
    });
  });

  it('says that nothing was closed before', () => {
    const { when } = given(...two);
    expect(when(closing(YESTERDAY)).events[0]?.data).toMatchObject({ previous: null });
  });

  it('takes a clearing all the same, as of the first instant that is open, and says so', () => {
    const merchant = { name: 'Shop', category_code: '5411' };
    const cleared = (posted_at: number, reference: string): Command => ({
      type: 'PostCardTransaction',
      data: {
        card_id: '@visa',
        amount: 1,
        currency: 'NGN',
        merchant,
        network_reference: reference,
        direction: 'debit',
        posted_at: formatInstant(posted_at),
      },
    });
    const open = given(...two, ...card('visa', 'ada'));
    expect(open.when(cleared(-DAY, 'c0')).events.at(-1)?.data).toMatchObject({
      transaction: { effective_at: formatInstant(-DAY) },
      card_transaction: { posted_at_clamped: false },
    });
    const { book, when } = given(...closed, ...card('visa', 'ada'));
    const told = (command: Command): unknown => {
      const data = when(command).events.at(-1)?.data as {
        transaction: { effective_at: string };
        card_transaction: { posted_at_clamped: boolean };
      };
      return [data.transaction.effective_at, data.card_transaction.posted_at_clamped];
    };
    expect(told(cleared(START, 'c1'))).toEqual([formatInstant(YESTERDAY + 1), true]);
    expect(told(cleared(YESTERDAY, 'c2'))).toEqual([formatInstant(YESTERDAY + 1), true]);
    expect(told(cleared(YESTERDAY + 1, 'c3'))).toEqual([formatInstant(YESTERDAY + 1), false]);
    expect(told(cleared(START + 9 * DAY, 'c4'))).toEqual([formatInstant(book.at), true]);
  });
});
