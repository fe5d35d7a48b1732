import fc from 'fast-check';
import { decodeEvent, ledgerStream } from '#domain/codec.js';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import { NO_STREAM, type EventStore } from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { Books, nothingYet } from './books.js';
import { chained, NO_HASH } from './hash-chain.js';
import { hashKey } from './key-hash.js';
import { NotTaken, type Receipt } from './ports.js';
import { FOLD_VERSION, loadBooks, makeSnapshot } from './snapshots.js';
import {
  benches,
  MemorySnapshots,
  accountOf,
  aTenantId,
  committed,
  createTenant,
  deposit,
  openAccount,
  readLedger,
  readStream,
  request,
  tenantWith,
  transfer,
  type Bench,
} from './spec-support.js';

const bench = benches();

const transactionOf = ({ data }: LedgerEvent): TransactionFacts => {
  if (!('transaction' in data)) throw new Error('no transaction');
  return data.transaction;
};

const booksOf = async (store: EventStore, tenantId: string): Promise<Books> => {
  const books = new Books(tenantId, nothingYet());
  await books.catchUp(store);
  return books;
};

/** Everything in a tenant's state that can be compared. */
const contentOf = ({ state, hash }: Books): unknown => ({
  hash: Buffer.from(hash).toString('hex'),
  cells: [state.head.value, state.tenant.value, state.feeSchedule.value],
  tables: [
    state.accounts,
    state.systemAccounts,
    state.openChildren,
    state.cards,
    state.cardTransactions,
    state.apiKeys,
  ].map((table) => Object.fromEntries(table.entries())),
});

describe('idempotency', () => {
  test('a repeated key writes nothing and answers as the first time, in any instance', async () => {
    const first = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
    const second = bench(first.store, {}, { vault: first.vault });
    const ask = request(tenantId, transfer(accounts[0]!, accounts[1]!, 5), 'k1');
    const [a, twin] = await Promise.all([first.engine.execute(ask), first.engine.execute(ask)]);
    const again = await first.engine.execute(ask);
    const elsewhere = await second.engine.execute(ask);
    expect(a).toMatchObject({ kind: 'committed', replayed: false });
    for (const other of [twin, again, elsewhere]) expect(other).toEqual({ ...a, replayed: true });
    const other = await second.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 6), 'k1'));
    expect(other).toMatchObject({ kind: 'key_reused' });
    expect(first.engine.counters.replayed).toBe(2);
  });

  test('whatever is sent again, in whatever order and company, nothing is done twice', async () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 5 }),
      amount: fc.integer({ min: 1, max: 3 }),
      pause: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const { engine, store } = bench(new MemoryEventStore());
        const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
        const before = (await readLedger(store, tenantId)).length;
        const asked: Promise<Receipt>[] = [];
        for (const { key, amount, pause } of steps) {
          asked.push(engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, amount), `k${key}`)));
          if (pause) await asked.at(-1);
        }
        const receipts = await Promise.all(asked);
        const firsts = new Map<number, { amount: number; receipt: Receipt }>();
        steps.forEach(({ key, amount }, i) => {
          const first = firsts.get(key);
          if (!first) firsts.set(key, { amount, receipt: receipts[i]! });
          else if (first.amount !== amount) expect(receipts[i]!.kind).toBe('key_reused');
          else expect(receipts[i]).toEqual({ ...first.receipt, replayed: true });
        });
        expect((await readLedger(store, tenantId)).length).toBe(before + firsts.size);
      }),
      { numRuns: 50 },
    );
  });

  test('an outcome long past is found through the index, and a fresh key asks nobody', async () => {
    const { engine, store, indexes } = bench(new MemoryEventStore(), { windowRevisions: 10, recentBytes: 1_000 });
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    const asks = Array.from({ length: 60 }, (_, i) =>
      request(tenantId, transfer(accounts[0]!, accounts[1]!, i + 1), `k${i}`),
    );
    const receipts: Receipt[] = [];
    for (const ask of asks) receipts.push(await engine.execute(ask));
    expect(indexes.asked).toEqual([]);
    const before = (await readLedger(store, tenantId)).length;
    const again = await Promise.all(asks.map((ask) => engine.execute(ask)));
    expect(again).toEqual(receipts.map((receipt) => ({ ...receipt, replayed: true })));
    expect(indexes.asked).toContain('k0');
    expect((await readLedger(store, tenantId)).length).toBe(before);
  });

  test('an index that lags behind the window sends away those that it can’t tell about, and no one else', async () => {
    const { engine, indexes } = bench(new MemoryEventStore(), { windowRevisions: 10, indexPatienceMs: 20 });
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    indexes.upTo = 5;
    const old = request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), 'old');
    const receipt = await engine.execute(old);
    for (let i = 0; i < 40; i++) await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)));
    const both = [old, request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), 'fresh')].map((ask) =>
      engine.execute(ask),
    );
    const [late, fresh] = await Promise.allSettled(both);
    expect(late).toMatchObject({ reason: expect.any(NotTaken) as unknown });
    expect(late).toMatchObject({ reason: { reason: 'index_behind' } });
    expect(fresh).toMatchObject({ value: { kind: 'committed', replayed: false } });
    indexes.upTo = Infinity;
    expect(await engine.execute(old)).toEqual({ ...receipt, replayed: true });
  });
});

