import type { Command } from '../commands.js';
import { adjust, authorize } from '../card-transactions/spec-messages.js';
import { account, card, customer, deposit, given, named, tenant, transfer, type Row } from '../spec-support.js';
import type { UpdateAccount } from './update-account.js';

const update = (data: Omit<UpdateAccount['data'], 'account_id'>, account_id = '@ada'): Command => ({
  type: 'UpdateAccount',
  data: { account_id, ...data },
});
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const overdrawn = [
  tenant(),
  account('ada', 'customer', 'NGN', { overdraft_limit: 500 }),
  account('bob'),
  deposit('ada', 100),
  transfer('ada', 'bob', 400),
];
/** The network advised to hold 100, where 10 are available. */
const overheld = [
  tenant(),
  account('ada', 'customer', 'NGN', { overdraft_limit: 10 }),
  ...card('plastic', 'ada'),
  named('buy', authorize({ amount: 10 })),
  adjust(100),
];
const full = account('ada', 'customer', 'NGN', {
  metadata: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'])),
});

const ROWS: readonly Row[] = [
  ['an unknown account', [tenant()], update({}, UNKNOWN), 'refused: account_not_found'],
  ['a closed one', [tenant(), account('ada'), closing], update({ kyc_tier: 'tier2' }), 'refused: account_is_closed'],
  [
    'a negative overdraft',
    [tenant(), account('ada')],
    update({ overdraft_limit: -5 }),
    'refused: amount_out_of_range (overdraft_limit)',
  ],
  [
    'an overdraft of a float',
    [tenant(), account('ada', 'float')],
    update({ overdraft_limit: 5 }),
    'refused: invalid_parameter (overdraft_limit)',
  ],
  ['as much metadata as may be', [tenant(), full], update({ metadata: { key7: 'y' } }), 'AccountUpdated'],
  [
    'too much metadata together',
    [tenant(), full],
    update({ metadata: { more: 'x' } }),
    'refused: invalid_parameter (metadata)',
  ],
  [
    'less than is overdrawn',
    overdrawn,
    update({ overdraft_limit: 299 }),
    'refused: insufficient_funds (overdraft_limit)',
  ],
  ['more, though still less than is held', overheld, update({ overdraft_limit: 50 }), 'AccountUpdated'],
  ['the same, though less than is held', overheld, update({ overdraft_limit: 10 }), 'unchanged'],
  ['less than is held', overheld, update({ overdraft_limit: 9 }), 'refused: insufficient_funds (overdraft_limit)'],
  ['as much as is overdrawn', overdrawn, update({ overdraft_limit: 300 }), 'AccountUpdated'],
  ['a name, even the same', [tenant(), account('ada')], update({ account_name: 'ada' }), 'AccountUpdated'],
  [
    'another tier than the customer’s',
    [tenant(), customer('cyn'), account('ada', 'customer', 'NGN', { customer_id: '@cyn' })],
    update({ kyc_tier: 'tier2' }),
    'refused: invalid_parameter (kyc_tier)',
  ],
  [
    'the customer’s tier, after that has changed',
    [
      tenant(),
      customer('cyn'),
      account('ada', 'customer', 'NGN', { customer_id: '@cyn' }),
      { type: 'UpdateCustomer', data: { customer_id: '@cyn', kyc_tier: 'tier2' } },
    ],
    update({ kyc_tier: 'tier2' }),
    'unchanged',
  ],
  ['the same tier', [tenant(), account('ada')], update({ kyc_tier: 'tier1', metadata: { gone: null } }), 'unchanged'],
];

describe('UpdateAccount', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('states the balance of its moment, and of the rest what was before', () => {
    const { book, when } = given(...overdrawn);
    const [event] = when(update({ kyc_tier: 'tier3' })).events;
    expect(event?.data).toMatchObject({ account: { balance: -300, held: 0, kyc_tier: 'tier3', overdraft_limit: 500 } });
    expect(event?.data).toHaveProperty('previous', { kyc_tier: 'tier1' });
    expect(book.state.accounts.get(book.id('ada'))).toMatchObject({ balance: -300, terms: { kycTier: 'tier3' } });
  });

  it('leaves the accounts of the ledger alone', () => {
    const { book, when } = given(tenant(), account('ada'));
    const code = `receivable:${book.id('ada')}`;
    const facts = {
      ...(book.standing('ada').data as { account: object }).account,
      account_code: code,
      wallet_type: 'system',
    };
    const id = 'acc_01KEZFJJ00ZZZZZZZZZZZZZZZY';
    book.write([
      {
        id: id.slice(4),
        type: 'SystemAccountOpened',
        subject: 'tnt',
        data: { account: { ...facts, account_id: id } as never },
      },
    ]);
    expect(when(update({ account_name: 'mine' }, id)).outcome).toBe('refused: invalid_state');
  });
});
