import type { Command } from '../commands.js';
import { account, given, tenant, type Row } from '../spec-support.js';

const change = (data: object): Command => ({ type: 'ChangeFinanceSettings', data });
const born = [tenant(), account('ada'), account('bank', 'general'), account('main', 'float')];
const closed: Command = {
  type: 'CloseAccount',
  data: { account_id: '@bank', reason: 'r', source: 's', confirmation: 'CLOSE_ACCOUNT' },
};

const ROWS: readonly Row[] = [
  ['without a tenant', [], change({}), 'refused: tenant_not_found'],
  ['nothing named', born, change({}), 'unchanged'],
  ['what stands already', born, change({ snapshot_minutes: 60 }), 'unchanged'],
  ['an hour that is none', born, change({ cut_off_hour: 24 }), 'refused: invalid_parameter (cut_off_hour)'],
  ['half an hour', born, change({ cut_off_hour: 1.5 }), 'refused: invalid_parameter (cut_off_hour)'],
  [
    'an interval that no day is made of',
    born,
    change({ snapshot_minutes: 7 }),
    'refused: invalid_parameter (snapshot_minutes)',
  ],
  [
    'an interval that is no five minutes',
    born,
    change({ snapshot_minutes: 6 }),
    'refused: invalid_parameter (snapshot_minutes)',
  ],
  ['five minutes', born, change({ snapshot_minutes: 5 }), 'FinanceSettingsChanged'],
  [
    'an end of alerts below their beginning',
    born,
    change({ coverage_restored_bps: 10_499 }),
    'refused: invalid_parameter (coverage_restored_bps)',
  ],
  ['an end at their beginning', born, change({ coverage_restored_bps: 10_500 }), 'FinanceSettingsChanged'],
  [
    'an account of customers',
    born,
    change({ settlement_account_id: '@ada' }),
    'refused: invalid_parameter (settlement_account_id)',
  ],
  [
    'an account that is not there',
    born,
    change({ settlement_account_id: 'acc_x' }),
    'refused: invalid_parameter (settlement_account_id)',
  ],
  [
    'a closed one',
    [...born, closed],
    change({ settlement_account_id: '@bank' }),
    'refused: invalid_parameter (settlement_account_id)',
  ],
  ['a general one', born, change({ settlement_account_id: '@bank' }), 'FinanceSettingsChanged'],
  ['a float', born, change({ settlement_account_id: '@main' }), 'FinanceSettingsChanged'],
  ['the main float again', born, change({ settlement_account_id: null }), 'unchanged'],
  ['a cut-off', born, change({ cut_off_hour: 17 }), 'BusinessCalendarChanged FinanceSettingsChanged'],
];

describe('ChangeFinanceSettings', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('takes the end of alerts along where their beginning goes above it', () => {
    const { book, when } = given(...born);
    when(change({ coverage_alert_bps: 12_000 }));
    expect(book.state.financeSettings.value).toMatchObject({
      coverage_alert_bps: 12_000,
      coverage_restored_bps: 12_000,
    });
  });

  it('counts business days by the new hour from the end of the one that has begun', () => {
    const { when } = given(...born);
    expect(when(change({ cut_off_hour: 17 })).events[0]?.data).toEqual({
      before: { timezone: 'UTC', cut_off_hour: 0 },
      timezone: 'UTC',
      cut_off_hour: 17,
      from: '2026-01-06T00:00:00.000Z',
      first_date: '2026-01-06',
    });
  });
});
