/** What operators set, and what becomes of accounts, customers and the tenant itself. */
import fc from 'fast-check';
import { CHANNELS, choose, clients, DAY, iso, oneOf, rarely, some, wallets, type Intent } from './choice.js';
import { availableOf } from './oracle/books.js';
import type { Command, LimitTerms, Party } from './oracle/terms.js';

const PARTIES: Party[] = ['customer', 'customer', 'customer', 'merchant', 'platform', 'tenant', 'processor'];
const CURRENCIES = ['NGN', 'NGN', 'NGN', 'EUR', 'JPY'];

/** The first of each kind alone, but where a request is to be wrong. */
const distinct = <T>(list: readonly T[], kindOf: (one: T) => string, isWrong: boolean): readonly T[] =>
  list.filter((one, i) => isWrong || list.findIndex((other) => kindOf(other) === kindOf(one)) === i);

const feeTerms = fc.record({
  channel: oneOf(...CHANNELS),
  currency: oneOf('NGN', 'NGN', 'EUR'),
  flat_amount: fc.nat(20),
  percentage_rate: oneOf('0', '0.015', '0.333333', '0.05', '0.125'),
  min_amount: oneOf(undefined, undefined, null, 100),
  max_amount: oneOf(undefined, undefined, null, 99, 1000),
  fee_floor: oneOf(undefined, null, 3),
  fee_cap: oneOf(undefined, null, 15),
  who_pays: oneOf(...PARTIES),
  who_gets_paid: oneOf(...PARTIES),
  from: oneOf(-400 * DAY, -400 * DAY, -DAY, DAY, 3_600_000),
});

const fees: fc.Arbitrary<Intent> = fc
  .record({ rules: fc.array(feeTerms, { maxLength: 8, size: 'max' }), wrong: rarely(8) })
  .map(({ rules, wrong }): Intent => (_books, now) => {
    const fitting = rules.filter(({ min_amount, max_amount }) => (min_amount ?? 0) <= (max_amount ?? Infinity));
    const kindOf = ({ channel: by, currency, from }: (typeof rules)[number]): string => `${by} ${currency} ${from}`;
    return {
      type: 'ReplaceFeeRules',
      data: {
        rules: distinct(fitting, kindOf, wrong).map(({ from, ...rule }) => ({
          ...rule,
          effective_from: iso(now.at + from),
        })),
      },
    };
  });

const limitTerms = fc.record({
  kyc_level: oneOf('tier1', 'tier1', 'tier2', 'tier3'),
  direction: oneOf('inbound', 'outbound'),
  window: oneOf('daily', 'monthly'),
  amount: oneOf(0, 600, 1500, 4000, 9000, 20_000),
  max_balance: oneOf(undefined, undefined, undefined, 2000, 5000),
  currency: oneOf('NGN', 'NGN', 'NGN', 'EUR'),
}) as fc.Arbitrary<LimitTerms & { max_balance: number | undefined }>;

const limits: fc.Arbitrary<Intent> = fc
  .record({ rows: fc.array(limitTerms, { maxLength: 8, size: 'max' }), wrong: rarely(8) })
  .map(({ rows, wrong }): Intent => () => {
    const kindOf = ({ kyc_level, direction, window, currency }: LimitTerms): string =>
      `${kyc_level} ${direction} ${window} ${currency}`;
    return {
      type: 'ReplaceLimits',
      data: {
        limits: distinct(rows, kindOf, wrong).map(({ max_balance, ...row }, _i, all) => {
          // Rows of one tier and currency that state it must agree.
          const stated = all.find(
            (one) => one.max_balance !== undefined && one.kyc_level === row.kyc_level && one.currency === row.currency,
          );
          return max_balance === undefined ? row : { ...row, max_balance: wrong ? max_balance : stated?.max_balance };
        }) as LimitTerms[],
      },
    };
  });

/** A schedule of fees and of limits, for a world that has them from the start. */
export const schedules: fc.Arbitrary<readonly Intent[]> = fc
  .subarray([0, 1])
  .chain((which) => fc.tuple(...which.map((n) => (n === 0 ? fees : limits))));

const sides = oneOf([true, true], [true, false], [false, true], [true, true]);
const source = oneOf('fraud', 'court', 'desk');

