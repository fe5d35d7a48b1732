import type { Command } from '../commands.js';
import { LedgerInconsistent } from '../entries.js';
import { evolveFact, type LedgerEvent, type LedgerFact } from '../ledger.js';
import {
  account,
  card,
  DAY,
  deposit,
  elapse,
  given,
  named,
  tenant,
  told,
  type Book,
  type Given,
  type Row,
  type Step,
} from '../spec-support.js';
import { formatInstant } from '../time.js';
import type { SettlementFacts, SettlementLine } from './settlements.js';

const merchant = { name: 'Shop', category_code: '5411' };
const post = (amount: number, network_reference: string, more: object = {}): Command => ({
  type: 'PostCardTransaction',
  data: { card_id: '@visa', amount, currency: 'NGN', merchant, network_reference, direction: 'debit', ...more },
});
const credit = (amount: number, reference: string): Command => post(amount, reference, { direction: 'credit' });
const refund = (amount: number, network_reference: string): Command => ({
  type: 'RefundToCard',
  data: { card_id: '@visa', amount, network_reference },
});
const item = (type: string, amount: number, more: object = {}): Command =>
  ({ type: 'RecordNetworkItem', data: { type, amount, currency: 'NGN', ...more } }) as Command;
const complete = (amount: number, more: object = {}): Command => ({
  type: 'CompleteSettlement',
  data: { settlement_id: '@day', amount, ...more },
});
const fail: Command = { type: 'FailSettlement', data: { settlement_id: '@day', reason: 'no funds' } };

const holder: readonly Step[] = [tenant(), account('ada'), deposit('ada', 10_000), ...card('visa', 'ada')];

/** The settlement that the latest event opened, closed or changed. */
const settlementOf = (book: Book, index = -1): SettlementFacts =>
  book.events.flatMap(({ data }) => ('settlement' in data ? [data.settlement] : [])).at(index) as SettlementFacts;

const lineOf = (event: LedgerEvent | undefined): SettlementLine | undefined =>
  event && 'settlement_line' in event.data ? event.data.settlement_line : undefined;

const lines = (book: Book): string[] =>
  book.events.flatMap((event) => {
    const line = lineOf(event);
    return line === undefined ? [] : [`${line.type} ${line.amount}${line.late_for ? ` late ${line.late_for}` : ''}`];
  });

/** A day of this traffic, over; the settlement is `@day`. */
const dayOf = (...traffic: readonly Command[]): Given => {
  const it = given(...holder, ...traffic);
  it.book.at += DAY;
  it.book.expireDue();
  it.book.ids.set('day', settlementOf(it.book, 0).settlement_id);
  return it;
};

const ROWS: readonly Row[] = [
  ['nothing', [...holder], item('network_fee', 0), 'refused: amount_not_positive (amount)'],
  ['a half', [...holder], item('network_fee', 0.5), 'refused: invalid_parameter (amount)'],
  ['no currency', [...holder], item('network_fee', 1, { currency: 'XXX' }), 'refused: invalid_currency (currency)'],
  ['an adjustment of no side', [...holder], item('settlement_adjustment', 1), 'refused: missing_field (direction)'],
  ['no time', [...holder], item('interchange', 1, { posted_at: 'then' }), 'refused: invalid_parameter (posted_at)'],
  [
    'the first line',
    [...holder],
    item('interchange', 1),
    'SystemAccountOpened SystemAccountOpened SettlementOpened TransactionPosted',
  ],
  [
    'a later line',
    [...holder, item('interchange', 1, { reference: 'i1' })],
    item('interchange', 1, { reference: 'i2' }),
    'TransactionPosted',
  ],
  [
    'the same reference',
    [...holder, item('interchange', 1, { reference: 'i1' })],
    item('interchange', 2, { reference: 'i1' }),
    'refused: duplicate_reference (reference)',
  ],
  [
    'a correction of nothing',
    [...holder],
    item('network_fee', 1, { corrects: 'set_01KE6P55ER0000000090000000' }),
    'refused: invalid_parameter (corrects)',
  ],
];

describe('RecordNetworkItem', () => {
  it.each(ROWS)('%s', (_telling, history, command, outcome) => {
    expect(given(...history).when(command).outcome).toBe(outcome);
  });

  it('posts each against its own account', () => {
    const { book, when } = given(...holder);
    const posted = [
      item('network_fee', 30),
      item('interchange', 50),
      item('settlement_adjustment', 5, { direction: 'credit' }),
      item('settlement_adjustment', 7, { direction: 'debit' }),
    ].map((command) => {
      const { data } = when(command).events.at(-1)!;
      return 'entries' in data ? told(book, data.entries) : [];
    });
    expect(posted).toEqual([
      ['fee_expense|NGN debit 30 30', 'network_payable|NGN credit 30 30'],
      ['network_payable|NGN debit 50 -20', 'interchange|NGN credit 50 50'],
      ['suspense|NGN debit 5 -5', 'network_payable|NGN credit 5 -15'],
      ['network_payable|NGN debit 7 -22', 'suspense|NGN credit 7 2'],
    ]);
  });
});

