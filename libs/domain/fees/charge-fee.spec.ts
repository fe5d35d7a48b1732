/** Every way in which a fee is charged, in one table: what falls under which rule, who pays, who gets it, what comes back. */
import type { Command } from '../commands.js';
import { account, card, DAY, deposit, elapse, given, named, tenant, transfer, type Step } from '../spec-support.js';
import { block, entriesOf, fee, outcome, post } from '../transactions/spec-commands.js';
import { FEE_CHANNELS, type FeeChannel } from './fees.js';
import type { FeeTerms } from './replace-fee-rules.js';

const two: readonly Step[] = [
  tenant(),
  account('ada'),
  account('bob'),
  account('shop', 'merchant'),
  account('eve', 'customer', 'USD'),
  account('till', 'float'),
  deposit('ada', 10_000),
];
const merchant = { name: 'Shop', category_code: '5411' };
const withdrawal = post({ type: 'withdrawal', destination: undefined, channel: 'funds_transfer' });
const exchange = post({
  type: 'exchange',
  destination: '@eve',
  rate: '2',
  destination_amount: 200,
  channel: 'funds_transfer',
});
const paid = (amount: number, more: object = {}): Command => post({ amount, channel: 'funds_transfer', ...more });
const got = post({ type: 'deposit', source: undefined, channel: 'funds_transfer' });
const tapped = (amount: number): Command => ({
  type: 'PostCardTransaction',
  data: { card_id: '@visa', amount, currency: 'NGN', merchant, network_reference: 'n1', direction: 'debit' },
});

/** The fee's legs: what is on `fees:…`, and what paid it. */
const feeLegs = (history: readonly Step[], command: Command): string => {
  const { book, when } = given(...history);
  const legs = entriesOf(when(command), book).map((leg) => leg.split(' ').slice(0, 3).join(' '));
  const income = legs.findIndex((leg) => leg.startsWith('fees:'));
  return income < 0 ? 'none' : legs.slice(income - 1, income + 1).join(', ');
};

const pays = (who_pays: FeeTerms['who_pays'], who_gets_paid: FeeTerms['who_gets_paid'] = 'platform'): Command =>
  fee({ percentage_rate: '0', who_pays, who_gets_paid });
const percent = (percentage_rate: string, more: Partial<FeeTerms> = {}): Command =>
  fee({ flat_amount: 0, percentage_rate, ...more });

const CHARGED: readonly (readonly [telling: string, schedule: Command, command: Command, legs: string])[] = [
  ['flat and a share together', fee(), paid(100), 'ada debit 12, fees:platform|NGN credit 12'],
  ['half a unit goes to the even one below', percent('0.005'), paid(100), 'none'],
  ['and to the even one above', percent('0.015'), paid(100), 'ada debit 2, fees:platform|NGN credit 2'],
  [
    'once, not part by part',
    percent('0.005', { flat_amount: 1 }),
    paid(100),
    'ada debit 2, fees:platform|NGN credit 2',
  ],
  ['below its band', fee({ min_amount: 101 }), paid(100), 'none'],
  ['at its lower end', fee({ min_amount: 100 }), paid(100), 'ada debit 12, fees:platform|NGN credit 12'],
  ['at its upper end', fee({ max_amount: 100 }), paid(100), 'ada debit 12, fees:platform|NGN credit 12'],
  ['above its band', fee({ max_amount: 99 }), paid(100), 'none'],
  ['its floor', fee({ fee_floor: 50 }), paid(100), 'ada debit 50, fees:platform|NGN credit 50'],
  ['its cap', fee({ fee_cap: 5 }), paid(100), 'ada debit 5, fees:platform|NGN credit 5'],
  [
    'a floor where it comes to nothing',
    percent('0', { fee_floor: 3 }),
    paid(1),
    'ada debit 3, fees:platform|NGN credit 3',
  ],
  ['a cap of nothing', fee({ fee_cap: 0 }), paid(100), 'none'],
  ['another currency', fee({ currency: 'USD' }), paid(100), 'none'],
  ['no channel', fee(), post({}), 'none'],

  ['the sender of a transfer', pays('customer'), paid(100), 'ada debit 10, fees:platform|NGN credit 10'],
  ['the sender of a withdrawal', pays('customer'), withdrawal, 'ada debit 10, fees:platform|NGN credit 10'],
  ['who gets a deposit', pays('customer'), got, 'bob debit 10, fees:platform|NGN credit 10'],
  ['the sender of an exchange', pays('customer'), exchange, 'ada debit 10, fees:platform|NGN credit 10'],
  ['the merchant', pays('merchant'), paid(100, { destination: '@shop' }), 'shop debit 10, fees:platform|NGN credit 10'],
  ['the platform', pays('platform'), paid(100), 'fee_expense|NGN debit 10, fees:platform|NGN credit 10'],
  ['the tenant', pays('tenant'), paid(100), 'fee_expense|NGN debit 10, fees:platform|NGN credit 10'],
  ['the processor', pays('processor'), paid(100), 'fee_expense|NGN debit 10, fees:platform|NGN credit 10'],
  ['to the merchant', pays('customer', 'merchant'), paid(100), 'ada debit 10, fees:merchant|NGN credit 10'],
  ['to the tenant', pays('customer', 'tenant'), paid(100), 'ada debit 10, fees:tenant|NGN credit 10'],
  ['to the processor', pays('customer', 'processor'), paid(100), 'ada debit 10, fees:processor|NGN credit 10'],
  ['to the customer', pays('platform', 'customer'), paid(100), 'fee_expense|NGN debit 10, fees:customer|NGN credit 10'],
];

