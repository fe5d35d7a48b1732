import type { Command } from '../commands.js';
import { account, card, customer, deposit, given, tenant, type Row } from '../spec-support.js';
import type { IssueCard } from './issue-card.js';

const issue = (data: Partial<IssueCard['data']> = {}): Command => ({
  type: 'IssueCard',
  data: { account_id: '@ada', type: 'virtual', ...data },
});
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const ada = [tenant(), account('ada')];

const ROWS: readonly Row[] = [
  ['letters as digits', ada, issue({ last4: '12E4' }), 'refused: invalid_parameter (last4)'],
  ['more than the last digits', ada, issue({ last4: '00042' }), 'refused: invalid_parameter (last4)'],
  ['a month that is none', ada, issue({ exp_month: 13, exp_year: 2030 }), 'refused: invalid_parameter (exp_month)'],
  ['half a month', ada, issue({ exp_month: 1.5, exp_year: 2030 }), 'refused: invalid_parameter (exp_month)'],
  ['a year of two digits', ada, issue({ exp_month: 1, exp_year: 30 }), 'refused: invalid_parameter (exp_year)'],
  ['a year without a month', ada, issue({ exp_year: 2030 }), 'refused: missing_field (exp_month)'],
  ['a month without a year', ada, issue({ exp_month: 1 }), 'refused: missing_field (exp_year)'],
  ['expired already', ada, issue({ exp_month: 1, exp_year: 2020 }), 'CardIssued'],
  [
    'a category that is none',
    ada,
    issue({ spending_controls: { blocked_categories: ['5411', '1234'] } }),
    'refused: invalid_parameter (spending_controls.blocked_categories[1])',
  ],
  [
    'limits of all kinds',
    ada,
    issue({ spending_controls: { limits: [{ amount: 1, interval: 'all_time' }] } }),
    'CardIssued',
  ],
  ['an unknown account', [tenant()], issue({ account_id: UNKNOWN }), 'refused: account_not_found (account_id)'],
  ['a float', [tenant(), account('ada', 'float')], issue(), 'refused: invalid_parameter (account_id)'],
  ['a general account', [tenant(), account('ada', 'general')], issue(), 'refused: invalid_parameter (account_id)'],
  ['a closed account', [...ada, closing], issue(), 'refused: account_is_closed (account_id)'],
  ['a wallet', ada, issue(), 'CardIssued'],
];

describe('IssueCard', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('is none of an account of the ledger', () => {
    const { book, when } = given(...ada, deposit('ada', 5), ...card('visa', 'ada'), {
      type: 'PostCardTransaction',
      data: {
        card_id: '@visa',
        amount: 9,
        currency: 'NGN',
        merchant: { name: 'Shop', category_code: '5411' },
        network_reference: 'n1',
        direction: 'debit',
      },
    });
    const debt = book.state.systemAccounts.get(`receivable:${book.id('ada')}|NGN`) as string;
    expect(when(issue({ account_id: debt })).outcome).toBe('refused: invalid_parameter (account_id)');
  });

  it('is inactive, without controls, with digits of its own', () => {
    const [event] = given(...ada).when(issue({ holder_name: null })).events;
    expect(event?.data).toMatchObject({
      card: {
        card_id: `card_${event?.id}`,
        status: 'inactive',
        last4: expect.stringMatching(/^\d{4}$/) as unknown,
        holder_name: null,
        spending_controls: { blocked_categories: [], limits: [] },
      },
    });
  });

  it("seals the holder's name under the customer of the account", () => {
    const { book, when } = given(tenant(), customer('cyn'), account('ada', 'customer', 'NGN', { customer_id: '@cyn' }));
    const [event] = when(issue({ holder_name: 'Ada Obi', last4: '0042' })).events;
    expect(event?.data).toMatchObject({ card: { holder_name: `s1.${book.id('cyn')}.Ada Obi`, last4: '0042' } });
  });
});
