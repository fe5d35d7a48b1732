import fc from 'fast-check';
import { Journal } from '../state.js';
import { DueTimes } from './due-times.js';

const change = fc.record({
  id: fc.integer({ min: 1, max: 12 }).map((n) => `rsv_${n}`),
  at: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 }),
});
const changes = fc.array(change, { maxLength: 60 });

const apply = (times: DueTimes, list: readonly { id: string; at: number | null }[]): void => {
  for (const { id, at } of list) {
    if (at === null) times.delete(id);
    else times.set(id, at);
  }
};

/** Everything in it, first due first, taken back afterwards. */
const inOrder = (times: DueTimes, journal: Journal): string[] =>
  journal.tentatively(() => {
    const found: string[] = [];
    for (let due = times.first(); due !== undefined; due = times.first()) {
      found.push(`${due.at} ${due.id}`);
      times.delete(due.id);
    }
    return found;
  });

const expected = (list: readonly { id: string; at: number | null }[]): string[] => {
  const rows = new Map<string, number>();
  for (const { id, at } of list) {
    if (at === null) rows.delete(id);
    else rows.set(id, at);
  }
  return [...rows].sort(([a, aAt], [b, bAt]) => aAt - bAt || (a < b ? -1 : 1)).map(([id, at]) => `${at} ${id}`);
};

describe('due times', () => {
  it('are in order, each hold once, whatever was set and deleted before', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const journal = new Journal();
        const times = new DueTimes(journal);
        apply(times, list);
        expect(inOrder(times, journal)).toEqual(expected(list));
        expect(times.size).toBe(expected(list).length);
      }),
      { numRuns: 300 },
    );
  });

  it('are as they were when changes are taken back', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const journal = new Journal();
        const times = new DueTimes(journal);
        apply(times, first);
        journal.record(true);
        apply(times, second);
        journal.rollbackTo(0);
        expect(inOrder(times, journal)).toEqual(expected(first));
      }),
      { numRuns: 300 },
    );
  });
});