/** Who can't pay, and what that makes of the transaction; the failure always names the rule that is its reason. */
const FAILED: readonly (readonly [telling: string, history: readonly Step[], command: Command, code: string])[] = [
  ['enough for the amount alone', [fee()], paid(10_000), 'insufficient_funds by rule'],
  ['not even for that', [fee()], paid(10_001), 'insufficient_funds'],
  ['no merchant', [pays('merchant')], paid(100), 'fee_payer_missing by rule'],
  [
    'a merchant of another currency',
    [account('kiosk', 'business', 'USD'), pays('merchant')],
    post({ type: 'exchange', destination: '@kiosk', rate: '1', destination_amount: 100, channel: 'funds_transfer' }),
    'fee_payer_missing by rule',
  ],
  [
    'a merchant who is blocked',
    [block('shop', true, false), pays('merchant')],
    paid(100, { destination: '@shop' }),
    'account_frozen by rule',
  ],
  [
    'a merchant whom it leaves with less than nothing',
    [pays('merchant')],
    paid(9, { destination: '@shop' }),
    'insufficient_funds by rule',
  ],
  [
    'a depositor whom it leaves with less than nothing',
    [pays('customer')],
    post({ type: 'deposit', source: undefined, amount: 9, channel: 'funds_transfer' }),
    'insufficient_funds by rule',
  ],
];