describe('a business day', () => {
  it('adds up what moves what is owed to the network, each by its line', () => {
    const traffic = [
      post(1_000, 'c1'),
      post(500, 'c2'),
      refund(200, 'r1'),
      credit(40, 'c3'),
      item('network_fee', 30),
      item('interchange', 50),
      item('settlement_adjustment', 5, { direction: 'credit' }),
    ];
    const { book } = dayOf(...traffic);
    expect(lines(book)).toEqual([
      'card_transaction 1000',
      'card_transaction 500',
      'refund -200',
      'refund -40',
      'fee 30',
      'fee -50',
      'adjustment 5',
    ]);
    expect(settlementOf(book)).toMatchObject({
      status: 'netting',
      business_date: '2026-01-05',
      cut_off_at: '2026-01-06T00:00:00.000Z',
      gross: 1_500,
      refunds: 240,
      fees: -20,
      adjustments: 5,
      net: 1_245,
      line_count: 7,
      late_count: 0,
    });
    const { data } = book.events.at(-1)!;
    expect('entries' in data ? told(book, data.entries) : []).toEqual([
      'network_payable|NGN debit 1245 0',
      'settlement_clearing|NGN credit 1245 -1245',
    ]);
    // Effective when the day ended, whenever that was noticed.
    expect(data).toMatchObject({ transaction: { effective_at: '2026-01-06T00:00:00.000Z' } });
  });

  it('has no settlement where there was no business, and one for each currency where there was', () => {
    const it = given(
      ...holder,
      account('eve', 'customer', 'EUR'),
      deposit('eve', 99, 'EUR'),
      ...card('euro', 'eve'),
      elapse(3 * DAY),
      post(1, 'c1'),
      post(2, 'c2', { card_id: '@euro', currency: 'EUR' }),
      elapse(DAY),
      deposit('ada', 1),
    );
    const days = it.book.events.flatMap(({ type, data }) =>
      type === 'SettlementNetted' ? [`${data.settlement.business_date} ${data.settlement.currency}`] : [],
    );
    expect(days).toEqual(['2026-01-08 NGN', '2026-01-08 EUR']);
    expect(it.book.state.settlements.size).toBe(0);
  });

  it('takes what is late into the open day and says of which it is', () => {
    const { book, when } = given(...holder, post(1, 'c1'), elapse(2 * DAY));
    when(post(10, 'c2', { posted_at: formatInstant(book.at - 2 * DAY) }));
    expect(lines(book)).toEqual(['card_transaction 1', 'card_transaction 10 late 2026-01-05']);
    expect(book.state.settlements.get('NGN')).toMatchObject({ business_date: '2026-01-07', late_count: 1, gross: 10 });
  });

  it('names itself in the card transactions that it settles', () => {
    const { book, when } = given(...holder);
    const { data } = when(post(1, 'c1')).events.at(-1)!;
    expect(data).toMatchObject({
      card_transaction: { settlement_id: settlementOf(book).settlement_id },
      settlement_line: { settlement_id: settlementOf(book).settlement_id },
    });
  });

  it('is corrected by a reversal on the day of the reversal', () => {
    const { book, when } = given(...holder, named('back', refund(200, 'r1')), elapse(DAY), deposit('ada', 1));
    const refunded = book.events.find(({ type }) => type === 'CardTransactionRefunded')!;
    const transaction_id = 'transaction' in refunded.data ? refunded.data.transaction.transaction_id : '';
    when({ type: 'ReverseTransaction', data: { transaction_id, amount: 50 } });
    expect(lines(book)).toEqual(['refund -200', 'adjustment 50']);
    expect(book.state.settlements.get('NGN')).toMatchObject({ business_date: '2026-01-06', net: 50 });
  });

  it('that came to nothing moves nothing', () => {
    const { book, when } = dayOf(post(5, 'c1'), refund(5, 'r1'));
    expect(settlementOf(book)).toMatchObject({ net: 0, line_count: 2, status: 'netting' });
    expect(book.events.at(-1)?.data).not.toHaveProperty('entries');
    expect(when(complete(0)).outcome).toBe('SettlementCompleted');
    expect(settlementOf(book)).toMatchObject({ status: 'completed', paid_amount: 0, difference: 0 });
  });

  it('is netted before whatever is decided after it', () => {
    const { book, when } = given(...holder, post(1, 'c1'));
    book.at += DAY;
    when(post(2, 'c2'));
    expect(book.events.slice(-4).map(({ type }) => type)).toEqual([
      'SystemAccountOpened',
      'SettlementNetted',
      'SettlementOpened',
      'CardTransactionPosted',
    ]);
  });
});

