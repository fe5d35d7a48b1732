/** What is found again, and by which keys: exactly, because one key too many would find the wrong event. */
import {
  adjust,
  authorize,
  capture,
  clear,
  expire,
  holder,
  refund,
  reverse,
} from './card-transactions/spec-messages.js';
import { coldKeys } from './cold-keys.js';
import type { Command } from './commands.js';
import { reserve } from './reservations/spec-reservations.js';
import { account, DAY, elapse, given, named, replaceLimits, transfer, type Step } from './spec-support.js';

const bought: readonly Step[] = [...holder, named('buy', authorize())];

/** The keys of a command's last event, with `<name>` for ids that have names and `<new>` for the event's own. */
const keysAfter = (history: readonly Step[], command: Command): string => {
  const { book, when } = given(...history);
  const event = when(command).events.at(-1)!;
  const names = [...book.ids].map(([name, id]) => [id.split('_')[1] as string, name] as const);
  return names
    .reduce((text, [ulid, name]) => text.replaceAll(ulid, `<${name}>`), coldKeys(event).join(' '))
    .replaceAll(event.id, '<new>');
};

const paid: Command = {
  type: 'PostTransaction',
  data: { ...(transfer('ada', 'bob', 5).data as object), reference: 'R1' } as never,
};
const two: readonly Step[] = [...holder, account('bob')];

it.each<[string, readonly Step[], Command, string]>([
  ['a purchase', holder, authorize(), 'txn:txn_<new> net:authorization:a1'],
  ['an advice', bought, adjust(50), 'txn:txn_<buy> net:advice:v1'],
  [
    'an advice without a reference',
    bought,
    { type: 'AdjustCardTransaction', data: { card_transaction_id: '@buy', amount: 50 } },
    'txn:txn_<buy>',
  ],
  ['a reversal', bought, reverse(5), 'txn:txn_<buy> net:reversal:b1'],
  ['an expiry, which no message made', bought, expire(), 'txn:txn_<buy>'],
  ['a capture', bought, capture(50), 'txn:txn_<buy> ltx:ltx_<new> net:clearing:c1'],
  ['a post', holder, clear(), 'txn:txn_<new> ltx:ltx_<new> net:clearing:c1'],
  ['a refund', bought, refund(5), 'txn:txn_<buy> ltx:ltx_<new> net:refund:r1'],
  ['a transfer', two, transfer('ada', 'bob', 5), 'ltx:ltx_<new>'],
  ['a transfer with a reference', two, paid, 'ltx:ltx_<new> ref:R1'],
  [
    'a reversal of a transfer',
    [...two, named('sent', paid)],
    { type: 'ReverseTransaction', data: { transaction_id: '@sent' } },
    'ltx:ltx_<new> ltx:ltx_<sent>',
  ],
  ['a reservation', holder, reserve({ account_id: '@ada', amount: 5 }), 'rsv:rsv_<new>'],
  [
    'a reservation with a reference',
    holder,
    reserve({ account_id: '@ada', amount: 5, reference: 'R2' }),
    'rsv:rsv_<new> ref:R2',
  ],
  ['limits', holder, replaceLimits(), 'limits'],
  ['fees', holder, { type: 'ReplaceFeeRules', data: { rules: [] } }, 'fees'],
  ['a closed period', holder, { type: 'ClosePeriod', data: { through: '2026-01-01T00:00:00Z' } }, 'periods'],
  [
    'a closed month',
    holder,
    {
      type: 'CloseMonth',
      data: { month: '2025-12', timezone: 'UTC', from: '2025-12-01T00:00:00Z', through: '2025-12-31T23:59:59.999Z' },
    },
    'periods month:2025-12',
  ],
  [
    'entitlements',
    holder,
    { type: 'ChangeEntitlements', data: { entitlements: { 'accounts.write': { enabled: false } } } },
    'entitlements',
  ],
])('%s', (_telling, history, command, expected) => {
  expect(keysAfter(history, command)).toBe(expected);
});

it('a refund that is taken back is found by its purchase, too', () => {
  const { book, when } = given(...bought, refund(5));
  const refunded = book.events.at(-1)!.id;
  const [event] = when({ type: 'ReverseTransaction', data: { transaction_id: `ltx_${refunded}` } }).events;
  expect(coldKeys(event!)).toEqual([`ltx:ltx_${event!.id}`, `ltx:ltx_${refunded}`, `txn:${book.id('buy')}`]);
});

it('a business day that is over is found by itself and by what netted it', () => {
  const { book, when } = given(...holder, clear(), elapse(2 * DAY));
  when(authorize());
  const [opened, netted] = ['SettlementOpened', 'SettlementNetted'].map((type) =>
    book.events.find((event) => event.type === type),
  );
  expect(coldKeys(opened!)).toEqual([`set:set_${opened!.id}`]);
  expect(coldKeys(netted!)).toEqual([`set:set_${opened!.id}`, `ltx:ltx_${netted!.id}`]);
});
