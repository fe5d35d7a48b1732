import type { Command } from '../commands.js';
import { account, card, customer, given, tenant, type Row } from '../spec-support.js';
import type { UpdateCard } from './update-card.js';

const update = (data: Omit<UpdateCard['data'], 'card_id'>, card_id = '@visa'): Command => ({
  type: 'UpdateCard',
  data: { card_id, ...data },
});
const terminate: Command = { type: 'ChangeCardStatus', data: { card_id: '@visa', action: 'terminate' } };
const UNKNOWN = 'card_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const visa = [tenant(), account('ada'), ...card('visa', 'ada')];
const limits = [{ amount: 5000, interval: 'per_authorization' }] as const;
const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x']));

const renewed = [...visa, update({ exp_month: 4, exp_year: 2030 })];

const ROWS: readonly Row[] = [
  ['an unknown card', [tenant()], update({}, UNKNOWN), 'refused: card_not_found'],
  ['a terminated card', [...visa, terminate], update({ holder_name: 'Ada' }), 'refused: invalid_state'],
  [
    'too much metadata together',
    [...visa, update({ metadata: fifty })],
    update({ metadata: { more: 'x' } }),
    'refused: invalid_parameter (metadata)',
  ],
  ['no name instead of none', visa, update({ holder_name: null }), 'unchanged'],
  [
    'the same controls',
    [...visa, update({ spending_controls: { limits } })],
    update({ spending_controls: { limits: [...limits] } }),
    'unchanged',
  ],
  [
    'a limit of a day',
    visa,
    update({ spending_controls: { limits: [...limits, { amount: 1, interval: 'daily' }] } }),
    'CardUpdated',
  ],
  [
    'a category that is none',
    visa,
    update({ spending_controls: { blocked_categories: ['0000'] } }),
    'refused: invalid_parameter (spending_controls.blocked_categories[0])',
  ],
  ['half an end', visa, update({ exp_month: 5 }), 'refused: missing_field (exp_year)'],
  ['another month', renewed, update({ exp_month: 5 }), 'CardUpdated'],
  ['the same end', renewed, update({ exp_month: 4, exp_year: 2030 }), 'unchanged'],
  ['half of the end taken away', renewed, update({ exp_year: null }), 'refused: missing_field (exp_year)'],
  ['the end taken away', renewed, update({ exp_month: null, exp_year: null }), 'CardUpdated'],
  ['no end instead of none', visa, update({ exp_month: null, exp_year: null }), 'unchanged'],
  ['a name', visa, update({ holder_name: 'Ada' }), 'CardUpdated'],
];

describe('UpdateCard', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('is good through a month that is given, and for ever once that is taken away', () => {
    const { book, when } = given(...visa);
    const end = (): string | null | undefined => book.state.cards.get(book.id('visa'))?.goodThrough;
    expect(end()).toBeNull();
    when(update({ exp_month: 4, exp_year: 2030 }));
    expect(end()).toBe('2030-04');
    when(update({ exp_month: null, exp_year: null }));
    expect(end()).toBeNull();
  });

  it('seals a name under the key of the account, or of its customer', () => {
    const mine = given(...visa);
    const [ours] = mine.when(update({ holder_name: 'Ada' })).events;
    expect(ours?.data).toMatchObject({ card: { holder_name: `s1.${mine.book.id('ada')}.Ada` } });
    const theirs = given(
      tenant(),
      customer('cyn'),
      account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
      ...card('visa', 'ada'),
    );
    const [event] = theirs.when(update({ metadata: { a: 'b' } })).events;
    expect(event?.data).toMatchObject({ card: { metadata: [['a', `s1.${theirs.book.id('cyn')}.b`]] } });
  });

  it('changes the controls that are named and keeps the others', () => {
    const { book, when } = given(...visa, update({ spending_controls: { limits } }));
    const [event] = when(update({ spending_controls: { blocked_categories: ['7995'] } })).events;
    expect(event?.data).toMatchObject({
      card: { spending_controls: { blocked_categories: ['7995'], limits } },
      previous: { spending_controls: { blocked_categories: [], limits } },
    });
    expect(book.state.cards.get(book.id('visa'))?.controls).toEqual({ blocked_categories: ['7995'], limits });
  });
});
