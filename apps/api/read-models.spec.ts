import { snapshotId } from '#contract/resources/liquidity.js';
import type { Command } from '#domain/commands.js';
import { account, card, DAY, deposit, elapse, START, type Step } from '#domain/spec-support.js';
import { formatInstant } from '#domain/time.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { readModels } from './read-models.js';
import type { AsOf, Reads } from './reads.js';
import type { TraitsSource } from './tenant-traits.js';

const MAX = Number.MAX_SAFE_INTEGER;
let models: ReadModels;
let reads: Reads & TraitsSource;
let book: StoredBook;

const dated = (day: number, terms: object): Step => ({
  type: 'PostTransaction',
  data: { type: 'deposit', amount: MAX, currency: 'NGN', effective_at: formatInstant(START + day * DAY), ...terms },
});

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  const { app, engine, store } = models;
  reads = readModels({ pools: { app, engine }, store, vault: { opener: () => Promise.resolve(String) } });
  const round = [dated(3, { destination: '@ada' }), dated(5, { type: 'withdrawal', source: '@ada' })];
  const books = account('books', 'general', 'NGN', { allow_negative: true });
  const beyond: Step = {
    type: 'PostTransaction',
    data: { type: 'transfer', amount: 2, currency: 'NGN', source: '@books', destination: '@bob' },
  };
  // Not customers': what those send and get is counted towards limits, and a day's sum must be a number too.
  const history = [
    account('ada', 'general'),
    account('bob', 'general'),
    books,
    elapse(9 * DAY),
    ...round,
    ...round,
    deposit('ada', MAX),
    beyond,
  ];
  book = await models.tenant(1, ...history);
  await models.projected(book);
});
afterAll(() => models.close());

describe('what no number of an answer holds exactly', () => {
  const at = (day: number): AsOf => ({ at: START + day * DAY });

  it('is out of range, where an account had it at the time asked for', async () => {
    const id = book.id('ada');
    await expect(reads.balance(book.tenantId, id, at(4))).rejects.toMatchObject({
      code: 'out_of_range',
      details: { param: 'as_of' },
    });
    expect((await reads.balance(book.tenantId, id, at(6))).resource).toMatchObject({ balance: 0 });
    expect((await reads.balance(book.tenantId, id, null)).resource).toMatchObject({ balance: MAX });
  });

  it('is out of range, where a whole currency comes to it', async () => {
    const head = book.events.length - 1;
    for (const asOf of [null, at(4), { revision: head }]) {
      await expect(reads.trialBalance(book.tenantId, asOf)).rejects.toMatchObject({ code: 'amount_out_of_range' });
    }
    expect((await reads.trialBalance(book.tenantId, { revision: head - 1 })).resource).toMatchObject({
      data: [{ currency: 'NGN', debits: MAX, credits: MAX }],
    });
  });

  it('is out of range, where the floats of a currency come to it: as it stands, in snapshots and in one of them', async () => {
    const put = (number: number): Step => ({
      type: 'PostTransaction',
      data: {
        type: 'journal',
        entries: [
          { account: `@float${number}`, direction: 'debit', amount: MAX, currency: 'NGN' },
          { account: `@books${number}`, direction: 'credit', amount: MAX, currency: 'NGN' },
        ],
      },
    });
    const opened = [1, 2].flatMap((number) => [
      account(`float${number}`, 'float'),
      account(`books${number}`, 'general', 'NGN', { allow_negative: true }),
    ]);
    const rich = await models.tenant(9, ...opened, put(1), put(2));
    await models.projected(rich);
    const { at, revision } = rich.events.at(-1)!;
    const id = snapshotId({ at, revision, currency: 'NGN' });
    const page = { filters: {}, limit: 10, order: 'desc' } as const;
    for (const read of [
      () => reads.finance.standing(rich.tenantId),
      () => reads.list(rich.tenantId, 'liquidity_snapshots', page),
      () => reads.finance.snapshotsCounted(rich.tenantId, page),
      () => reads.one(rich.tenantId, 'liquidity_snapshots', id),
    ]) {
      await expect<Promise<unknown>>(read()).rejects.toMatchObject({ code: 'amount_out_of_range' });
    }
  });
});

describe('a balance at a revision', () => {
  it('has what was held and available then; at a time it has neither', async () => {
    const merchant = { name: 'Shop', category_code: '5411' };
    const authorize: Step = {
      type: 'AuthorizeCard',
      data: { card_id: '@visa', amount: 60, currency: 'NGN', merchant, network_reference: 'n1' },
    };
    const limit = (overdraft_limit: number): Step => ({
      type: 'UpdateAccount',
      data: { account_id: '@eve', overdraft_limit },
    });
    const told = await models.tenant(2, account('eve'), ...card('visa', 'eve'), deposit('eve', 100));
    const funded = told.events.length - 1;
    await told.tell(authorize, limit(7));
    const held = told.events.length - 1;
    await told.tell(elapse(DAY), deposit('eve', 5));
    await models.projected(told);
    const at = async (asOf: AsOf | null): Promise<unknown> =>
      (await reads.balance(told.tenantId, told.id('eve'), asOf)).resource;
    expect(await at({ revision: funded })).toMatchObject({ balance: 100, held: 0, available_balance: 100 });
    expect(await at({ revision: held - 1 })).toMatchObject({ balance: 100, held: 60, available_balance: 40 });
    expect(await at({ revision: held })).toMatchObject({
      balance: 100,
      held: 60,
      available_balance: 47,
      as_of: null,
      revision: held,
    });
    expect(await at({ revision: held + 1 })).toMatchObject({ ...((await at(null)) as object), revision: held + 1 });
    expect(await at({ at: (told.events[held]?.at ?? 0) + DAY / 2 })).toMatchObject({
      balance: 100,
      held: null,
      available_balance: null,
    });
  });
});

