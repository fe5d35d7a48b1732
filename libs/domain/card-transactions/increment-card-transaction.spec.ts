import { account, card, DAY, deposit, elapse, given, named, tenant, type Outcome, type Row } from '../spec-support.js';
import { block } from '../transactions/spec-commands.js';
import type { SpendingControls } from '../cards/cards.js';
import {
  authorize,
  capture,
  cardAction,
  countedBy,
  holder,
  increment,
  lastElement,
  NO_TRANSACTION,
  reverse,
  SHOP,
  standing,
  suspended,
} from './spec-messages.js';

const held = [...holder, named('buy', authorize())];
const controlled = (controls: Partial<SpendingControls>) => [
  tenant(),
  account('ada'),
  deposit('ada', 150),
  ...card('plastic', 'ada', { spending_controls: controls }),
  named('buy', authorize()),
];
const limited = (amount: number): typeof held => [
  ...held,
  {
    type: 'ReplaceLimits',
    data: { limits: [{ kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount }] },
  },
];

const outcome = (told: Outcome): string => {
  const reason = lastElement(told)?.decline_reason;
  return reason === undefined ? told.outcome : `declined: ${reason}`;
};
const CHANGED = 'CardAuthorizationChanged';

const ROWS: readonly Row[] = [
  ['a fraction', held, increment(0.5, { card_transaction_id: NO_TRANSACTION }), 'refused: invalid_parameter (amount)'],
  ['nothing', held, increment(0), 'refused: amount_not_positive (amount)'],
  ['2^53', held, increment(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ['the same again', [...held, increment(10)], increment(10), 'unchanged: same_body'],
  [
    'the same again, of the second',
    [...held, increment(10), increment(20, { network_reference: 'i2' })],
    increment(20, { network_reference: 'i2' }),
    'unchanged: same_body',
  ],
  ['the same of another amount', [...held, increment(10)], increment(11), 'unchanged: other_body'],
  [
    'the same of another purchase',
    [...held, increment(10)],
    increment(10, { card_transaction_id: NO_TRANSACTION }),
    'unchanged: other_body',
  ],
  ['the same after a decline', [...held, increment(51)], increment(51), 'unchanged: same_body'],
  ['the reference of an authorization', held, increment(10, { network_reference: 'a1' }), CHANGED],
  [
    'an unknown purchase',
    held,
    increment(1, { card_transaction_id: NO_TRANSACTION }),
    'refused: card_transaction_not_found',
  ],
  ['of a purchase that is captured', [...held, capture(100)], increment(1), 'refused: invalid_state'],
  ['of a purchase that is reversed', [...held, reverse()], increment(1), 'refused: invalid_state'],
  ['of a purchase whose time is up', [...held, elapse(7 * DAY)], increment(1), 'refused: invalid_state'],
  [
    'of a purchase that was declined',
    [...holder, named('buy', authorize({ amount: 151 }))],
    increment(1),
    'refused: invalid_state',
  ],
  ['of a suspended tenant', [...held, suspended], increment(1), 'refused: tenant_suspended'],

  [
    'with a suspended card',
    [...held, cardAction('suspend'), block('ada', true, true)],
    increment(1),
    'declined: card_suspended',
  ],
  ['with a terminated card', [...held, cardAction('terminate')], increment(1), 'declined: card_terminated'],
  ['on a blocked account', [...held, block('ada', true, false)], increment(1), 'declined: account_frozen'],
  [
    'at a category that is blocked since',
    [
      ...held,
      {
        type: 'UpdateCard',
        data: { card_id: '@plastic', spending_controls: { blocked_categories: [SHOP.category_code] } },
      },
    ],
    increment(1),
    'declined: category_blocked',
  ],
  [
    'to more than one authorization may be',
    controlled({ limits: [{ amount: 120, interval: 'per_authorization' }] }),
    increment(21),
    'declined: spending_limit_exceeded',
  ],
  [
    'to as much as one authorization may be',
    controlled({ limits: [{ amount: 120, interval: 'per_authorization' }] }),
    increment(20),
    CHANGED,
  ],
  [
    'to as much as one may be, after a part was reversed',
    [...controlled({ limits: [{ amount: 120, interval: 'per_authorization' }] }), reverse(10)],
    increment(30),
    CHANGED,
  ],
  [
    'to more than a day may be',
    controlled({ limits: [{ amount: 120, interval: 'daily' }] }),
    increment(21),
    'declined: spending_limit_exceeded',
  ],
  ['beyond a limit of the tier', limited(120), increment(21), 'declined: limit_exceeded'],
  ['up to a limit of the tier', limited(120), increment(20), CHANGED],
  ['more than there is', held, increment(51), 'declined: insufficient_funds'],
  ['all there is', held, increment(50), CHANGED],
];

describe('IncrementCardTransaction', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('holds more, counted on the day on which it was asked for', () => {
    const it = given(...held, elapse(DAY));
    const done = it.when(increment(30));
    expect(standing(it)).toEqual({ status: 'authorized', authorized: 100, incremented: 30, held: 130, on: [150, 130] });
    expect(lastElement(done)).toEqual({ type: 'increment', amount: 30, network_reference: 'i1', transaction_id: null });
    expect(countedBy(done)).toEqual(['outbound 30 01-06']);
    expect(done.events.at(-1)?.data).toMatchObject({
      card_transaction: {
        counted: [
          { counted_on: '2026-01-05', amount: 100 },
          { counted_on: '2026-01-06', amount: 30 },
        ],
      },
      previous: { amounts: { incremented: 0, held: 100 } },
    });
  });

  it('counts on one day as one, and a decline leaves what is counted', () => {
    const it = given(...held);
    const grown = it.when(increment(20)).events.at(-1)?.data;
    const counted = [{ counted_on: '2026-01-05', amount: 120 }];
    expect(grown).toMatchObject({ card_transaction: { counted } });
    const declined = it.when(increment(51, { network_reference: 'i2' })).events.at(-1)?.data;
    expect(declined).toMatchObject({ card_transaction: { counted } });
    expect(countedBy(it.when(reverse(30)))).toEqual(['outbound -30 01-05']);
  });

  it('a decline leaves the hold and is kept, with the limit that it is due to', () => {
    const it = given(...limited(120));
    const done = it.when(increment(21));
    expect(standing(it)).toEqual({ status: 'authorized', authorized: 100, held: 100, on: [150, 100] });
    expect(lastElement(done)).toEqual({
      type: 'increment_declined',
      amount: 21,
      network_reference: 'i1',
      transaction_id: null,
      decline_reason: 'limit_exceeded',
      decline_rule: expect.stringMatching(/^lim_/) as unknown,
    });
    expect(done.events.at(-1)?.data).toMatchObject({ holds: [], card_transaction: { decline_reason: null } });
    expect(countedBy(done)).toEqual([]);
    // More is no message of its own: without a reference only the Idempotency-Key protects.
    expect(it.when(increment(20, { network_reference: undefined } as object)).outcome).toBe(CHANGED);
  });
});
