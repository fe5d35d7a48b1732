import { LedgerInconsistent } from '../entries.js';
import { AmountOutOfRange, type Minor } from '../money.js';
import { Journal } from '../state.js';
import { LimitCounters } from './limit-counters.js';

const counters = (): { readonly journal: Journal; readonly counters: LimitCounters } => {
  const journal = new Journal();
  journal.record(true);
  return { journal, counters: new LimitCounters(journal) };
};

/** Counts for `ada`, on a day that is today unless said. */
const use = (to: LimitCounters, amount: number, today: string, on = today, key = 'ada'): void =>
  to.change(key, 'outbound', amount as Minor, on, today);

const told = (from: LimitCounters, day: string, key = 'ada'): string =>
  `${from.used(key, 'outbound', 'daily', day)} ${from.used(key, 'outbound', 'monthly', day)}`;

describe('LimitCounters', () => {
  it.each([
    [
      'adds up in a day',
      [
        [5, '02-01'],
        [7, '02-01'],
      ],
      '02-01',
      '12 12',
    ],
    [
      'begins a new day',
      [
        [5, '02-01'],
        [7, '02-02'],
      ],
      '02-02',
      '7 12',
    ],
    [
      'knows only the latest day',
      [
        [5, '02-01'],
        [7, '02-02'],
      ],
      '02-01',
      '0 12',
    ],
    ['has nothing on a day to come', [[5, '02-01']], '02-02', '0 5'],
    [
      'begins a new month',
      [
        [5, '02-28'],
        [7, '03-01'],
      ],
      '03-01',
      '7 7',
    ],
    [
      'knows only the latest month',
      [
        [5, '02-28'],
        [7, '03-28'],
      ],
      '02-28',
      '0 0',
    ],
    [
      'gives back today',
      [
        [5, '02-01'],
        [-2, '02-01'],
      ],
      '02-01',
      '3 3',
    ],
    [
      'gives back to the month what was counted on an earlier day',
      [
        [5, '02-01'],
        [-2, '02-03', '02-01'],
      ],
      '02-03',
      '0 3',
    ],
    [
      'gives back nothing of an earlier month',
      [
        [5, '02-28'],
        [7, '03-01'],
        [-5, '03-01', '02-28'],
      ],
      '03-01',
      '7 7',
    ],
    [
      'gives back nothing of a month whose rows are gone',
      [
        [5, '02-28'],
        [-5, '03-01', '02-28'],
      ],
      '03-01',
      '0 0',
    ],
    [
      'tells the same day of two months apart',
      [
        [5, '02-07'],
        [7, '03-07'],
        [-5, '03-07', '02-07'],
      ],
      '03-07',
      '7 7',
    ],
  ] as const)('%s', (_telling, uses, day, expected) => {
    const { counters: to } = counters();
    for (const [amount, today, on = today] of uses) use(to, amount, `2024-${today}`, `2024-${on}`);
    expect(told(to, `2024-${day}`)).toBe(expected);
  });

  it('keeps directions and owners apart', () => {
    const { counters: to } = counters();
    use(to, 5, '2024-02-01');
    to.change('ada', 'inbound', 7 as Minor, '2024-02-01', '2024-02-01');
    use(to, 9, '2024-02-01', '2024-02-01', 'bob');
    expect([told(to, '2024-02-01'), told(to, '2024-02-01', 'bob')]).toEqual(['5 5', '9 9']);
    expect(to.used('ada', 'inbound', 'daily', '2024-02-01')).toBe(7);
  });

  it('drops what a new month begins without, and holds no more rows than owners who moved money in it', () => {
    const { counters: to } = counters();
    for (let i = 0; i < 1000; i++) use(to, i, '2024-01-31', '2024-01-31', `owner ${i}`);
    expect(to.size).toBe(1000);
    use(to, 5, '2024-02-01', '2024-02-01', 'owner 7');
    expect([...to.rows()]).toEqual([['owner 7', 1, 0, 5, 0, 5]]);
  });

  it('takes back whatever was changed, a new month too', () => {
    const { journal, counters: to } = counters();
    for (let i = 0; i < 600; i++) use(to, i + 1, '2024-01-30', '2024-01-30', `owner ${i}`);
    const before = JSON.stringify([to.month, [...to.rows()]]);
    const savepoint = journal.savepoint();
    use(to, 1, '2024-01-30', '2024-01-30', 'owner 3');
    use(to, 1, '2024-01-31', '2024-01-31', 'owner 4');
    use(to, 1, '2024-01-31', '2024-01-31', 'somebody new');
    use(to, -1, '2024-01-31', '2024-01-30', 'owner 5');
    use(to, 1, '2024-02-01', '2024-02-01', 'owner 3');
    use(to, 1, '2024-02-01', '2024-02-01', 'owner 599');
    journal.rollbackTo(savepoint);
    expect(JSON.stringify([to.month, [...to.rows()]])).toBe(before);
    use(to, 1, '2024-01-31', '2024-01-31', 'somebody else');
    expect(told(to, '2024-01-31', 'somebody else')).toBe('1 1');
  });

  it('is put back from its rows', () => {
    const { counters: from } = counters();
    for (let i = 0; i < 600; i++) use(from, i + 1, '2024-01-30', '2024-01-30', `owner ${i}`);
    const { counters: to } = counters();
    const rows = [...from.rows()];
    to.restore(from.month, rows.slice(0, 400));
    to.restore(from.month, rows.slice(400));
    expect([to.month, to.ceiling, [...to.rows()]]).toEqual([from.month, 600, rows]);
  });

  it.each([
    [-6, '2024-02-01', LedgerInconsistent],
    [-1, '2024-02-02', LedgerInconsistent],
    [Number.MAX_SAFE_INTEGER, '2024-02-01', AmountOutOfRange],
  ])('throws for %s on %s, and what it changed can be taken back', (amount, on, error) => {
    const { journal, counters: to } = counters();
    use(to, 5, '2024-02-01');
    const savepoint = journal.savepoint();
    expect(() => use(to, amount, on, on)).toThrow(error);
    journal.rollbackTo(savepoint);
    expect(told(to, '2024-02-01')).toBe('5 5');
  });
});