describe('a fee', () => {
  it.each(CHARGED)('is charged: %s', (_telling, schedule, command, legs) => {
    expect(feeLegs([...two, schedule], command)).toBe(legs);
  });

  it.each(FAILED)('stops the transaction: %s', (_telling, history, command, code) => {
    expect(outcome(given(...two, ...history).when(command))).toBe(`TransactionFailed: ${code}`);
  });

  it('is nothing that the tenant’s own asset pays as if it were a customer: a debit would give it more', () => {
    const { book, when } = given(...two, deposit('bob', 100), pays('customer'));
    const toTill = paid(50, { source: '@bob', destination: '@till' });
    expect(outcome(when(toTill))).toContain('TransactionPosted');
    expect(outcome(when(paid(10, { source: '@till' })))).toBe('TransactionFailed: fee_payer_missing by rule');
    expect(book.state.accounts.get(book.id('till'))?.terms.normalSide).toBe('debit');
  });

  it.each(FEE_CHANNELS.map((channel) => [channel]))('is charged on %s, by its own rule alone', (channel) => {
    const ruled = fee({ channel, percentage_rate: '0' });
    expect(feeLegs([...two, ruled], post({ channel }))).toBe('ada debit 10, fees:platform|NGN credit 10');
    const other = FEE_CHANNELS.find((one) => one !== channel) as FeeChannel;
    expect(feeLegs([...two, ruled], post({ channel: other }))).toBe('none');
  });

  it.each([
    ['nfc', 'pos_nfc_card'],
    ['virtual', 'pos_card_present'],
  ] as const)(
    'is charged on what a card of type %s does, by %s, what is lacking to the holder’s debt',
    (type, channel) => {
      const { book, when } = given(...two, ...card('visa', 'ada', { type }), fee({ channel, percentage_rate: '0' }));
      expect(entriesOf(when(tapped(9_995)), book).slice(-3)).toEqual([
        'ada debit 5 0',
        `receivable:${book.id('ada')}|NGN debit 5 5`,
        'fees:platform|NGN credit 10 10',
      ]);
    },
  );

  it('is that of the rule that came into force last, from the instant on that it names', () => {
    const at = (day: string, flat_amount: number): FeeTerms => ({
      channel: 'funds_transfer',
      currency: 'NGN',
      flat_amount,
      percentage_rate: '0',
      who_pays: 'customer',
      who_gets_paid: 'platform',
      effective_from: `${day}T00:00:00Z`,
    });
    const rules = [at('2026-01-01', 1), at('2026-01-07', 2), at('2026-01-09', 3)];
    const { book, when } = given(...two, { type: 'ReplaceFeeRules', data: { rules } });
    const charged = (): unknown => {
      const event = when(paid(100)).events.at(-1);
      return event?.type === 'TransactionPosted' ? event.data.transaction.fees.map(({ amount }) => amount) : null;
    };
    expect(charged()).toEqual([1]);
    book.step(elapse(DAY));
    expect(charged()).toEqual([1]);
    book.step(elapse(DAY));
    expect(charged()).toEqual([2]);
    book.step(elapse(5 * DAY));
    expect(charged()).toEqual([3]);
  });

  it('is judged by when it is recorded, not by when it takes effect', () => {
    const history = [...two, elapse(DAY), fee({ effective_from: '2026-01-06T00:00:00Z' })];
    const back = paid(100, { effective_at: '2026-01-05T10:00:00Z' });
    expect(feeLegs(history, back)).toBe('ada debit 12, fees:platform|NGN credit 12');
  });

  it('comes back pro rata, to who paid it, and all of it with the last part', () => {
    const { book, when } = given(
      ...two,
      pays('merchant', 'tenant'),
      named('rent', paid(100, { destination: '@shop' })),
      transfer('ada', 'shop', 50),
    );
    const back = (amount: number): string[] =>
      entriesOf(when({ type: 'ReverseTransaction', data: { transaction_id: '@rent', amount } }), book).slice(2);
    expect(back(33)).toEqual(['shop credit 3 110', 'fees:tenant|NGN debit 3 7']);
    expect(back(33)).toEqual(['shop credit 4 81', 'fees:tenant|NGN debit 4 3']);
    expect(back(34)).toEqual(['shop credit 3 50', 'fees:tenant|NGN debit 3 0']);
  });

  it('is kept with the rule that made it when the schedule is replaced', () => {
    const { book, when } = given(...two, fee(), named('rent', paid(100)));
    const before = book.state.feeSchedule.value.rules[0]?.rule_id;
    when(fee({ flat_amount: 99 }));
    const event = when({ type: 'ReverseTransaction', data: { transaction_id: '@rent' } }).events.at(-1);
    expect(event?.data).toMatchObject({ transaction: { fees: [{ rule_id: before, amount: 12 }] } });
  });

  it('has an income account of its own for each payee and currency', () => {
    const { book, when } = given(...two, deposit('eve', 500, 'USD'), account('sam', 'customer', 'USD'), fee());
    when(paid(100));
    when(fee({ who_gets_paid: 'tenant' }));
    when(paid(100));
    when(fee({ currency: 'USD' }));
    when(paid(100, { currency: 'USD', source: '@eve', destination: '@sam' }));
    const income = [...book.state.systemAccounts.entries()].filter(([code]) => code.startsWith('fees:'));
    expect(income.map(([code]) => code)).toEqual(['fees:platform|NGN', 'fees:tenant|NGN', 'fees:platform|USD']);
    expect(new Set(income.map(([, id]) => id)).size).toBe(3);
  });
});
