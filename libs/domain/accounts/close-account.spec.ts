import type { Command } from '../commands.js';
import { account, deposit, given, tenant, transfer, type Row } from '../spec-support.js';
import type { CloseAccount } from './close-account.js';

const close = (data: Partial<CloseAccount['data']> = {}): Command => ({
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT', ...data },
});
const UNKNOWN = 'acc_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const ada = [tenant(), account('ada')];
const kid = account('kid', 'customer', 'NGN', { parent_account_id: '@ada' });

const ROWS: readonly Row[] = [
  ['an unknown account', [tenant()], close({ account_id: UNKNOWN }), 'refused: account_not_found'],
  ['without the word', ada, close({ confirmation: 'yes' }), 'refused: confirmation_required (confirmation)'],
  ['without any word', ada, close({ confirmation: undefined }), 'refused: confirmation_required (confirmation)'],
  ['closed already', [...ada, close()], close({ reason: 'again' }), 'unchanged'],
  ['with a balance', [...ada, deposit('ada', 5)], close(), 'refused: account_not_empty'],
  ['with an open child', [...ada, kid], close(), 'refused: account_has_open_children'],
  ['with a closed child', [...ada, kid, close({ account_id: '@kid' })], close(), 'AccountClosed'],
  ['emptied', [...ada, account('bob'), deposit('ada', 5), transfer('ada', 'bob', 5)], close(), 'AccountClosed'],
];

describe('CloseAccount', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('leaves who closed it, why and when', () => {
    const { book, when } = given(...ada);
    const [event] = when(close({ metadata: { ticket: 'S-1' } })).events;
    const id = book.id('ada');
    expect(event?.data).toMatchObject({
      account: {
        status: 'closed',
        closure: {
          reason: `s1.${id}.left`,
          source: 'customer',
          metadata: [['ticket', `s1.${id}.S-1`]],
          at: '2026-01-05T09:00:03.000Z',
        },
      },
      previous: { status: 'active', closure: null },
    });
    expect(book.state.accounts.get(id)?.extras.closed).toBe(true);
  });

  it('counts what is held and owed by the account', () => {
    const { book, when } = given(...ada);
    const held = book.state.accounts.get(book.id('ada')) as NonNullable<ReturnType<typeof book.state.accounts.get>>;
    book.state.accounts.set(held.id, { ...held, held: 7 as never });
    expect(when(close()).outcome).toBe('refused: account_has_holds');
    book.state.accounts.set(held.id, held);
    book.state.systemAccounts.set(`receivable:${held.id}|NGN`, 'acc_debt');
    book.state.accounts.set('acc_debt', { ...held, id: 'acc_debt', balance: 7 as never });
    expect(when(close()).outcome).toBe('refused: account_owes');
  });
});