describe('several instances', () => {
  test('an index that knows more than this instance makes it read on first', async () => {
    const settings = { windowRevisions: 5 };
    const first = bench(new MemoryEventStore(), settings);
    const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
    const ask = request(tenantId, transfer(accounts[0]!, accounts[1]!, 5), 'k1');
    const receipt = await first.engine.execute(ask);
    for (let i = 0; i < 20; i++) await first.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)));
    const second = bench(first.store, settings, { vault: first.vault });
    for (let i = 0; i < 20; i++)
      await second.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)));
    const head = second.engine.describe(tenantId)!.revision;
    expect(first.engine.describe(tenantId)!.revision).toBe(head - 20);
    expect(await first.engine.execute(ask)).toEqual({ ...receipt, replayed: true });
    expect(first.engine.describe(tenantId)!.revision).toBe(head);
  });

  test('two on one store lose nothing and double nothing', async () => {
    const first = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
    const second = bench(first.store, {}, { vault: first.vault });
    const before = (await readLedger(first.store, tenantId)).length;
    const asked = Array.from({ length: 200 }, (_, i) =>
      [first, second][i % 2]!.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), `k${i >> 2}`)),
    );
    const receipts = (await Promise.all(asked)).map(committed);
    const events = (await readLedger(first.store, tenantId)).slice(before);
    expect(events).toHaveLength(50);
    expect(receipts.filter(({ replayed }) => !replayed)).toHaveLength(50);
    expect(contentOf(await booksOf(first.store, tenantId))).toMatchObject({
      tables: [{ [accounts[0]!]: { balance: 999_950 }, [accounts[1]!]: { balance: 1_000_050 } }, {}, {}, {}, {}, {}],
    });
  });
});

