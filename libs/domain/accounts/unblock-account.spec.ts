import type { Command } from '../commands.js';
import { account, given, tenant, type Row } from '../spec-support.js';
import type { UnblockAccount } from './unblock-account.js';

const block = (source: string, block_debits = true, block_credits = true, account_id = '@ada'): Command => ({
  type: 'BlockAccount',
  data: { account_id, reason: 'odd', source, block_debits, block_credits },
});
const unblock = (data: Partial<UnblockAccount['data']> = {}): Command => ({
  type: 'UnblockAccount',
  data: {
    account_id: '@ada',
    reason: 'cleared',
    source: 'compliance',
    unblock_debits: true,
    unblock_credits: true,
    ...data,
  },
});
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const ada = [tenant(), account('ada')];

const ROWS: readonly Row[] = [
  ['an unknown account', [tenant()], unblock({ account_id: UNKNOWN }), 'refused: account_not_found'],
  ['a closed one', [...ada, block('fraud'), closing], unblock(), 'refused: account_is_closed'],
  [
    'neither side',
    [...ada, block('fraud')],
    unblock({ unblock_debits: false, unblock_credits: false }),
    'refused: invalid_parameter (unblock_debits)',
  ],
  ['nothing to lift', ada, unblock(), 'unchanged'],
  ['nothing on this side', [...ada, block('fraud', true, false)], unblock({ unblock_debits: false }), 'unchanged'],
  ['nothing of this source', [...ada, block('fraud')], unblock({ block_source: 'court' }), 'unchanged'],
  ['what another source blocked', [...ada, block('fraud')], unblock(), 'AccountUnblocked'],
];

describe('UnblockAccount', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('lifts every block on the named sides and leaves the rest of them', () => {
    const [event] = given(...ada, block('fraud'), block('court', true, false)).when(
      unblock({ unblock_credits: false }),
    ).events;
    expect(event?.data).toMatchObject({
      account: {
        status: 'active',
        post_no_debit: false,
        post_no_credit: true,
        blocks: [{ source: 'fraud', debits: false, credits: true }],
      },
      previous: { status: 'frozen', post_no_debit: true },
    });
  });

  it('lifts the one that is named, and the account stays frozen by the others', () => {
    const { when } = given(...ada, block('fraud'), block('court'));
    expect(when(unblock({ block_source: 'fraud' })).events[0]?.data).toMatchObject({
      account: { status: 'frozen', blocks: [{ source: 'court' }] },
    });
    expect(when(unblock()).events[0]?.data).toMatchObject({ account: { status: 'active', blocks: [] } });
  });

  it('does not reach what is inherited', () => {
    const child = account('kid', 'customer', 'NGN', { parent_account_id: '@ada' });
    const { when } = given(...ada, child, block('court'), block('fraud', true, true, '@kid'));
    expect(when(unblock({ account_id: '@kid' })).events[0]?.data).toMatchObject({
      account: { status: 'frozen', blocks: [] },
    });
    expect(when(unblock({ account_id: '@kid' })).outcome).toBe('unchanged');
    expect(when(unblock()).events[0]?.data).toMatchObject({ affected: { count: 1 } });
  });
});
