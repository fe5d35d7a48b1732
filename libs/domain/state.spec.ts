import { Cell, cold, emptyState, Journal, Table, UndeclaredNeed } from './state.js';

const recorded = () => {
  const journal = new Journal();
  const table = new Table<number>(journal);
  const cell = new Cell<string>(journal, 'before');
  table.set('kept', 1);
  journal.record(true);
  return { journal, table, cell };
};

describe('what is overwritten', () => {
  it('is taken back to a savepoint, the last first', () => {
    const { journal, table, cell } = recorded();
    table.set('kept', 2);
    cell.set('between');
    const savepoint = journal.savepoint();
    table.set('kept', 3);
    table.set('new', 4);
    table.delete('kept');
    cell.set('after');
    journal.rollbackTo(savepoint);
    expect([...table.entries(), cell.value]).toEqual([['kept', 2], 'between']);
    journal.rollbackTo(0);
    expect([table.get('kept'), table.size, table.has('new'), cell.value]).toEqual([1, 1, false, 'before']);
  });

  it('stays once it is committed', () => {
    const { journal, table, cell } = recorded();
    table.set('kept', 2);
    cell.set('after');
    journal.commit();
    expect(journal.savepoint()).toBe(0);
    journal.rollbackTo(0);
    expect([table.get('kept'), cell.value]).toEqual([2, 'after']);
  });

  it('is not kept while nothing is recorded, nor what was before recording', () => {
    const { journal, table, cell } = recorded();
    table.set('kept', 2);
    journal.record(false);
    expect([journal.isRecording, new Journal().isRecording]).toEqual([false, false]);
    table.set('kept', 3);
    table.delete('nobody');
    cell.set('after');
    journal.rollbackTo(0);
    expect([table.get('kept'), cell.value]).toEqual([3, 'after']);
    new Journal().rollbackTo(0);
  });

  it('is taken back by what is only tried, recording or not, with nothing else', () => {
    for (const recording of [true, false]) {
      const { journal, table, cell } = recorded();
      journal.record(recording);
      table.set('kept', 2);
      const seen = journal.tentatively(() => {
        table.set('kept', 9);
        cell.set('tried');
        return [table.get('kept'), cell.value];
      });
      expect([seen, table.get('kept'), cell.value]).toEqual([[9, 'tried'], 2, 'before']);
      expect(() =>
        journal.tentatively(() => {
          cell.set('tried');
          throw new Error('no');
        }),
      ).toThrow('no');
      expect([cell.value, journal.isRecording]).toEqual(['before', recording]);
    }
  });
});

it('begins with no rules, no holds and nothing that happened', () => {
  const state = emptyState();
  expect(state.feeSchedule.value).toEqual({ rules: [] });
  expect(state.limitRules.value).toEqual({ rules: [] });
  expect(state.head.value).toEqual({ revision: -1, at: 0, lastId: null, sequence: 0 });
  expect([state.localDate.value, state.closedThrough.value, state.dueTimes.first()]).toEqual(['', null, undefined]);
});

it('says of what a command did not declare that it did not, and of what there never was that it was not', () => {
  const state = emptyState();
  expect(() => cold(state, 'ref:a')).toThrow(UndeclaredNeed);
  state.cold.set('ref:a', null);
  expect(cold(state, 'ref:a')).toBeNull();
});