describe('batching', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('open' as const), code: fc.integer({ min: 0, max: 3 }) }),
    fc.record({
      do: fc.constant('transfer' as const),
      from: fc.integer({ min: 0, max: 2 }),
      to: fc.integer({ min: 0, max: 2 }),
      amount: fc.integer({ min: 1, max: 120 }),
      reference: fc.option(fc.integer({ min: 0, max: 4 })),
    }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** Commands in order, in groups that arrive together; answers what came of each, without ids. */
  const play = async (steps: readonly Step[], groups: readonly number[]): Promise<unknown> => {
    const { engine, store } = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(engine, ['x', 'y', 'z'], 100);
    const commandOf = (one: Step): Command => {
      if (one.do === 'open') return openAccount(`code-${one.code}`);
      const command = transfer(accounts[one.from]!, accounts[one.to]!, one.amount);
      const reference = one.reference === null ? {} : { reference: `r${one.reference}` };
      return { ...command, data: { ...command.data, ...reference } } as Command;
    };
    const outcomes: string[] = [];
    for (let i = 0, g = 0; i < steps.length; g++) {
      const size = groups[g % groups.length]!;
      const receipts = await Promise.all(
        steps.slice(i, i + size).map((one) => engine.execute(request(tenantId, commandOf(one)))),
      );
      i += size;
      for (const receipt of receipts) {
        if (receipt.kind === 'refused') outcomes.push(receipt.refusal.code);
        else
          outcomes.push(
            committed(receipt)
              .events.map(({ type }) => type)
              .join(),
          );
      }
    }
    const { state } = await booksOf(store, tenantId);
    return { outcomes, balances: accounts.map((id) => state.accounts.get(id)?.balance) };
  };

  test('however commands are grouped, the same comes of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
        async (steps, groups) => {
          expect(await play(steps, groups)).toEqual(await play(steps, [1]));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('snapshots', () => {
  const busy = async (): Promise<Bench & { tenantId: string; accounts: string[]; receipts: Receipt[] }> => {
    const first = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
    const receipts: Receipt[] = [];
    for (let i = 0; i < 30; i++) {
      const command = transfer(accounts[0]!, accounts[1]!, i + 1);
      const referred = { ...command, data: { ...command.data, reference: `r${i}` } } as Command;
      receipts.push(await first.engine.execute(request(tenantId, referred, `k${i}`)));
    }
    const card: Command = { type: 'IssueCard', data: { account_id: accounts[0]!, type: 'virtual' } };
    committed(await first.engine.execute(request(tenantId, card)));
    return { ...first, tenantId, accounts, receipts };
  };

  test('a snapshot and the tail give what folding the whole stream gives', async () => {
    const { store, engine, tenantId, accounts } = await busy();
    const snapshots = new MemorySnapshots();
    const made = await makeSnapshot(store, snapshots, tenantId);
    expect(made).toMatchObject({ saved: true });
    expect(await makeSnapshot(store, snapshots, tenantId)).toEqual({ revision: made.revision, saved: false });
    await engine.execute(request(tenantId, transfer(accounts[1]!, accounts[0]!, 3)));
    let read = NO_STREAM;
    const inner = store as MemoryEventStore;
    const counting = Object.assign(Object.create(inner) as EventStore, {
      read: (...args: Parameters<EventStore['read']>) => {
        read = args[1];
        return inner.read(...args);
      },
      head: (stream: string) => inner.head(stream),
    });
    const books = await loadBooks(counting, snapshots, tenantId, { windowRevisions: 10, recent: null });
    expect(read).toBe(made.revision + 1);
    expect(contentOf(books)).toEqual(contentOf(await booksOf(store, tenantId)));
    for (let i = 0; i < 30; i++)
      expect(books.filter.mayHave(hashKey(`ref:r${i}`)) && books.filter.mayHave(hashKey(`k${i}`))).toBe(true);
    expect((await makeSnapshot(store, snapshots, tenantId, 5)).saved).toBe(false);
    expect((await makeSnapshot(store, snapshots, tenantId)).saved).toBe(true);
  });

  test('what lies before the snapshot is still known: references, keys and transactions', async () => {
    const { store, vault, tenantId, accounts, receipts } = await busy();
    const snapshots = new MemorySnapshots();
    await makeSnapshot(store, snapshots, tenantId);
    const { engine } = bench(store, { windowRevisions: 5 }, { vault, snapshots });
    const again = {
      ...transfer(accounts[0]!, accounts[1]!, 1),
      data: { ...transfer(accounts[0]!, accounts[1]!, 1).data, reference: 'r0' },
    };
    expect(await engine.execute(request(tenantId, again as Command))).toMatchObject({
      refusal: { code: 'duplicate_reference' },
    });
    const first = committed(receipts[0]!);
    const command = transfer(accounts[0]!, accounts[1]!, 1);
    const replay = await engine.execute(
      request(tenantId, { ...command, data: { ...command.data, reference: 'r0' } } as Command, 'k0'),
    );
    expect(replay).toEqual({ ...first, replayed: true });
    const { transaction_id } = transactionOf(first.events[0]!);
    const reverse: Command = { type: 'ReverseTransaction', data: { transaction_id } };
    const reversed = committed(await engine.execute(request(tenantId, reverse)));
    expect(reversed.events.at(-1)).toMatchObject({ type: 'TransactionReversed' });
    // Now the reversal is the latest event about it, and it is in the window.
    expect(await engine.execute(request(tenantId, reverse))).toMatchObject({ refusal: { code: 'already_reversed' } });
  });

  test('rows of another shape are another fold: whoever changes them raises FOLD_VERSION', async () => {
    const { store, tenantId } = await busy();
    const { state } = await booksOf(store, tenantId);
    const shapeOf = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]))
        : '';
    const names = (values: Iterable<unknown>): string => JSON.stringify(shapeOf([...values][0])).replaceAll('""', '');
    expect({
      version: FOLD_VERSION,
      head: names([state.head.value]),
      tenant: names([state.tenant.value]),
      account: names(state.accounts.values()),
      card: names(state.cards.values()),
    }).toMatchInlineSnapshot(`
     {
       "account": "{"id":,"terms":{"walletType":,"currency":,"normalSide":,"kycTier":,"allowNegative":},"balance":,"held":,"extras":{"parentId":,"customerId":,"overdraftLimit":,"blocks":,"closed":}}",
       "card": "{"id":,"accountId":,"type":,"status":,"controls":{"blocked_categories":,"limits":},"goodThrough":,"spent":{"day":,"daily":,"monthly":,"allTime":}}",
       "head": "{"revision":,"at":,"lastId":,"sequence":}",
       "tenant": "{"id":,"environment":,"status":,"defaultCurrency":,"timezone":,"tier":,"retentionEndsAt":}",
       "version": 3,
     }
    `);
  });

  test.each([
    ['cut short', (parts: Uint8Array[]) => parts.slice(1)],
    ['garbled', (parts: Uint8Array[]) => [Buffer.from('{'), ...parts]],
  ])('one that is %s is left aside', async (_, spoil) => {
    const { store, tenantId } = await busy();
    const snapshots = new MemorySnapshots();
    await makeSnapshot(store, snapshots, tenantId);
    const saved = snapshots.saved.get(`${tenantId}/${FOLD_VERSION}`)!;
    saved.parts = spoil(saved.parts);
    const books = await loadBooks(store, snapshots, tenantId, { windowRevisions: 10, recent: null });
    expect(contentOf(books)).toEqual(contentOf(await booksOf(store, tenantId)));
  });

  test('one of another stream is left aside', async () => {
    const { store, tenantId, vault } = await busy();
    const snapshots = new MemorySnapshots();
    await makeSnapshot(store, snapshots, tenantId);
    // The database was put back to a state in which this tenant had another history.
    const other = bench(new MemoryEventStore(), {}, { vault });
    await other.engine.execute(request(tenantId, createTenant(tenantId)));
    for (let i = 0; i < 60; i++) await other.engine.execute(request(tenantId, openAccount(`o${i}`)));
    const books = await loadBooks(other.store, snapshots, tenantId, { windowRevisions: 10, recent: null });
    expect(contentOf(books)).toEqual(contentOf(await booksOf(other.store, tenantId)));
  });
});

