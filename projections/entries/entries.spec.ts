import { NotExact } from '#contract/exact.js';
import type { EntryResource } from '#contract/resources/entry.js';
import { entryId } from '#domain/ids.js';
import { account, DAY, deposit, elapse, named, START, transfer, type Step } from '#domain/spec-support.js';
import { formatInstant, parseInstant } from '#domain/time.js';
import type { PostTransactionData } from '#domain/transactions/post-transaction.js';
import { renderStatement } from '#contract/resources/statement.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import {
  balanceAtRevision,
  balanceAtTime,
  listEntries,
  trialBalanceAsOf,
  type EntriesQuery,
} from './entries.queries.js';
import { trialBalanceAccounts } from './trial-balance.queries.js';
import { balanceKnownAt, statementEntries } from './statement.queries.js';

let models: ReadModels;
let book: StoredBook;

const HOUR = 3_600_000;
/** A transfer that takes effect so long after the tenant was made, whenever it is recorded. */
const dated = (from: string, to: string, amount: number, at: number): Step => ({
  type: 'PostTransaction',
  data: {
    type: 'transfer',
    amount,
    currency: 'NGN',
    source: `@${from}`,
    destination: `@${to}`,
    effective_at: formatInstant(START + DAY + at),
  },
});

beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(
    1,
    account('ada'),
    account('bob'),
    account('vault', 'float'),
    named('opening', deposit('ada', 10_000)),
    elapse(6 * HOUR),
    transfer('ada', 'bob', 1_000),
    elapse(2 * DAY),
    dated('ada', 'bob', 70, 3 * HOUR),
    dated('bob', 'ada', 20, DAY),
    transfer('ada', 'bob', 5),
    elapse(3 * HOUR),
    // Back-dated within the day it is recorded on, and over midnight.
    dated('ada', 'bob', 11, 2 * DAY + 7 * HOUR),
    elapse(20 * HOUR),
    dated('ada', 'bob', 13, 2 * DAY + 8 * HOUR),
    {
      type: 'PostTransaction',
      data: {
        type: 'withdrawal',
        amount: 40,
        currency: 'NGN',
        source: '@ada',
        effective_at: formatInstant(START + DAY + 4 * HOUR),
      },
    },
    transfer('bob', 'ada', 3),
  );
  await models.projected(book);
});
afterAll(() => models.close());

interface Leg {
  readonly account: string;
  readonly signed: number;
  readonly after: number;
  readonly effective: number;
  readonly recorded: number;
  readonly revision: number;
}

/** Every posting, as the events say. */
const legs = (): Leg[] =>
  book.events.flatMap(({ data, at, revision }) =>
    'entries' in data
      ? data.entries.map((entry) => ({
          account: entry.account_id,
          signed:
            entry.direction === book.state.accounts.get(entry.account_id)!.terms.normalSide
              ? entry.amount
              : -entry.amount,
          after: entry.balance_after,
          effective: parseInstant(data.transaction.effective_at)!,
          recorded: at,
          revision,
        }))
      : [],
  );
const accounts = (): string[] => [...new Set(legs().map((leg) => leg.account))];

const listed = async (query: Partial<EntriesQuery>): Promise<readonly EntryResource[]> =>
  (
    await withTenant(models.app, book.tenantId, (session) =>
      listEntries(session, { limit: 100, accountId: book.id('ada'), ...query }),
    )
  ).data.data;

