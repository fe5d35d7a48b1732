import type { Command } from '../commands.js';
import { account, given, named, tenant, type Row, type Step } from '../spec-support.js';
import type { CardAction } from './change-card-status.js';

const act = (action: CardAction, card_id = '@visa'): Command => ({
  type: 'ChangeCardStatus',
  data: { card_id, action },
});
const closing: Command = {
  type: 'CloseAccount',
  data: { account_id: '@ada', reason: 'left', source: 'customer', confirmation: 'CLOSE_ACCOUNT' },
};
const UNKNOWN = 'card_01JGFJJZ00ZZZZZZZZZZZZZZZZ';
const inactive: Step[] = [
  tenant(),
  account('ada'),
  named('visa', { type: 'IssueCard', data: { account_id: '@ada', type: 'virtual' } }),
];
const active = [...inactive, act('activate')];
const suspended = [...active, act('suspend')];
const terminated = [...inactive, act('terminate')];
const CHANGED = 'CardStatusChanged';
const NO = 'refused: invalid_state';

const ROWS: readonly Row[] = [
  ['an unknown card', [tenant()], act('activate', UNKNOWN), 'refused: card_not_found'],
  ['inactive: activate', inactive, act('activate'), CHANGED],
  ['inactive: suspend', inactive, act('suspend'), NO],
  ['inactive: resume', inactive, act('resume'), NO],
  ['inactive: terminate', inactive, act('terminate'), CHANGED],
  ['active: activate', active, act('activate'), 'unchanged'],
  ['active: suspend', active, act('suspend'), CHANGED],
  ['active: resume', active, act('resume'), 'unchanged'],
  ['active: terminate', active, act('terminate'), CHANGED],
  ['suspended: activate', suspended, act('activate'), NO],
  ['suspended: suspend', suspended, act('suspend'), 'unchanged'],
  ['suspended: resume', suspended, act('resume'), CHANGED],
  ['suspended: terminate', suspended, act('terminate'), CHANGED],
  ['terminated: activate', terminated, act('activate'), NO],
  ['terminated: suspend', terminated, act('suspend'), NO],
  ['terminated: resume', terminated, act('resume'), NO],
  ['terminated: terminate', terminated, act('terminate'), 'unchanged'],
  ['on a closed account: activate', [...inactive, closing], act('activate'), 'refused: account_is_closed'],
  ['on a closed account: terminate', [...inactive, closing], act('terminate'), CHANGED],
];

describe('ChangeCardStatus', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('says from where', () => {
    const [event] = given(...active).when(act('suspend')).events;
    expect(event?.data).toMatchObject({
      card: { status: 'suspended' },
      action: 'suspend',
      previous: { status: 'active' },
    });
  });
});
