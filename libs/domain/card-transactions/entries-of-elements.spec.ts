/**
 * What each element of a card transaction posts and holds, row by row as the field's issuers have it: `held` is not an
 * account but a part of the holder's, so a move between available and held is a hold, and only what the network clears is
 * an entry. Ada has 150 unless a row says otherwise.
 */
import type { Command } from '../commands.js';
import type { LedgerEvent } from '../ledger.js';
import { account, given, named, told, transfer, type Step } from '../spec-support.js';
import { entriesOf, fee } from '../transactions/spec-commands.js';
import { adjust, authorize, capture, clear, expire, holder, increment, refund, reverse } from './spec-messages.js';

const held = [...holder, named('buy', authorize())];
const poor = [...held, account('bob'), transfer('ada', 'bob', 50)];
const NET = 'network_payable|NGN';

/** Changes of what is held, then entries: `account direction amount`. */
type Line = readonly [element: string, history: readonly Step[], message: Command, moves: readonly string[]];

const LINES: readonly Line[] = [
  ['authorization A', holder, authorize(), ['hold 100']],
  ['partial approval', holder, authorize({ amount: 400, partial_approval: true }), ['hold 150']],
  ['incremental +d', held, increment(20), ['hold 20']],
  ['incremental +d, short', held, increment(51), []],
  ['advice to A′ above H', held, adjust(130), ['hold 30']],
  ['advice to A′ below H', held, adjust(80), ['hold -20']],
  ['reversal r, partial', held, reverse(30), ['hold -30']],
  ['reversal r above H', held, reverse(130), ['hold -100']],
  ['expiry', held, expire(), ['hold -100']],
  [
    'partial capture C < H, more to come',
    held,
    capture(60, { final: false }),
    ['hold -60', 'ada debit 60', `${NET} credit 60`],
  ],
  ['final capture C < H', held, capture(60), ['hold -100', 'ada debit 60', `${NET} credit 60`]],
  ['capture C = H', held, capture(100), ['hold -100', 'ada debit 100', `${NET} credit 100`]],
  ['over-capture C > H', held, capture(130), ['hold -100', 'ada debit 130', `${NET} credit 130`]],
  [
    'over-capture C > H, short',
    poor,
    capture(130),
    ['hold -100', 'ada debit 100', 'receivable debit 30', `${NET} credit 130`],
  ],
  ['capture after expiry', [...held, expire()], capture(100), ['ada debit 100', `${NET} credit 100`]],
  [
    'capture after reversal, short',
    [...poor, reverse()],
    capture(130),
    ['ada debit 100', 'receivable debit 30', `${NET} credit 130`],
  ],
  ['force post', holder, clear({ amount: 60 }), ['ada debit 60', `${NET} credit 60`]],
  ['force post, short', holder, clear({ amount: 160 }), ['ada debit 150', 'receivable debit 10', `${NET} credit 160`]],
  [
    'force post, all of it short',
    [...holder, account('bob'), transfer('ada', 'bob', 150)],
    clear({ amount: 10 }),
    ['receivable debit 10', `${NET} credit 10`],
  ],
  ['posted credit', holder, clear({ direction: 'credit' }), [`${NET} debit 100`, 'ada credit 100']],
  ['refund R', [...held, capture(100)], refund(40), [`${NET} debit 40`, 'ada credit 40']],
  [
    'refund R, receivable first',
    [...poor, capture(130)],
    refund(40),
    [`${NET} debit 40`, 'ada credit 40', 'ada debit 30', 'receivable credit 30'],
  ],
  [
    'fee f beside a clearing',
    [...held, fee({ channel: 'pos_card_present', percentage_rate: '0', flat_amount: 7 })],
    capture(100),
    ['hold -100', 'ada debit 100', `${NET} credit 100`, 'ada debit 7', 'fees:platform|NGN credit 7'],
  ],
];

describe('what each element posts', () => {
  it.each(LINES)('%s', (_element, history, message, moves) => {
    const { book, when } = given(...history);
    const { data } = when(message).events.at(-1) as LedgerEvent;
    const holds = 'holds' in data ? data.holds.map(({ amount }) => `hold ${amount}`) : [];
    const entries = 'entries' in data ? told(book, data.entries) : [];
    const lines = entries.map((line) => line.replace(/receivable:\S+/, 'receivable').replace(/ -?\d+$/, ''));
    expect([...holds, ...lines]).toEqual(moves);
  });

  it('a refund that is taken back: account → network', () => {
    const { book, when } = given(...held, capture(100), refund(40));
    const last = book.events.at(-1);
    const done = when({ type: 'ReverseTransaction', data: { transaction_id: `ltx_${last?.id}` } });
    expect(entriesOf(done, book)).toEqual([`${NET} credit 40 100`, 'ada debit 40 50']);
  });
});