const PAYMENTS: readonly (readonly [telling: string, traffic: readonly Command[], paid: number, entries: string[]])[] =
  [
    ['all of it', [post(100, 'c1')], 100, ['settlement_clearing|NGN debit 100 0', 'float|NGN credit 100 9900']],
    [
      'less',
      [post(100, 'c1')],
      90,
      ['settlement_clearing|NGN debit 100 0', 'float|NGN credit 90 9910', 'suspense|NGN credit 10 10'],
    ],
    [
      'more',
      [post(100, 'c1')],
      115,
      ['settlement_clearing|NGN debit 100 0', 'float|NGN credit 115 9885', 'suspense|NGN debit 15 -15'],
    ],
    [
      'more than there is',
      [post(9_000, 'c1'), post(5_000, 'c2')],
      14_000,
      ['settlement_clearing|NGN debit 14000 0', 'float|NGN credit 14000 -4000'],
    ],
    [
      'from the network, all of it',
      [refund(70, 'r1')],
      70,
      ['settlement_clearing|NGN credit 70 0', 'float|NGN debit 70 10070'],
    ],
    [
      'from the network, less',
      [refund(70, 'r1')],
      60,
      ['settlement_clearing|NGN credit 70 0', 'float|NGN debit 60 10060', 'suspense|NGN debit 10 -10'],
    ],
    [
      'for a day that came to nothing',
      [refund(5, 'r1'), post(5, 'c1')],
      3,
      ['float|NGN credit 3 9997', 'suspense|NGN debit 3 -3'],
    ],
  ];

describe('CompleteSettlement', () => {
  it.each(PAYMENTS)('%s', (_telling, traffic, paid, entries) => {
    const { book, when } = dayOf(...traffic);
    const { data } = when(complete(paid, { reference: 'BANK-1' })).events.at(-1)!;
    expect('entries' in data ? told(book, data.entries) : []).toEqual(entries);
    const { net, ...facts } = settlementOf(book);
    expect(facts).toMatchObject({
      status: 'completed',
      paid_amount: paid,
      difference: paid - Math.abs(net),
      payment_reference: 'BANK-1',
    });
  });

  it('goes to the settlement account of the tenant, while that is open and of the currency', () => {
    const pay = (...steps: readonly Command[]): string[] => {
      const it = given(
        ...holder,
        account('bank', 'general'),
        account('dollars', 'general', 'USD'),
        ...steps,
        post(5, 'c1'),
      );
      it.book.at += DAY;
      it.book.expireDue();
      it.book.ids.set('day', settlementOf(it.book).settlement_id);
      const { data } = it.when(complete(5)).events.at(-1)!;
      return 'entries' in data ? told(it.book, data.entries) : [];
    };
    const to = (settlement_account_id: string): Command => ({
      type: 'ChangeFinanceSettings',
      data: { settlement_account_id },
    });
    expect(pay(to('@bank'))[1]).toBe('bank credit 5 5');
    expect(pay(to('@dollars'))[1]).toBe('float|NGN credit 5 9995');
  });

  it.each([
    [
      'an unknown one',
      complete(1, { settlement_id: 'set_01KE6P55ER0000000090000000' }),
      'refused: settlement_not_found',
    ],
    ['nothing where something is owed', complete(0), 'refused: amount_not_positive (amount)'],
    ['less than nothing', complete(-1), 'refused: amount_not_positive (amount)'],
    ['a half', complete(0.5), 'refused: invalid_parameter (amount)'],
    ['what no number says', complete(2 ** 53), 'refused: amount_out_of_range (amount)'],
  ])('%s', (_telling, command, outcome) => {
    expect(dayOf(post(1, 'c1')).when(command).outcome).toBe(outcome);
  });

  it('is refused before the cut-off and once it is completed', () => {
    const early = given(...holder, post(1, 'c1'));
    early.book.ids.set('day', settlementOf(early.book).settlement_id);
    expect(early.when(complete(1)).outcome).toBe('refused: invalid_state');
    expect(early.when(fail).outcome).toBe('refused: invalid_state');
    const late = dayOf(post(1, 'c1'));
    expect(late.when(complete(1)).outcome).toBe('SettlementCompleted');
    expect(late.when(complete(1)).outcome).toBe('refused: invalid_state');
    expect(late.when(fail).outcome).toBe('refused: invalid_state');
  });

  it('can be tried again after it failed, as often as it takes', () => {
    const { book, when } = dayOf(post(1, 'c1'));
    expect([when(fail), when(fail)].map(({ outcome }) => outcome)).toEqual(['SettlementFailed', 'SettlementFailed']);
    expect(settlementOf(book)).toMatchObject({ status: 'failed', failures: 2 });
    expect(when(complete(1)).outcome).toBe('SettlementCompleted');
    expect(settlementOf(book)).toMatchObject({ status: 'completed', failures: 2 });
  });

  it('is put right by a line of a later day that names it', () => {
    const { book, when } = dayOf(post(100, 'c1'));
    when(complete(90));
    when(item('settlement_adjustment', 10, { direction: 'credit', corrects: '@day' }));
    expect(lineOf(book.events.at(-1))).toMatchObject({ type: 'adjustment', amount: 10, corrects: book.id('day') });
    expect(settlementOf(book)).not.toMatchObject({ settlement_id: book.id('day') });
  });
});

