import type { Command } from '../commands.js';
import { clear } from '../card-transactions/spec-messages.js';
import { account, card, customer, deposit, given, tenant, type Row, type Step } from '../spec-support.js';
import type { Account } from './accounts.js';
import type { OpenAccount } from './open-account.js';

const open = (data: Partial<OpenAccount['data']> = {}): Command => ({
  type: 'OpenAccount',
  data: { account_name: 'Ada Obi', wallet_type: 'customer', currency: 'NGN', ...data },
});
const below = (name: string, parent: string): Step =>
  account(name, 'customer', 'NGN', { parent_account_id: `@${parent}` });
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const chain = ['b', 'c', 'd', 'e', 'f', 'g'].reduce<Step[]>(
  (steps, name) => [...steps, below(name, String.fromCharCode(name.charCodeAt(0) - 1))],
  [tenant(), account('a')],
);
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';

const ROWS: readonly Row[] = [
  ['without a tenant', [], open(), 'refused: tenant_not_found'],
  ['while inactive', [tenant({ status: 'inactive' })], open(), 'refused: tenant_inactive'],
  ['an unknown currency', [tenant()], open({ currency: 'ABC' }), 'refused: invalid_currency (currency)'],
  ['a code of the ledger', [tenant()], open({ account_code: 'suspense' }), 'refused: invalid_parameter (account_code)'],
  [
    'a code of its families',
    [tenant()],
    open({ account_code: 'fees:mine' }),
    'refused: invalid_parameter (account_code)',
  ],
  [
    'the code of the main float',
    [tenant()],
    open({ account_code: 'float' }),
    'refused: invalid_parameter (account_code)',
  ],
  ['a code that only begins like one', [tenant()], open({ account_code: 'feestore' }), 'AccountOpened'],
  ['a wallet that is an asset', [tenant()], open({ normal_side: 'debit' }), 'refused: invalid_parameter (normal_side)'],
  [
    'a float that is a liability',
    [tenant()],
    open({ wallet_type: 'float', normal_side: 'credit' }),
    'refused: invalid_parameter (normal_side)',
  ],
  ['a wallet below zero', [tenant()], open({ allow_negative: true }), 'refused: invalid_parameter (allow_negative)'],
  ['a float below zero', [tenant()], open({ wallet_type: 'float', allow_negative: true }), 'AccountOpened'],
  ['a negative overdraft', [tenant()], open({ overdraft_limit: -1 }), 'refused: amount_out_of_range (overdraft_limit)'],
  [
    'half a kobo of overdraft',
    [tenant()],
    open({ overdraft_limit: 0.5 }),
    'refused: amount_out_of_range (overdraft_limit)',
  ],
  [
    'an overdraft of the books',
    [tenant()],
    open({ wallet_type: 'general', overdraft_limit: 1 }),
    'refused: invalid_parameter (overdraft_limit)',
  ],
  [
    'a parent that is not there',
    [tenant()],
    open({ parent_account_id: UNKNOWN }),
    'refused: account_not_found (parent_account_id)',
  ],
  [
    'a closed parent',
    [tenant(), account('ada'), closing],
    open({ parent_account_id: '@ada' }),
    'refused: account_is_closed (parent_account_id)',
  ],
  ['on the eighth level', chain, open({ parent_account_id: '@g' }), 'AccountOpened'],
  [
    'below the eighth level',
    [...chain, below('h', 'g')],
    open({ parent_account_id: '@h' }),
    'refused: hierarchy_too_deep (parent_account_id)',
  ],
  [
    'a customer who is not there',
    [tenant()],
    open({ customer_id: 'cust_01JGFJJZ00ZZZZZZZZZZZZZZZZ' }),
    'refused: customer_not_found (customer_id)',
  ],
  [
    'another tier than the customer’s',
    [tenant(), customer('cyn')],
    open({ customer_id: '@cyn', kyc_tier: 'tier2' }),
    'refused: invalid_parameter (kyc_tier)',
  ],
  [
    'the customer’s tier',
    [tenant(), customer('cyn', { kyc_tier: 'tier2' })],
    open({ customer_id: '@cyn', kyc_tier: 'tier2' }),
    'AccountOpened',
  ],
  [
    'a code that is taken',
    [tenant(), account('ada')],
    open({ account_code: 'ada' }),
    'refused: duplicate_account_code (account_code)',
  ],
  [
    'a code of a closed account',
    [tenant(), account('ada'), closing],
    open({ account_code: 'ada' }),
    'refused: duplicate_account_code (account_code)',
  ],
  [
    'a code of another currency',
    [tenant(), account('ada')],
    open({ account_code: 'ada', currency: 'EUR' }),
    'refused: duplicate_account_code (account_code)',
  ],
  ['without a code', [tenant(), account('ada')], open(), 'AccountOpened'],
  ['a tier, without a customer', [tenant()], open({ kyc_tier: 'tier2' }), 'AccountOpened'],
];