describe('entries', () => {
  it('equal a fresh fold, newest first', async () => {
    for (const id of accounts()) {
      const expected = legs()
        .filter((leg) => leg.account === id)
        .reverse();
      const found = await listed({ accountId: id });
      expect(
        found.map((one) => [one.balance_after, one.revision, Date.parse(one.effective_at), Date.parse(one.created_at)]),
      ).toEqual(expected.map((leg) => [leg.after, leg.revision, leg.effective, leg.recorded]));
    }
    const [newest] = await listed({});
    const posted = book.events.at(-1)!;
    expect(newest).toMatchObject({
      object: 'entry',
      direction: 'credit',
      amount: 3,
      currency: 'NGN',
      transaction_id: `ltx_${posted.id}`,
    });
    expect(newest!.id).toBe(entryId(posted.id, 1));
  });

  it('are found by direction, transaction and time', async () => {
    expect((await listed({ direction: 'credit' })).map(({ amount }) => amount)).toEqual([3, 20, 10_000]);
    expect((await listed({ transactionId: book.id('opening') })).map(({ amount }) => amount)).toEqual([10_000]);
    expect(await listed({ transactionId: 'ltx_0' })).toEqual([]);
    for (const [from, to] of [
      [0, 5],
      [0, DAY],
      [6 * HOUR, 3 * DAY],
      [2 * DAY, 2 * DAY + 8 * HOUR],
      [9 * DAY, 10 * DAY],
      [-DAY, -1],
    ] as const) {
      const [first, last] = [START + DAY + from, START + DAY + to];
      const expected = legs().filter(
        (leg) => leg.account === book.id('ada') && leg.recorded >= first && leg.recorded <= last,
      );
      expect((await listed({ from: first, to: last, order: 'asc' })).map(({ revision }) => revision)).toEqual(
        expected.map(({ revision }) => revision),
      );
    }
  });

  it('page both ways without loss', async () => {
    const all = (await listed({})).map(({ id }) => id);
    const page = async (query: Partial<EntriesQuery>): ReturnType<typeof listEntries> =>
      (
        await withTenant(models.app, book.tenantId, (session) =>
          listEntries(session, { limit: 2, accountId: book.id('ada'), ...query }),
        )
      ).data;
    const forwards: string[] = [];
    for (let after: string | null = null; ;) {
      const { data, hasMore, last } = await page({ startingAfter: after });
      forwards.push(...data.map(({ id }) => id));
      after = last;
      if (!hasMore) break;
    }
    expect(forwards).toEqual(all);
    const third = await page({ startingAfter: (await page({})).last });
    expect((await page({ endingBefore: third.first })).data.map(({ id }) => id)).toEqual(all.slice(0, 2));
  });

  it('tell the balance at every revision', async () => {
    await withTenant(models.app, book.tenantId, async (session) => {
      for (const id of accounts()) {
        for (let revision = -1; revision <= book.events.length; revision += 1) {
          const expected = legs().findLast((leg) => leg.account === id && leg.revision <= revision)?.after ?? 0;
          expect([id, revision, await balanceAtRevision(session, id, revision)]).toEqual([id, revision, expected]);
        }
      }
    });
  });

  it('tell the balance at every time, by what had taken effect', async () => {
    const times = legs().flatMap(({ effective, recorded }) => [
      effective - 1,
      effective,
      effective + 1,
      recorded - 1,
      recorded,
      recorded + 1,
    ]);
    const midnights = [0, 1, 2, 3, 4].flatMap((day) => [
      START - (START % DAY) + day * DAY - 1,
      START - (START % DAY) + day * DAY,
    ]);
    await withTenant(models.app, book.tenantId, async (session) => {
      for (const id of accounts()) {
        const { normalSide: normal_side } = book.state.accounts.get(id)!.terms;
        for (const time of new Set([...times, ...midnights, START + 9 * DAY])) {
          const expected = legs()
            .filter((leg) => leg.account === id && leg.effective <= time)
            .reduce((sum, leg) => sum + leg.signed, 0);
          const found = await balanceAtTime(session, { id, normal_side }, time);
          expect([id, formatInstant(time), found]).toEqual([id, formatInstant(time), expected]);
        }
      }
    });
  });

  it('tell the balance at a time exactly, however much went in and out to come to it', async () => {
    const M = Number.MAX_SAFE_INTEGER;
    const to = (day: number, amount: number, type: 'deposit' | 'withdrawal'): PostTransactionData => ({
      type,
      amount,
      currency: 'NGN',
      [type === 'deposit' ? 'destination' : 'source']: '@ada',
      effective_at: formatInstant(START + day * DAY),
    });
    const batch = (...transactions: readonly PostTransactionData[]): Step => ({
      type: 'PostBatch',
      data: { transactions },
    });
    const round = [to(3, M, 'deposit'), to(5, M, 'withdrawal')];
    const twice = [to(3, M - 1, 'deposit'), to(3, M - 1, 'withdrawal')];
    // Of the tenant's own: what a customer turns over in a month stays within the range of numbers.
    const old = await models.tenant(
      2,
      account('ada', 'general', 'NGN', { normal_side: 'credit' }),
      elapse(9 * DAY),
      batch(...round, ...twice),
    );
    await models.projected(old);
    const { normalSide: normal_side } = old.state.accounts.get(old.id('ada'))!.terms;
    const on = async (day: number): Promise<number> =>
      (
        await withTenant(models.app, old.tenantId, (session) =>
          balanceAtTime(session, { id: old.id('ada'), normal_side }, START + day * DAY),
        )
      ).data;
    expect([await on(2), await on(3), await on(4), await on(5), await on(6)]).toEqual([0, M, M, 0, 0]);
    // Sums of shifts beyond what a bigint holds, and a balance that no answer can tell.
    const rounds = Array.from({ length: 50 }, () => round).flat();
    for (let i = 0; i < 22; i += 1) await old.tell(batch(...rounds));
    await models.projected(old);
    expect([await on(2), await on(5), await on(20)]).toEqual([0, 0, 0]);
    await expect(on(4)).rejects.toThrow(NotExact);
    const { rows } = await models.projector.query('SELECT FROM parked_tenants');
    expect(rows).toEqual([]);
  });

  it('balance, debits and credits, at every revision and time', async () => {
    const linesOf = (those: readonly Leg[]): { currency: string; debits: number; credits: number }[] => {
      const balances = new Map(accounts().map((id) => [id, 0]));
      for (const { account: id, signed } of those) balances.set(id, balances.get(id)! + signed);
      let debits = 0;
      let credits = 0;
      for (const [id, balance] of balances) {
        const isDebit = (book.state.accounts.get(id)!.terms.normalSide === 'debit') === balance > 0;
        if (isDebit) debits += Math.abs(balance);
        else credits += Math.abs(balance);
      }
      return [{ currency: 'NGN', debits, credits }];
    };
    await withTenant(models.app, book.tenantId, async (session) => {
      for (let revision = -1; revision <= book.events.length; revision += 1) {
        const lines = await trialBalanceAsOf(session, { revision });
        expect(lines).toEqual(linesOf(legs().filter((leg) => leg.revision <= revision)));
        expect(lines[0]!.debits).toBe(lines[0]!.credits);
      }
      for (const { effective, recorded } of legs()) {
        for (const at of [effective - 1, effective, recorded, recorded + 1]) {
          expect(await trialBalanceAsOf(session, { at })).toEqual(linesOf(legs().filter((leg) => leg.effective <= at)));
        }
      }
    });
  });
});

