import type { Command } from '../commands.js';
import {
  account,
  card,
  DAY,
  deposit,
  elapse,
  given,
  named,
  SECOND,
  START,
  tenant,
  type Outcome,
  type Row,
  type Step,
} from '../spec-support.js';
import { block, close } from '../transactions/spec-commands.js';
import { transfer } from '../spec-support.js';
import { authorize, capture, countedBy, holder, HOTEL, lastElement, NO_CARD, reverse, SHOP } from './spec-messages.js';

const outcome = ({ outcome: told, events }: Outcome): string => {
  const event = events.at(-1);
  return event?.type === 'CardDeclined' ? `declined: ${event.data.card_transaction.decline_reason}` : told;
};

const status = (action: 'suspend' | 'resume' | 'terminate'): Command => ({
  type: 'ChangeCardStatus',
  data: { card_id: '@plastic', action },
});
const suspended: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended', reason: 'r' } };
const inactive: Command = { type: 'ChangeTenantStatus', data: { status: 'inactive', reason: 'r' } };
const merchant = { ...SHOP, category_code: '7995' };
const controlled = (controls: {
  blocked_categories: string[];
  limits: { amount: number; interval: 'per_authorization' }[];
}): readonly Step[] => [
  tenant(),
  account('ada'),
  deposit('ada', 150),
  ...card('plastic', 'ada', { spending_controls: controls }),
];
const gambler = controlled({ blocked_categories: ['7995'], limits: [] });
const thrifty = controlled({
  blocked_categories: ['7995'],
  limits: [{ amount: 60, interval: 'per_authorization' }],
});
const unused: Step[] = [
  tenant(),
  account('ada'),
  deposit('ada', 150),
  named('plastic', { type: 'IssueCard', data: { account_id: '@ada', type: 'virtual' } }),
];
const MAX = Number.MAX_SAFE_INTEGER;
/** May spend twice what a number holds, and half of it is held. */
const rich: readonly Step[] = [
  tenant(),
  account('ada', 'customer', 'NGN', { overdraft_limit: MAX }),
  deposit('ada', MAX),
  ...card('plastic', 'ada'),
  authorize({ amount: MAX - 5, network_reference: 'a0' }),
];
const emptied = [...holder, account('bob'), transfer('ada', 'bob', 150)];

const expiring = (exp_month: number, exp_year = 2026): Step[] => [
  tenant(),
  account('ada'),
  deposit('ada', 150),
  ...card('plastic', 'ada', { exp_month, exp_year }),
];
const spender = (interval: 'daily' | 'monthly' | 'all_time'): Step[] => [
  tenant(),
  account('ada'),
  deposit('ada', 150),
  ...card('plastic', 'ada', { spending_controls: { limits: [{ amount: 100, interval }] } }),
];
const limited = (amount: number, before: readonly Step[] = holder): Step[] => [
  ...before,
  {
    type: 'ReplaceLimits',
    data: { limits: [{ kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount }] },
  },
];

