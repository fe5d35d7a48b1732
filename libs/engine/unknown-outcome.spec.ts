import fc from 'fast-check';
import { NotTaken, OutcomePending, type Receipt } from './ports.js';
import { benches, MisbehavingStore, committed, readLedger, request, tenantWith, transfer } from './spec-support.js';
import { WRITER_BOUNDS } from './tenant-writer.js';

const bench = benches();

const soon = (ms = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('an outcome that is not known', () => {
  test.each(['unknown_written', 'unknown_lost'] as const)(
    '%s: the same events are sent again, and it is done once',
    async (mishap) => {
      const store = new MisbehavingStore();
      const { engine } = bench(store);
      const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
      const before = (await readLedger(store, tenantId)).length;
      const calls = store.calls.length;
      store.mishaps.push(mishap, mishap);
      const first = engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)));
      await soon(5);
      // Queued behind it: not decided before the first is known.
      const second = engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 2)));
      const receipts = (await Promise.all([first, second])).map(committed);
      const sent = store.calls.slice(calls).map((call) => call[0]!);
      expect(sent.map(({ events }) => events[0]!.id).slice(0, 3)).toEqual(Array(3).fill(receipts[0]!.events[0]!.id));
      expect(sent).toHaveLength(4);
      expect(receipts.map(({ revision }) => revision)).toEqual([before, before + 1]);
      expect((await readLedger(store, tenantId)).length).toBe(before + 2);
      expect(engine.counters.unknowns).toBe(2);
    },
  );

  test('lost, and another writer was first: decided again', async () => {
    const store = new MisbehavingStore();
    const a = bench(store);
    const { tenantId, accounts } = await tenantWith(a.engine, ['a', 'b']);
    const b = bench(store.inner, {}, { vault: a.vault });
    store.mishaps.push('unknown_lost');
    let calls = 0;
    store.rival = async () => {
      if (++calls === 2) await b.engine.execute(request(tenantId, transfer(accounts[1]!, accounts[0]!, 10)));
    };
    const receipt = committed(await a.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 7))));
    expect(receipt.events[0]!.data).toMatchObject({
      entries: [{ balance_after: 1_000_003 }, { balance_after: 999_997 }],
    });
    expect(a.engine.counters).toMatchObject({ unknowns: 1, conflicts: 1 });
  });

  test('callers are told after a while, the queue is sent away, and the writer goes on by itself', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store, { bounds: { ...WRITER_BOUNDS, pendingMs: 100, queuedMs: 150 } });
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    store.mishaps.push(...Array(6).fill('unknown_lost' as const));
    const ask = request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), 'k');
    const first = engine.execute(ask);
    await soon(5);
    const second = engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 2)));
    const [a, b] = await Promise.allSettled([first, second]);
    expect(a).toMatchObject({ reason: expect.any(OutcomePending) as unknown });
    expect(b).toMatchObject({ reason: { reason: 'store_unavailable' } });
    const again = committed(await retried(() => engine.execute(ask)));
    expect(again.replayed).toBe(true);
    expect(engine.counters.pending).toBe(1);
  });

  test('an instance that dies between the append and the answer: the key gives the first outcome', async () => {
    const store = new MisbehavingStore();
    const a = bench(store);
    const { tenantId, accounts } = await tenantWith(a.engine, ['a', 'b']);
    const before = (await readLedger(store, tenantId)).length;
    store.mishaps.push('silent');
    const asks = [1, 2, 3].map((amount) =>
      request(tenantId, transfer(accounts[0]!, accounts[1]!, amount), `k${amount}`),
    );
    const lost = asks.map((ask) => a.engine.execute(ask).catch((error: unknown) => error));
    await soon();
    await a.engine.drain(0);
    for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(OutcomePending);
    const b = bench(store.inner, {}, { vault: a.vault });
    const receipts = (await Promise.all(asks.map((ask) => b.engine.execute(ask)))).map(committed);
    expect(receipts.map(({ revision, replayed }) => [revision, replayed])).toEqual(
      [0, 1, 2].map((i) => [before + i, true]),
    );
    expect((await readLedger(store, tenantId)).length).toBe(before + 3);
  });
});

test('whatever goes wrong between two instances and the store, each key is done exactly once', async () => {
  const mishap = fc.constantFrom('unknown_written' as const, 'unknown_lost' as const, 'slow' as const, null, null);
  const plan = fc.record({
    mishaps: fc.array(fc.tuple(mishap, mishap), { maxLength: 5 }),
    keys: fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }), second: fc.boolean(), pause: fc.boolean() }), {
      minLength: 1,
      maxLength: 30,
    }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ mishaps, keys }) => {
      const [one, other] = [new MisbehavingStore(), new MisbehavingStore()];
      Object.assign(other, { inner: one.inner });
      const a = bench(one);
      const { tenantId, accounts } = await tenantWith(a.engine, ['a', 'b']);
      const b = bench(other, {}, { vault: a.vault });
      one.mishaps.push(...mishaps.flatMap(([first]) => first ?? []));
      other.mishaps.push(...mishaps.flatMap(([, second]) => second ?? []));
      const before = (await readLedger(one, tenantId)).length;
      const asked: Promise<Receipt>[] = [];
      for (const { key, second, pause } of keys) {
        const ask = request(tenantId, transfer(accounts[0]!, accounts[1]!, key + 1), `k${key}`);
        asked.push(retried(() => (second ? b : a).engine.execute(ask)));
        if (pause) await soon(1);
      }
      const receipts = (await Promise.all(asked)).map(committed);
      const events = (await readLedger(one, tenantId)).slice(before);
      const wanted = new Set(keys.map(({ key }) => key));
      expect(events.map(({ meta }) => meta.idempotency?.key).sort()).toEqual(
        [...wanted].map((key) => `k${key}`).sort(),
      );
      keys.forEach(({ key }, i) => {
        const event = events.find(({ meta }) => meta.idempotency?.key === `k${key}`)!;
        expect(receipts[i]).toMatchObject({ revision: event.revision, events: [{ id: event.id }] });
      });
      await Promise.all([a.engine.drain(0), b.engine.drain(0)]);
    }),
    { numRuns: 25 },
  );
});

/** Asks again as a client would until it is taken. */
const retried = async (ask: () => Promise<Receipt>): Promise<Receipt> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NotTaken || error instanceof OutcomePending)) throw error;
      await soon();
    }
  }
};

test('an outcome that stays unknown raises an alarm with its cause, at once and then less and less often', async () => {
  const store = new MisbehavingStore();
  const { engine, alarms } = bench(store);
  const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
  store.mishaps.push(...Array(4).fill('unknown_lost' as const));
  committed(await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1))));
  expect(alarms).toMatchObject([
    {
      kind: 'trouble',
      tenantId,
      cause: { message: expect.stringContaining("an append's outcome is unknown") as unknown },
    },
  ]);
});