describe('a stream that can’t be folded', () => {
  const spoilt = async (spoil: (text: string) => string): Promise<Bench & { tenantId: string; other: string }> => {
    const source = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(source.engine, ['a']);
    const store = new MemoryEventStore();
    let hash = NO_HASH;
    const events = (await readStream(source.store, ledgerStream(tenantId))).map(({ id, type, payload }, i) => {
      const written = i === 2 ? Buffer.from(spoil(Buffer.from(payload).toString())) : payload;
      return { id, type, payload: written, hash: (hash = chained(hash, written)) };
    });
    await store.append([
      { stream: ledgerStream(tenantId), expectedRevision: NO_STREAM, expectedHash: NO_HASH, events },
    ]);
    const made = bench(store, {}, { vault: source.vault });
    const { tenantId: other } = await tenantWith(made.engine, ['a']);
    return { ...made, tenantId, other };
  };

  test.each([
    ['not JSON', () => '{'],
    ['of an unknown type', (text: string) => text.replace('AccountOpened', 'AccountPainted')],
    ['another tenant’s', (text: string) => text.replace(/"tenant_id":"tnt_\w+"/, '"tenant_id":"tnt_X"')],
    ['numbered otherwise', (text: string) => text.replace('"revision":2', '"revision":7')],
  ])('an event that is %s parks its tenant, and only that', async (_, spoil) => {
    const { engine, tenantId, other, alarms } = await spoilt(spoil);
    for (let i = 0; i < 2; i++) {
      await expect(engine.execute(request(tenantId, openAccount('b')))).rejects.toMatchObject({
        reason: 'tenant_parked',
      });
    }
    expect(alarms).toMatchObject([{ kind: 'tenant_parked', tenantId }]);
    expect(engine.describe(tenantId)).toMatchObject({ parked: true });
    expect(engine.gauges().parkedTenants).toBe(1);
    committed(await engine.execute(request(other, openAccount('b'))));
  });
});

describe('memory', () => {
  test('concurrent first uses share one load', async () => {
    const first = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(first.engine, []);
    const { engine } = bench(first.store, {}, { vault: first.vault });
    const codes = Array.from({ length: 20 }, (_, i) => `c${i}`);
    (await Promise.all(codes.map((code) => engine.execute(request(tenantId, openAccount(code)))))).forEach(committed);
    expect(engine.counters.loads).toBe(1);
  });

  test('tenants that take too much memory together are let go, and come back as they were', async () => {
    const { engine } = bench(new MemoryEventStore(), { memoryBytes: 1, sweepMs: 0 });
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    expect(engine.describe(tenantId)).toMatchObject({ accounts: 3 });
    while (engine.describe(tenantId)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.counters.unloads).toBe(1);
    committed(await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1))));
  });
});

test('nothing is written while the clock runs ahead', async () => {
  const { store, snapshots, vault, indexes } = bench(new MemoryEventStore());
  const { LedgerEngine } = await import('./ledger-engine.js');
  let ahead = true;
  const engine = new LedgerEngine({
    store,
    snapshots,
    vault,
    coldIndex: indexes.cold,
    idempotencyIndex: indexes.idempotency,
    clock: { now: () => Date.now() },
    clockAhead: () => ahead,
  });
  const tenantId = aTenantId();
  await expect(engine.execute(request(tenantId, createTenant(tenantId)))).rejects.toMatchObject({
    reason: 'clock_ahead',
  });
  ahead = false;
  committed(await engine.execute(request(tenantId, createTenant(tenantId))));
  const opened = committed(await engine.execute(request(tenantId, openAccount('a'))));
  await engine.execute(request(tenantId, deposit(accountOf(opened.events[0]!), 1)));
  const [stored] = await readStream(store, ledgerStream(tenantId));
  expect(decodeEvent(Buffer.from(stored!.payload).toString()).type).toBe('TenantCreated');
  await engine.drain();
});
