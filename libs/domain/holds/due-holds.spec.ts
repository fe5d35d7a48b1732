import { authorize, clear, holder } from '../card-transactions/spec-messages.js';
import { reserve } from '../reservations/spec-reservations.js';
import { given, named } from '../spec-support.js';
import { scheduleAllHolds } from './due-holds.js';
import { DueTimes } from './due-times.js';

it('of a state that comes from a snapshot, what is due is what its open holds and days say', () => {
  const { book } = given(
    ...holder,
    named('hold', reserve({ account_id: '@ada', amount: 5 })),
    named('buy', authorize({ amount: 5 })),
    clear({ amount: 5 }),
  );
  const { state } = book;
  const dueTimes = new DueTimes(state.journal);
  scheduleAllHolds({ ...state, dueTimes });
  expect(dueTimes.size).toBe(3);
  expect(drained(dueTimes)).toEqual(drained(state.dueTimes));
});

const drained = (dueTimes: DueTimes): readonly object[] => {
  const all: object[] = [];
  for (let due = dueTimes.first(); due !== undefined; due = dueTimes.first()) {
    all.push({ id: due.id, at: due.at });
    dueTimes.delete(due.id);
  }
  return all;
};
