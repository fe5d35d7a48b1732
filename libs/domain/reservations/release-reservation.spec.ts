import type { Command } from '../commands.js';
import { DAY, elapse, given, named, type Row } from '../spec-support.js';
import { block, close, outcome, post } from '../transactions/spec-commands.js';
import { capture, holder, limit, NO_RESERVATION, release, reserve, standing } from './spec-reservations.js';

const held = [...holder, named('hold', reserve({ destination: '@bob' }))];
const status = (to: 'suspended' | 'inactive'): Command => ({ type: 'ChangeTenantStatus', data: { status: to } });

const ROWS: readonly Row[] = [
  ['an unknown reservation', held, release(NO_RESERVATION), 'refused: reservation_not_found'],
  ['what was captured', [...held, capture()], release(), 'refused: invalid_state'],
  ['what was released', [...held, release()], release(), 'refused: invalid_state'],
  ['what has expired', [...held, elapse(7 * DAY)], release(), 'refused: invalid_state'],
  ['of a blocked account', [...held, block('ada', true, true)], release(), 'ReservationReleased'],
  ['for a closed account', [...held, close('bob')], release(), 'ReservationReleased'],
  ['of a suspended tenant', [...held, status('suspended')], release(), 'ReservationReleased'],
  ['of an inactive tenant', [...held, status('inactive')], release(), 'ReservationReleased'],
];

describe('ReleaseReservation', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('gives all that is held back, also to the limit', () => {
    const { book, when } = given(...held, limit('outbound', 100));
    const { events } = when(release());
    expect(standing(book)).toEqual({ status: 'released', released: 100, on: [150, 0] });
    expect(events[0]?.data).toMatchObject({
      holds: [{ account_id: book.id('ada'), amount: -100, held_after: 0 }],
      limit_uses: [{ account_id: book.id('ada'), direction: 'outbound', amount: -100, counted_on: '2026-01-05' }],
      previous: { status: 'active', amounts: { held: 100 } },
    });
    expect(events[0]?.data).not.toHaveProperty('transaction');
    expect(outcome(when(post({ amount: 100 })))).toBe('TransactionPosted');
    expect([book.state.reservations.size, book.state.dueTimes.size]).toEqual([0, 0]);
  });

  it('gives back what is left of it after captures', () => {
    const { book, when } = given(...held, capture({ amount: 30, final: false }));
    when(release());
    expect(standing(book)).toEqual({ status: 'released', captured: 30, released: 70, on: [120, 0] });
  });

  it('gives nothing back to a day that is over, nor does expiry; of the month it does', () => {
    const monthly: Command = {
      type: 'ReplaceLimits',
      data: {
        limits: [
          { kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount: 90 },
          { kyc_level: 'tier1', direction: 'outbound', window: 'monthly', amount: 180 },
        ],
      },
    };
    const day = [...held, elapse(DAY), monthly, post({ amount: 50 })];
    expect(outcome(given(...day).when(post({ amount: 31 })))).toBe('TransactionFailed: limit_exceeded by rule');
    const { when } = given(...day, release());
    expect(outcome(when(post({ amount: 41 })))).toBe('TransactionFailed: limit_exceeded by rule');
    expect(outcome(when(post({ amount: 40 })))).toBe('TransactionPosted');
  });
});