describe('OpenAccount', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('names the account by the event that opens it, and makes a code from the same id', () => {
    const [event] = given(tenant()).when(open()).events;
    expect(event?.data).toMatchObject({
      account: {
        account_id: `acc_${event?.id}`,
        account_code: `WLT-${event?.id.slice(-16)}`,
        account_name: `s1.acc_${event?.id}.Ada Obi`,
        normal_side: 'credit',
        status: 'active',
        post_no_debit: false,
        post_no_credit: false,
        kyc_tier: 'tier1',
      },
    });
  });

  it('opens nothing below an account of the ledger', () => {
    const { book, when } = given(
      tenant(),
      account('ada'),
      account('bob'),
      ...card('plastic', 'ada'),
      clear({ amount: 5 }),
    );
    const debt = book.state.systemAccounts.get(`receivable:${book.id('ada')}|NGN`) as string;
    expect(when(open({ parent_account_id: debt })).outcome).toBe('refused: invalid_parameter (parent_account_id)');
  });

  it("seals a customer's data under the customer", () => {
    const { book, when } = given(tenant(), customer('cyn'));
    const [event] = when(open({ customer_id: '@cyn', metadata: { note: 'x' } })).events;
    const cyn = book.id('cyn');
    expect(event?.data).toMatchObject({
      account: { account_name: `s1.${cyn}.Ada Obi`, metadata: [['note', `s1.${cyn}.x`]] },
    });
  });

  it.each([
    ['float', undefined, 'debit'],
    ['general', undefined, 'credit'],
    ['general', 'debit', 'debit'],
    ['merchant', 'credit', 'credit'],
    ['agent', undefined, 'credit'],
    ['business', undefined, 'credit'],
    ['customer', undefined, 'credit'],
  ] as const)('%s, %s asked: normal side %s', (wallet_type, normal_side, expected) => {
    const [event] = given(tenant()).when(open({ wallet_type, normal_side })).events;
    expect(event?.data).toMatchObject({ account: { normal_side: expected } });
  });

  it('inherits the blocks of what it is opened under', () => {
    const block: Command = {
      type: 'BlockAccount',
      data: { account_id: '@ada', reason: 'court', source: 'legal', block_debits: true, block_credits: true },
    };
    const [event] = given(tenant(), account('ada'), block).when(open({ parent_account_id: '@ada' })).events;
    expect(event?.data).toMatchObject({
      account: { status: 'frozen', post_no_debit: true, post_no_credit: true, blocks: [] },
    });
  });

  it.each([
    [true, false],
    [false, true],
  ])('is active below one of which one side is blocked (debits: %s)', (block_debits, block_credits) => {
    const block: Command = {
      type: 'BlockAccount',
      data: { account_id: '@ada', reason: 'court', source: 'legal', block_debits, block_credits },
    };
    const [event] = given(tenant(), account('ada'), block).when(open({ parent_account_id: '@ada' })).events;
    expect(event?.data).toMatchObject({
      account: { status: 'active', post_no_debit: block_debits, post_no_credit: block_credits },
    });
  });

  it('makes the oldest open float of the same currency the main one, in whatever order they are found', () => {
    const { book, when } = given(
      tenant(),
      account('ada'),
      account('euro', 'float', 'EUR'),
      account('one', 'float'),
      account('two', 'float'),
      account('three', 'float'),
      account('four', 'float'),
      account('five', 'float'),
    );
    const main = (): string | undefined => book.state.systemAccounts.get('float|NGN');
    const close = (name: string): Command => ({
      type: 'CloseAccount',
      data: { account_id: `@${name}`, reason: 'moved', source: 'bank', confirmation: 'CLOSE_ACCOUNT' },
    });
    const { accounts } = book.state;
    // From here on: four, three, five.
    for (const name of ['three', 'five']) {
      const moved = accounts.get(book.id(name)) as Account;
      accounts.delete(moved.id);
      accounts.set(moved.id, moved);
    }
    when(close('two'));
    when(close('one'));
    expect(main()).toBe(book.id('three'));
    when(close('three'));
    expect(main()).toBe(book.id('four'));
    when(close('four'));
    expect(main()).toBe(book.id('five'));
    when(close('five'));
    expect(main()).toBeUndefined();
    expect([1, 2].map((n) => when(deposit('ada', n)).outcome)).toEqual([
      'AccountOpened TransactionPosted',
      'TransactionPosted',
    ]);
  });

  it('makes the first float of a currency the main one, and the next oldest once it is closed', () => {
    const { book, when } = given(tenant(), account('one', 'float'), account('two', 'float'), account('three', 'float'));
    const main = (): string | undefined => book.state.systemAccounts.get('float|NGN');
    const close = (name: string): Command => ({
      type: 'CloseAccount',
      data: { account_id: `@${name}`, reason: 'moved', source: 'bank', confirmation: 'CLOSE_ACCOUNT' },
    });
    expect(main()).toBe(book.id('one'));
    when(close('two'));
    expect(main()).toBe(book.id('one'));
    when(close('one'));
    expect(main()).toBe(book.id('three'));
    when(close('three'));
    expect(main()).toBeUndefined();
  });
});
