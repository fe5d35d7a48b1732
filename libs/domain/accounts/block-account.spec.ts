import type { Command } from '../commands.js';
import type { LedgerEvent } from '../ledger.js';
import { account, given, tenant, type Row } from '../spec-support.js';
import type { BlockAccount } from './block-account.js';
import { effectiveBlock } from './standing.js';

const block = (data: Partial<BlockAccount['data']> = {}): Command => ({
  type: 'BlockAccount',
  data: {
    account_id: '@ada',
    reason: 'odd transfers',
    source: 'fraud',
    block_debits: true,
    block_credits: true,
    ...data,
  },
});
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const ada = [tenant(), account('ada')];
const suspend: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };

const ROWS: readonly Row[] = [
  ['an unknown account', [tenant()], block({ account_id: UNKNOWN }), 'refused: account_not_found'],
  ['a closed one', [...ada, closing], block(), 'refused: account_is_closed'],
  [
    'neither side',
    ada,
    block({ block_debits: false, block_credits: false }),
    'refused: invalid_parameter (block_debits)',
  ],
  ['both sides', ada, block(), 'AccountBlocked'],
  ['while the tenant is suspended', [...ada, suspend], block(), 'AccountBlocked'],
  ['the same again', [...ada, block()], block({ reason: 'said otherwise' }), 'unchanged'],
  ['less of the same, which lifts nothing', [...ada, block()], block({ block_credits: false }), 'unchanged'],
  ['the other side', [...ada, block({ block_credits: false })], block({ block_debits: false }), 'AccountBlocked'],
  ['the first side', [...ada, block({ block_debits: false })], block({ block_credits: false }), 'AccountBlocked'],
  ['another source', [...ada, block()], block({ source: 'court' }), 'AccountBlocked'],
];

const facts = (event: LedgerEvent | undefined): unknown => (event?.data as { account: unknown } | undefined)?.account;

describe('BlockAccount', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('names the accounts below in the order of their ids, in whatever order they are found', () => {
    const { book, when } = given(
      ...ada,
      ...['one', 'two', 'three'].map((name) => account(name, 'customer', 'NGN', { parent_account_id: '@ada' })),
    );
    const { accounts } = book.state;
    const one = accounts.get(book.id('one'))!;
    // As where it was taken back and made again.
    accounts.delete(one.id);
    accounts.set(one.id, one);
    const ids = ['one', 'two', 'three'].map((name) => book.id(name));
    expect(when(block()).events[0]?.data).toMatchObject({ affected: { account_ids: ids, count: 3 } });
  });

  it('freezes once both sides are blocked, by whomever', () => {
    const { when } = given(...ada);
    expect(facts(when(block({ block_credits: false })).events[0])).toMatchObject({
      status: 'active',
      post_no_debit: true,
      post_no_credit: false,
    });
    const [second] = when(block({ source: 'court', block_debits: false })).events;
    expect(facts(second)).toMatchObject({
      status: 'frozen',
      blocks: [
        { source: 'fraud', debits: true, credits: false, created_at: '2026-01-05T09:00:03.000Z' },
        { source: 'court', debits: false, credits: true, created_at: '2026-01-05T09:00:04.000Z' },
      ],
    });
    expect(second?.data).toMatchObject({ previous: { status: 'active', post_no_credit: false } });
    expect(second?.data).not.toHaveProperty('previous.post_no_debit');
  });

  it("keeps the first day of a source's block and its latest reason", () => {
    const { when } = given(...ada, block({ block_credits: false }));
    const [event] = when(block({ reason: 'worse', metadata: { ticket: 'F-1' } })).events;
    expect(facts(event)).toMatchObject({
      blocks: [
        {
          reason: expect.stringMatching(/\.worse$/) as unknown,
          debits: true,
          credits: true,
          created_at: '2026-01-05T09:00:03.000Z',
          metadata: [['ticket', expect.stringMatching(/\.F-1$/)]] as unknown,
        },
      ],
    });
  });

  it.each([
    ['debits', { block_credits: false }, { block_debits: false }],
    ['credits', { block_debits: false }, { block_credits: false }],
  ])("adds the other side to a source's block of %s, and leaves the other sources alone", (_side, first, second) => {
    const { when } = given(...ada, block(first), block({ source: 'court', block_credits: false }));
    const [event] = when(block(second)).events;
    expect(facts(event)).toMatchObject({
      status: 'frozen',
      blocks: [
        { source: 'fraud', debits: true, credits: true },
        { source: 'court', debits: true, credits: false },
      ],
    });
    expect(event?.data).toMatchObject({ affected: { account_ids: [], count: 0 } });
  });

  it('takes the accounts below with it, and names them', () => {
    const under = (name: string, parent: string) =>
      account(name, 'customer', 'NGN', { parent_account_id: `@${parent}` });
    const { book, when } = given(...ada, under('b', 'ada'), under('c', 'b'), account('other'));
    const [event] = when(block({ block_credits: false })).events;
    expect(event?.data).toMatchObject({ affected: { account_ids: [book.id('b'), book.id('c')], count: 2 } });
    const sides = (name: string): unknown =>
      effectiveBlock(book.state, book.state.accounts.get(book.id(name)) as never);
    expect(sides('c')).toEqual({ debits: true, credits: false });
    expect(sides('other')).toEqual({ debits: false, credits: false });
    const [own] = when(block({ account_id: '@c', block_debits: false })).events;
    expect(facts(own)).toMatchObject({ status: 'frozen', blocks: [{ debits: false, credits: true }] });
  });

  it('names a thousand of them and counts the rest', () => {
    const many = Array.from({ length: 1002 }, (_, i) =>
      account(`c${i}`, 'customer', 'NGN', { parent_account_id: '@ada' }),
    );
    const { book, when } = given(...ada, ...many);
    const [event] = when(block()).events;
    const { affected } = event?.data as unknown as { affected: { account_ids: string[]; count: number } };
    expect(affected.count).toBe(1002);
    expect(affected.account_ids).toHaveLength(1000);
    expect(affected.account_ids[999]).toBe(book.id('c999'));
  });
});