describe('the accounts of a trial balance', () => {
  it('come to its sums, at every revision and time, page by page', async () => {
    const last = book.events.length - 1;
    const times = [0, 3, 30, 80].map((hour) => ({ at: START + DAY + hour * HOUR }));
    for (const asOf of [{ revision: 4 }, { revision: last }, ...times]) {
      const { data } = await withTenant(models.app, book.tenantId, async (session) => {
        const found = [];
        for (let after: string | null = null; ;) {
          const page: Awaited<ReturnType<typeof trialBalanceAccounts>> = await trialBalanceAccounts(session, asOf, {
            limit: 2,
            order: 'asc',
            startingAfter: after,
          });
          found.push(...page.data);
          if (!page.hasMore) break;
          after = page.last;
        }
        return { found, sums: await trialBalanceAsOf(session, asOf) };
      });
      const sum = (side: 'debits' | 'credits') => data.found.reduce((all, one) => all + one[side], 0);
      expect(data.found).toHaveLength(book.state.accounts.size);
      expect({ debits: sum('debits'), credits: sum('credits') }).toEqual({
        debits: data.sums.reduce((all, { debits }) => all + debits, 0),
        credits: data.sums.reduce((all, { credits }) => all + credits, 0),
      });
    }
  });
});

describe('statements', () => {
  const START_OF = START + DAY;

  const statement = async (name: string, from: number, to: number, revision: number) => {
    const facts = book.state.accounts.get(book.id(name))!;
    const account = {
      id: facts.id,
      account_code: name,
      currency: 'NGN',
      normal_side: facts.terms.normalSide,
    };
    const period = { from, to, revision };
    const { data } = await withTenant(models.app, book.tenantId, async (session) =>
      renderStatement(
        book.tenantId,
        account,
        period,
        await balanceKnownAt(session, account, from - 1, revision),
        await statementEntries(session, account.id, period, 1000),
      ),
    );
    return data;
  };

  /** The same from the events, as they were known at a revision. */
  const expected = (name: string, from: number, to: number, revision: number) => {
    const known = legs()
      .filter((leg) => leg.account === book.id(name) && leg.revision <= revision)
      .sort((a, b) => a.effective - b.effective || a.revision - b.revision);
    const sum = (upTo: number) =>
      known.filter(({ effective }) => effective <= upTo).reduce((all, { signed }) => all + signed, 0);
    const lines = known.filter(({ effective }) => effective >= from && effective <= to);
    return { opening: sum(from - 1), closing: sum(to), amounts: lines.map(({ signed }) => Math.abs(signed)) };
  };

  const hours = [0, 3, 7, 30, 55, 80];
  it('tell what took effect in a period, as it was known at any revision', async () => {
    const last = book.events.length - 1;
    for (const name of ['ada', 'bob', 'vault']) {
      for (const begin of hours) {
        for (const end of hours.filter((hour) => hour >= begin)) {
          for (const revision of [last, last - 1, last - 3, last - 5, 6]) {
            const [from, to] = [START_OF + begin * HOUR, START_OF + end * HOUR];
            const told = await statement(name, from, to, revision);
            const { opening, closing, amounts } = expected(name, from, to, revision);
            expect(told).toMatchObject({
              opening_balance: opening,
              closing_balance: closing,
              line_count: amounts.length,
            });
            expect(told.lines.map(({ amount }) => amount)).toEqual(amounts);
          }
        }
      }
    }
  });
});
