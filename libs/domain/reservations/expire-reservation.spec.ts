import type { Command } from '../commands.js';
import { account, card, DAY, deposit, elapse, given, named, tenant } from '../spec-support.js';
import { outcome, post } from '../transactions/spec-commands.js';
import { capture, holder, limit, reserve, standing } from './spec-reservations.js';

const held = [...holder, named('hold', reserve({ destination: '@bob' }))];

describe('expiry of a reservation', () => {
  it('gives the rest back when its week is over, also to the limit of the month', () => {
    const { book, when } = given(
      ...held,
      capture({ amount: 30, final: false }),
      limit('outbound', 150),
      elapse(7 * DAY),
    );
    expect(outcome(when(post({ amount: 120 })))).toBe('TransactionPosted');
    const [expired] = book.events.slice(-2);
    expect(expired).toMatchObject({
      type: 'ReservationExpired',
      data: {
        local_date: '2026-01-12',
        reservation: { status: 'expired', amounts: { held: 0, captured: 30, released: 0, expired: 70 } },
        previous: { status: 'partially_captured', amounts: { held: 70, captured: 30, released: 0, expired: 0 } },
        holds: [{ account_id: book.id('ada'), amount: -70, held_after: 0 }],
        limit_uses: [{ account_id: book.id('ada'), direction: 'outbound', amount: -70, counted_on: '2026-01-05' }],
      },
    });
    expect(standing(book).on).toEqual([0, 0]);
  });

  it('is in the order of their times with what cards hold', () => {
    const merchant = { name: 'Shop', category_code: '5411' };
    const authorize = (network_reference: string, expires_at: string): Command => ({
      type: 'AuthorizeCard',
      data: { card_id: '@visa', amount: 10, currency: 'NGN', merchant, network_reference, expires_at },
    });
    const { book } = given(
      tenant(),
      account('ada'),
      deposit('ada', 150),
      ...card('visa', 'ada'),
      authorize('n2', '2026-01-05T12:00:00Z'),
      reserve({ amount: 20, expires_at: '2026-01-05T11:00:00Z' }),
      authorize('n1', '2026-01-05T10:00:00Z'),
      authorize('n3', '2026-01-05T14:00:00Z'),
      elapse(4 * 3_600_000),
      deposit('ada', 1),
    );
    expect(book.events.slice(-4).map(({ type }) => type)).toEqual([
      'CardAuthorizationExpired',
      'ReservationExpired',
      'CardAuthorizationExpired',
      'TransactionPosted',
    ]);
    expect(book.state.accounts.get(book.id('ada'))?.held).toBe(10);
    expect(book.state.dueTimes.size).toBe(1);
  });
});