/** Each with how often it is wanted. */
export const settings: readonly fc.Arbitrary<Intent>[] = [
  fees,
  fees,
  limits,
  fc.record({ who: some, source, sides }).map(({ who, source: by, sides: [debits, credits] }) => (books) => {
    const account = choose(clients(books), who);
    return (
      (account && {
        type: 'BlockAccount',
        data: { account_id: account.name, reason: 'odd', source: by, block_debits: debits, block_credits: credits },
      }) ??
      null
    );
  }) as fc.Arbitrary<Intent>,
  ...[1, 2, 3].map(() =>
    fc
      .record({ who: some, sides, only: fc.option(source, { nil: undefined }) })
      .map(({ who, sides: [debits, credits], only }): Intent => (books) => {
        const blocked = clients(books).filter(({ blocks }) => blocks.length > 0);
        const account = choose(blocked.length > 0 ? blocked : clients(books), who);
        if (!account) return null;
        return {
          type: 'UnblockAccount',
          data: {
            account_id: account.name,
            reason: 'fine',
            source: 'desk',
            unblock_debits: debits as boolean,
            unblock_credits: credits as boolean,
            ...(only === undefined ? {} : { block_source: only }),
          },
        };
      }),
  ),
  fc
    .record({
      who: some,
      overdraft: fc.option(fc.nat(800), { nil: undefined }),
      tier: fc.option(oneOf('tier1', 'tier2', 'tier3'), { nil: undefined }),
    })
    .map(({ who, overdraft, tier }): Intent => (books) => {
      const account = choose(wallets(books), who);
      return account
        ? ({
            type: 'UpdateAccount',
            data: {
              account_id: account.name,
              ...(overdraft === undefined ? {} : { overdraft_limit: overdraft }),
              ...(tier === undefined ? {} : { kyc_tier: tier }),
            },
          } as Command)
        : null;
    }),
  fc.record({ who: some, tier: oneOf('tier1', 'tier2', 'tier3') }).map(({ who, tier }): Intent => (books) => {
    const customer = choose([...books.customers.keys()], who);
    return customer ? ({ type: 'UpdateCustomer', data: { customer_id: customer, kyc_tier: tier } } as Command) : null;
  }),
  fc
    .record({ who: some, word: oneOf('CLOSE_ACCOUNT', 'CLOSE_ACCOUNT', 'CLOSE_ACCOUNT', 'please') })
    .map(({ who, word }): Intent => (books) => {
      const empty = clients(books).filter((one) => one.wallet !== 'float' && availableOf(books, one) === one.overdraft);
      const account = choose(who % 4 === 0 ? clients(books) : empty, who);
      return account
        ? {
            type: 'CloseAccount',
            data: { account_id: account.name, reason: 'left', source: 'desk', confirmation: word },
          }
        : null;
    }),
  fc
    .record({
      wallet: oneOf('customer', 'customer', 'customer', 'business', 'merchant', 'agent', 'float', 'general'),
      currency: oneOf(...CURRENCIES),
      overdraft: oneOf(0, 0, 0, 250),
      negative: rarely(8),
      parent: fc.option(some, { nil: undefined }),
      customer: fc.option(some, { nil: undefined }),
      tier: oneOf(undefined, undefined, 'tier1', 'tier2', 'tier3'),
      code: oneOf(undefined, undefined, 'c1', 'c2', 'c3', 'c4'),
    })
    .map(({ wallet, currency, overdraft, negative, parent, customer, tier, code }): Intent => (books) => {
      // The newest are below each other, so that some stand deep.
      const all = clients(books);
      const above = parent === undefined ? undefined : (parent % 2 === 0 ? all.at(-1) : choose(all, parent))?.name;
      const whose = customer === undefined ? undefined : choose([...books.customers.keys()], customer);
      return {
        type: 'OpenAccount',
        data: {
          account_name: 'Somebody',
          wallet_type: wallet,
          currency,
          ...(overdraft === 0 ? {} : { overdraft_limit: overdraft }),
          ...(negative ? { allow_negative: true } : {}),
          ...(above === undefined ? {} : { parent_account_id: above }),
          ...(whose === undefined ? {} : { customer_id: whose }),
          ...(tier === undefined ? {} : { kyc_tier: tier }),
          ...(code === undefined ? {} : { account_code: code }),
        },
      } as Command;
    }),
  fc
    .record({
      key: oneOf('transactions.write', 'reservations.write', 'cards.nfc.manage', 'accounts.manage'),
      enabled: oneOf(true, true, false),
      most: oneOf(undefined, undefined, 350, 5000),
    })
    .map(({ key, enabled, most }): Intent => () => ({
      type: 'ChangeEntitlements',
      data: {
        entitlements: {
          [key]: {
            enabled,
            ...(most !== undefined && key === 'transactions.write' ? { config: { max_single_transaction: most } } : {}),
          },
        },
      },
    })),
  fc
    .record({ back: oneOf(-1, 0, 1, DAY, 30 * DAY) })
    .map(({ back }): Intent => (_books, now) => ({ type: 'ClosePeriod', data: { through: iso(now.at - back) } })),
  oneOf('active', 'active', 'active', 'suspended', 'inactive').map(
    (status): Intent =>
      () =>
        ({ type: 'ChangeTenantStatus', data: { status } }) as Command,
  ),
];