describe('the balances of a period that is closed', () => {
  it('stay as they are, whatever is back-dated before and after', async () => {
    // Each tenant of these specs begins on a day of its own.
    const start = START + 3 * DAY;
    const day = (n: number): AsOf => ({ at: start + n * DAY });
    const back = (n: number, amount: number): Step => ({
      type: 'PostTransaction',
      data: {
        type: 'deposit',
        amount,
        currency: 'NGN',
        destination: '@eve',
        effective_at: formatInstant(start + n * DAY),
      },
    });
    const told = await models.tenant(3, account('eve'), deposit('eve', 100), elapse(9 * DAY), back(2, 10));
    const balance = async (asOf: AsOf): Promise<unknown> => {
      await models.projected(told);
      return (await reads.balance(told.tenantId, told.id('eve'), asOf)).resource?.balance;
    };
    expect([await balance(day(1)), await balance(day(3))]).toEqual([100, 110]);
    await told.tell({ type: 'ClosePeriod', data: { through: formatInstant(start + 3 * DAY) } });
    await told.ask(back(2, 1_000) as Command);
    await told.tell(back(4, 7));
    expect([await balance(day(3)), await balance(day(5))]).toEqual([110, 117]);
    expect((await reads.trialBalance(told.tenantId, day(3))).resource).toMatchObject({
      data: [{ currency: 'NGN', debits: 110, credits: 110 }],
    });
  });
});

describe('events after a sequence', () => {
  it('are the rest of them, page by page, and the next one is waited for', async () => {
    const told = await models.tenant(6, account('eve'), deposit('eve', 1), deposit('eve', 2), deposit('eve', 3));
    await models.projected(told);
    const read: unknown[] = [];
    for (let more = true; more;) {
      const page = await reads.eventsAfter(told.tenantId, read.length, 2);
      read.push(...page.data);
      more = page.hasMore;
    }
    expect(read).toMatchObject(read.map((_, i) => ({ sequence: i + 1, tenant_id: told.tenantId })));
    expect(read).toHaveLength(told.events.at(-1)!.meta.sequence!);
    const head = told.events.length - 1;
    const waiting = reads.arrival(told.tenantId, head + 1, 20_000, new AbortController().signal);
    await told.tell(deposit('eve', 4));
    expect(await waiting).toBe(true);
    expect((await reads.eventsAfter(told.tenantId, read.length, 2)).data).toMatchObject([
      { sequence: read.length + 1 },
    ]);
  });
});

describe('what a tenant is entitled to', () => {
  it('is known to the guard of reads with the change that it is by', async () => {
    const traits = async (): Promise<unknown> => (await reads.traits([told.tenantId])).get(told.tenantId);
    const told = await models.tenant(4);
    await models.projected(told);
    expect(await traits()).toMatchObject({ entitlements: {}, entitledAt: -1 });
    const [event] = await told.ask({
      type: 'ChangeEntitlements',
      data: { entitlements: { 'balances.read': { enabled: false } } },
    });
    await models.projected(told);
    expect(await traits()).toMatchObject({
      entitlements: { 'balances.read': { enabled: false } },
      entitledAt: event?.revision,
    });
    expect((await reads.entitlements(told.tenantId)).resource).toMatchObject({
      object: 'entitlements',
      entitlements: { 'balances.read': { enabled: false }, 'accounts.read': { enabled: true } },
    });
  });
});

describe('fee rules as of a time', () => {
  it('are those of the schedule that stood then', async () => {
    const fee = (flat_amount: number): Step => ({
      type: 'ReplaceFeeRules',
      data: {
        rules: [
          {
            channel: 'funds_transfer',
            currency: 'NGN',
            flat_amount,
            percentage_rate: '0',
            who_pays: 'customer',
            who_gets_paid: 'platform',
            effective_from: formatInstant(START + 20 * DAY),
          },
        ],
      },
    });
    const told = await models.tenant(5, elapse(DAY), fee(1), elapse(DAY), fee(2));
    const [first, second] = told.events.slice(-2).map(({ at }) => at) as [number, number];
    await models.projected(told);
    const flats = async (as_of?: number): Promise<unknown> => {
      const filters: Readonly<Record<string, number>> = as_of === undefined ? {} : { as_of };
      const { data } = await reads.list(told.tenantId, 'fee_rules', { filters, limit: 9, order: 'asc' });
      return data.map(({ flat_amount }) => flat_amount);
    };
    expect(await flats(first - 1)).toEqual([]);
    expect(await flats(first)).toEqual([1]);
    expect(await flats(second - 1)).toEqual([1]);
    expect(await flats(second)).toEqual([2]);
    expect(await flats()).toEqual([2]);
  });
});