const ROWS: readonly Row[] = [
  ['a fraction', holder, authorize({ amount: 0.5, currency: 'X' }), 'refused: invalid_parameter (amount)'],
  ['nothing', holder, authorize({ amount: 0, currency: 'X' }), 'refused: amount_not_positive (amount)'],
  ['2^53', holder, authorize({ amount: 2 ** 53 }), 'refused: amount_out_of_range (amount)'],
  [
    'no currency',
    holder,
    authorize({ currency: 'X', merchant: { name: 'a', category_code: '1' } }),
    'refused: invalid_currency (currency)',
  ],
  [
    'no category',
    holder,
    authorize({ merchant: { name: 'a', category_code: '1' }, expires_at: 'x' }),
    'refused: invalid_parameter (merchant.category_code)',
  ],
  ...['54111', '5411 ', ' 5411', '541a'].map((category_code): Row => [
    `the category "${category_code}"`,
    holder,
    authorize({ merchant: { name: 'a', category_code } }),
    'refused: invalid_parameter (merchant.category_code)',
  ]),
  ['no time', [...holder, authorize()], authorize({ expires_at: 'x' }), 'refused: invalid_parameter (expires_at)'],
  ['the same again', [...holder, authorize()], authorize(), 'unchanged: same_body'],
  [
    'the same again, without a currency',
    [...holder, authorize({ currency: undefined })],
    authorize({ currency: undefined }),
    'unchanged: same_body',
  ],
  ...[{ name: 'Other Shop' }, { city: 'Lagos' }, { country: 'NG' }].map((differing): Row => [
    `the same with another ${Object.keys(differing).join()} of its merchant`,
    [...holder, authorize()],
    authorize({ merchant: { ...SHOP, ...differing } }),
    'unchanged: other_body',
  ]),
  ['the same of another card', [...holder, authorize()], authorize({ card_id: NO_CARD }), 'unchanged: other_body'],
  ['the same of another amount', [...holder, authorize()], authorize({ amount: 99 }), 'unchanged: other_body'],
  ['the same of another currency', [...holder, authorize()], authorize({ currency: 'EUR' }), 'unchanged: other_body'],
  ['the same of another merchant', [...holder, authorize()], authorize({ merchant }), 'unchanged: other_body'],
  [
    'the same after a decline',
    [...holder, authorize({ amount: 151 })],
    authorize({ amount: 151 }),
    'unchanged: same_body',
  ],
  [
    'an unknown card',
    holder,
    authorize({ card_id: NO_CARD, expires_at: '2020-01-01T00:00:00Z' }),
    'refused: card_not_found (card_id)',
  ],
  [
    'an expiry now',
    holder,
    authorize({ expires_at: '2026-01-05T09:00:06.000Z' }),
    'refused: expiry_in_the_past (expires_at)',
  ],
  ['an expiry in a millisecond', holder, authorize({ expires_at: '2026-01-05T09:00:06.001Z' }), 'CardAuthorized'],
  [
    'an expiry in the past',
    [...holder, status('suspend')],
    authorize({ expires_at: '2020-01-01T00:00:00Z' }),
    'refused: expiry_in_the_past (expires_at)',
  ],

  ['an inactive card', [...unused, block('ada', true, true)], authorize(), 'declined: card_inactive'],
  [
    'a suspended card',
    [...holder, block('ada', true, true), status('suspend')],
    authorize(),
    'declined: card_suspended',
  ],
  [
    'a terminated card',
    [...holder, block('ada', true, true), status('terminate')],
    authorize(),
    'declined: card_terminated',
  ],
  ['a closed account', [...emptied, block('ada', true, true), close('ada')], authorize(), 'declined: account_closed'],
  [
    'a blocked account of a suspended tenant',
    [...holder, block('ada', true, false), suspended],
    authorize(),
    'declined: account_frozen',
  ],
  ['an account that may not be credited', [...holder, block('ada', false, true)], authorize(), 'CardAuthorized'],
  ['a suspended tenant', [...holder, suspended], authorize({ currency: 'EUR' }), 'declined: tenant_suspended'],
  ['an inactive tenant', [...holder, inactive], authorize({ currency: 'EUR' }), 'declined: tenant_suspended'],
  ['another currency', gambler, authorize({ currency: 'EUR', merchant }), 'declined: currency_mismatch'],
  ['a blocked category', thrifty, authorize({ merchant }), 'declined: category_blocked'],
  ['more than one authorization may be', thrifty, authorize({ amount: 151 }), 'declined: spending_limit_exceeded'],
  ['as much as one authorization may be', thrifty, authorize({ amount: 60 }), 'CardAuthorized'],
  ['in its last month', expiring(1), authorize(), 'CardAuthorized'],
  [
    'on the last day of that month',
    [...expiring(1), elapse(Date.parse('2026-01-31T23:59:58Z') - (START + 5 * SECOND))],
    authorize(),
    'CardAuthorized',
  ],
  [
    'on the day after, on a blocked account',
    [...expiring(1), block('ada', true, true), elapse(Date.parse('2026-02-01T00:00:00Z') - (START + 6 * SECOND))],
    authorize(),
    'declined: expired_card',
  ],
  [
    'expired long ago, and suspended',
    [...expiring(12, 2025), status('suspend')],
    authorize(),
    'declined: card_suspended',
  ],
  ...(['daily', 'monthly', 'all_time'] as const).flatMap((interval): Row[] => [
    [
      `more than what is left: ${interval}`,
      [...spender(interval), authorize({ amount: 60 })],
      authorize({ amount: 41, network_reference: 'a2' }),
      'declined: spending_limit_exceeded',
    ],
    [
      `all that is left: ${interval}`,
      [...spender(interval), authorize({ amount: 60 })],
      authorize({ amount: 40, network_reference: 'a2' }),
      'CardAuthorized',
    ],
    [
      `what another card of the account spent is none of it: ${interval}`,
      [...spender(interval), ...card('other', 'ada'), authorize({ card_id: '@other', amount: 50 })],
      authorize({ amount: 100, network_reference: 'a2' }),
      'CardAuthorized',
    ],
    [
      `what was given back may be spent again: ${interval}`,
      [...spender(interval), named('buy', authorize({ amount: 60 })), reverse()],
      authorize({ amount: 100, network_reference: 'a2' }),
      'CardAuthorized',
    ],
    [
      `a control that is set later knows of it: ${interval}`,
      [
        ...holder,
        authorize({ amount: 60 }),
        {
          type: 'UpdateCard',
          data: { card_id: '@plastic', spending_controls: { limits: [{ amount: 100, interval }] } },
        },
      ],
      authorize({ amount: 41, network_reference: 'a2' }),
      'declined: spending_limit_exceeded',
    ],
  ]),
  [
    'the next day',
    [...spender('daily'), authorize({ amount: 60 }), elapse(DAY)],
    authorize({ amount: 90, network_reference: 'a2' }),
    'CardAuthorized',
  ],
  [
    'the next day of the same month',
    [...spender('monthly'), authorize({ amount: 60 }), elapse(DAY)],
    authorize({ amount: 41, network_reference: 'a2' }),
    'declined: spending_limit_exceeded',
  ],
  [
    'the next month',
    [...spender('monthly'), named('buy', authorize({ amount: 60 })), elapse(3 * DAY), capture(60), elapse(27 * DAY)],
    authorize({ amount: 90, network_reference: 'a2' }),
    'CardAuthorized',
  ],
  [
    'the next year',
    [...spender('all_time'), named('buy', authorize({ amount: 60 })), capture(60), elapse(400 * DAY)],
    authorize({ amount: 41, network_reference: 'a2' }),
    'declined: spending_limit_exceeded',
  ],
  [
    'a control before a limit',
    limited(50, spender('daily')),
    authorize({ amount: 101 }),
    'declined: spending_limit_exceeded',
  ],
  ['a limit before the funds', limited(50), authorize({ amount: 151 }), 'declined: limit_exceeded'],
  [
    'more than a limit, though part is welcome',
    limited(50),
    authorize({ partial_approval: true }),
    'declined: limit_exceeded',
  ],
  ['as much as a limit', limited(100), authorize(), 'CardAuthorized'],
  [
    'more than a limit leaves',
    [...limited(100), authorize({ amount: 60 })],
    authorize({ amount: 41, network_reference: 'a2' }),
    'declined: limit_exceeded',
  ],
  [
    'what expired is given back',
    [...limited(100), authorize({ amount: 60, expires_at: '2026-01-05T10:00:00Z' }), elapse(3_600_000)],
    authorize({ network_reference: 'a2' }),
    'CardAuthorized',
  ],
  ['as a test says', holder, authorize({ decline_as: 'card_terminated' }), 'declined: card_terminated'],
  ['without a currency', holder, authorize({ currency: undefined } as object), 'CardAuthorized'],
  ['more than there is', holder, authorize({ amount: 151 }), 'declined: insufficient_funds'],
  ['all there is', holder, authorize({ amount: 150 }), 'CardAuthorized'],
  [
    'more than the first hold leaves',
    [...holder, authorize()],
    authorize({ amount: 51, network_reference: 'a2' }),
    'declined: insufficient_funds',
  ],
  ['more than all holds may come to', rich, authorize({ amount: 6 }), 'declined: insufficient_funds'],
  ['what makes the holds as large as may be', rich, authorize({ amount: 5 }), 'CardAuthorized'],
  ['part of nothing', emptied, authorize({ partial_approval: true }), 'declined: insufficient_funds'],
];