describe('EndBusinessDay', () => {
  const end: Command = { type: 'EndBusinessDay', data: {} };

  it('nets what is open and lets the next day begin, though the clock stands', () => {
    const { book, when } = given(...holder, post(1, 'c1'));
    expect(when(end).outcome).toBe('SystemAccountOpened SettlementNetted BusinessCalendarChanged');
    expect(book.state.nettedThrough.value).toBe('2026-01-05');
    expect(book.state.businessCalendar.value).toMatchObject({ first_date: '2026-01-06' });
    expect(when(end).outcome).toBe('BusinessCalendarChanged');
  });

  it('brings forward a change of calendar that waits for the end of the day, rather than losing it', () => {
    const { book, when } = given(...holder);
    when({ type: 'ChangeFinanceSettings', data: { cut_off_hour: 17 } });
    when(end);
    expect(book.state.businessCalendar.value).toMatchObject({
      before: { cut_off_hour: 0 },
      cut_off_hour: 17,
      from: formatInstant(book.at),
    });
  });

  it('is refused where no account can take what the day came to', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const owed = item('settlement_adjustment', most, { direction: 'credit' });
    const { when } = given(...holder, owed, end);
    when(item('network_fee', 1));
    expect(when(end).outcome).toBe('refused: amount_out_of_range');
  });
});

describe('the fold', () => {
  const refused = (change: (line: SettlementLine) => SettlementLine): (() => void) => {
    const { book, when } = given(...holder, post(1, 'c0'));
    const decision = book.decide(post(5, 'c1'));
    if (decision.kind !== 'accepted') throw new Error(when.name);
    const fact = decision.events.at(-1) as unknown as LedgerFact & { data: { settlement_line: SettlementLine } };
    const forged = { ...fact, data: { ...fact.data, settlement_line: change(fact.data.settlement_line) } };
    return () => evolveFact(book.state, forged as LedgerFact);
  };

  it('takes no line that its entries did not move, nor one of another settlement', () => {
    expect(refused((line) => ({ ...line, amount: 6 }))).toThrow(LedgerInconsistent);
    expect(refused((line) => ({ ...line, settlement_id: 'set_01KE6P55ER0000000090000000' }))).toThrow(
      LedgerInconsistent,
    );
    expect(refused((line) => line)).not.toThrow();
  });

  it('takes no netting of another sum than the lines came to, and no second settlement beside an open one', () => {
    const { book } = given(...holder, post(1, 'c0'));
    const open = settlementOf(book);
    const netted = {
      settlement: { ...open, net: 2 },
      previous: {},
      local_date: '2026-01-05',
      business_date: '2026-01-05',
    };
    expect(() => evolveFact(book.state, { type: 'SettlementNetted', data: netted })).toThrow(LedgerInconsistent);
    expect(() => evolveFact(book.state, { type: 'SettlementOpened', data: { settlement: open } })).toThrow(
      LedgerInconsistent,
    );
  });
});

it('a day that could not be netted is tried again once another was paid', () => {
  const fee: Command = { type: 'RecordNetworkItem', data: { type: 'network_fee', amount: 3, currency: 'NGN' } };
  const { book, when } = given(tenant(), account('main', 'float'), fee, elapse(DAY), fee, elapse(DAY));
  const netted = (): readonly string[] =>
    book.events.flatMap((event) => (event.type === 'SettlementNetted' ? [event.data.settlement.settlement_id] : []));
  const [first] = netted();
  const [second] = [...book.state.settlements.values()];
  // As where `settlement_clearing` had no room for it.
  book.state.dueTimes.delete(second!.settlement_id);
  when({ type: 'CompleteSettlement', data: { settlement_id: first!, amount: 3 } });
  expect(netted()).toEqual([first]);
  when(fee);
  expect(netted()).toEqual([first, second!.settlement_id]);
});