describe('AuthorizeCard', () => {
  it.each(ROWS)('%s', (_telling, history, command, expected) => {
    expect(outcome(given(...history).when(command))).toBe(expected);
  });

  it('holds the amount for seven days', () => {
    const { book, when } = given(...holder);
    const [event] = when(authorize({ metadata: { trip: 'x' } })).events;
    const ada = book.id('ada');
    expect(event?.data).toMatchObject({
      card_transaction: {
        card_transaction_id: `txn_${event?.id}`,
        account_id: ada,
        direction: 'debit',
        status: 'authorized',
        amount: 100,
        requested_amount: 100,
        amounts: { authorized: 100, held: 100, captured: 0 },
        merchant: { ...SHOP, city: null, country: null },
        decline_reason: null,
        elements: [{ type: 'authorization', amount: 100, network_reference: 'a1', transaction_id: null }],
        expires_at: '2026-01-12T09:00:06.000Z',
        metadata: [['trip', `s1.${ada}.x`]],
      },
      holds: [{ account_id: ada, amount: 100, held_after: 100 }],
    });
    expect(book.state.accounts.get(ada)).toMatchObject({ balance: 150, held: 100 });
    expect(book.state.cardTransactions.size).toBe(1);
  });

  it.each([
    ['7011', '2026-02-05T09:00:06.000Z'],
    ['3351', '2026-02-05T09:00:06.000Z'],
    ['3442', '2026-02-05T09:00:06.000Z'],
    ['3500', '2026-02-05T09:00:06.000Z'],
    ['3501', '2026-02-05T09:00:06.000Z'],
    ['3999', '2026-02-05T09:00:06.000Z'],
    ['4411', '2026-02-05T09:00:06.000Z'],
    ['7519', '2026-02-05T09:00:06.000Z'],
    ['3350', '2026-01-12T09:00:06.000Z'],
    ['7514', '2026-01-12T09:00:06.000Z'],
  ])('holds for category %s until %s', (category_code, until) => {
    const [event] = given(...holder).when(authorize({ merchant: { ...HOTEL, category_code } })).events;
    expect(event?.data).toMatchObject({ card_transaction: { expires_at: until } });
  });

  it('holds until the message says', () => {
    const [event] = given(...holder).when(authorize({ expires_at: '2026-01-05T10:00:00+00:30' })).events;
    expect(event?.data).toMatchObject({ card_transaction: { expires_at: '2026-01-05T09:30:00.000Z' } });
  });

  it('approves what there is where less is welcome', () => {
    const { book, when } = given(...holder);
    const [event] = when(authorize({ amount: 200, partial_approval: true })).events;
    expect(event?.data).toMatchObject({
      card_transaction: {
        status: 'authorized',
        amount: 150,
        requested_amount: 200,
        amounts: { authorized: 150, held: 150 },
        elements: [{ type: 'authorization', amount: 150 }],
        posted_at_clamped: false,
      },
    });
    expect(when(authorize({ amount: 200, partial_approval: true })).outcome).toBe('unchanged: same_body');
    expect(book.state.accounts.get(book.id('ada'))?.held).toBe(150);
  });

  it('approves where less is welcome what the holds have room for', () => {
    const { book, when } = given(...rich);
    const [event] = when(authorize({ amount: 200, partial_approval: true })).events;
    expect(event?.data).toMatchObject({ card_transaction: { status: 'authorized', amount: 5 } });
    expect(book.state.accounts.get(book.id('ada'))?.held).toBe(MAX);
  });

  it('says the currency that was asked for, where that is the reason of a decline', () => {
    const [event] = given(...holder).when(authorize({ currency: 'EUR' })).events;
    expect(event?.data).toMatchObject({ card_transaction: { currency: 'EUR', decline_reason: 'currency_mismatch' } });
  });

  it('keeps a decline as an event that holds nothing', () => {
    const { book, when } = given(...holder);
    const [event] = when(authorize({ amount: 151 })).events;
    expect(event?.data).toMatchObject({
      card_transaction: {
        status: 'declined',
        amount: 0,
        requested_amount: 151,
        amounts: { authorized: 0, held: 0 },
        elements: [{ type: 'decline', amount: 151, network_reference: 'a1' }],
        expires_at: null,
      },
    });
    expect(book.state.accounts.get(book.id('ada'))?.held).toBe(0);
    expect(book.state.cardTransactions.size).toBe(0);
  });

  it('counts what it approves, on the day of it', () => {
    const { when } = given(...holder);
    const approved = when(authorize({ amount: 400, partial_approval: true }));
    expect(countedBy(approved)).toEqual(['outbound 150 01-05']);
    expect(approved.events.at(-1)?.data).toMatchObject({
      card_transaction: { counted: [{ counted_on: '2026-01-05', amount: 150 }] },
    });
    expect(countedBy(when(authorize({ network_reference: 'a2' })))).toEqual([]);
  });

  it('names the limit that a decline is due to', () => {
    const { when } = given(...limited(50));
    expect(lastElement(when(authorize()))).toMatchObject({
      type: 'decline',
      decline_reason: 'limit_exceeded',
      decline_rule: expect.stringMatching(/^lim_/) as unknown,
    });
  });

  it('answers a message that comes again as the first time, whatever came of the purchase since', () => {
    const { when } = given(...holder, named('buy', authorize()), capture(30, { final: false }));
    const again = when(authorize());
    expect(again.decision).toMatchObject({
      kind: 'unchanged',
      duplicate: 'same_body',
      standing: {
        type: 'CardAuthorized',
        data: { card_transaction: { status: 'authorized', amounts: { held: 100 } } },
      },
    });
    expect(again.events).toEqual([]);
  });
});
