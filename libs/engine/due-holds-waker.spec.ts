import { setTimeout as sleep } from 'node:timers/promises';
import { formatInstant } from '#domain/time.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { DueHoldsWaker } from './due-holds-waker.js';
import { NotTaken, type DueHolds, type DueTenant } from './ports.js';
import { committed, engineOn, NOW, readLedger, request, tenantWith, type Bench } from './spec-support.js';

const open: Bench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ engine }) => engine.drain(0)));
});

/** Two tenants with a hold each, an hour apart, on a clock that a spec moves; and what a projection would know of them. */
const setUp = async () => {
  const clock = { at: NOW, now: () => clock.at };
  const store = new MemoryEventStore();
  const first = engineOn(store, {}, { clock });
  open.push(first);
  const due = new Map<string, number>();
  for (const hour of [1, 2]) {
    const { tenantId, accounts } = await tenantWith(first.engine, ['a'], 100);
    const expires_at = formatInstant(NOW + hour * 3_600_000);
    const data = { account_id: accounts[0]!, amount: 10, currency: 'NGN', expires_at };
    committed(await first.engine.execute(request(tenantId, { type: 'CreateReservation', data })));
    due.set(tenantId, NOW + hour * 3_600_000);
  }
  const expired = async (tenantId: string): Promise<number> =>
    (await readLedger(store, tenantId)).filter(({ type }) => type === 'ReservationExpired').length;
  /** As the projection that keeps it: without the tenants whose holds have ended. */
  const dueHolds: DueHolds = {
    tenantsDue: async (at, limit, after) => {
      const found: DueTenant[] = [];
      for (const [tenantId, dueSince] of due) {
        const isBehind = after === null || dueSince > after.dueSince;
        if (dueSince <= at && isBehind && (await expired(tenantId)) === 0) found.push({ tenantId, dueSince });
      }
      return found.slice(0, limit);
    },
  };
  return { clock, store, first, tenants: [...due.keys()] as [string, string], dueHolds, expired };
};

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 5_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await sleep(5);
  }
};

describe('tenants at rest', () => {
  test('are woken when something is due, and only then', async () => {
    const { clock, first, tenants, dueHolds, expired } = await setUp();
    const waker = new DueHoldsWaker(first.engine, dueHolds, clock, () => undefined);
    const commands = first.engine.counters.commands;
    await waker.look();
    expect(first.engine.counters.commands).toBe(commands);
    clock.at = NOW + 3_600_000;
    await waker.look();
    expect([await expired(tenants[0]), await expired(tenants[1])]).toEqual([1, 0]);
    clock.at = NOW + 7_200_000;
    await waker.look();
    expect([await expired(tenants[0]), await expired(tenants[1])]).toEqual([1, 1]);
  });

  test('are woken once, by whichever of several processes looks first', async () => {
    const { clock, store, first, tenants, dueHolds, expired } = await setUp();
    const second = engineOn(store, {}, { clock, vault: first.vault });
    open.push(second);
    const ending = new AbortController();
    const running = [first, second].map(({ engine }) =>
      new DueHoldsWaker(engine, dueHolds, clock, () => undefined, 10).run(ending.signal),
    );
    clock.at = NOW + 7_200_000;
    await until(async () => (await expired(tenants[0])) + (await expired(tenants[1])) === 2);
    await sleep(50);
    ending.abort();
    await Promise.all(running);
    expect([await expired(tenants[0]), await expired(tenants[1])]).toEqual([1, 1]);
  });

  test('are tried again after trouble, which is one tenant’s alone', async () => {
    const { clock, first, tenants, dueHolds, expired } = await setUp();
    clock.at = NOW + 7_200_000;
    const troubles: unknown[] = [];
    let failing = true;
    const engine = {
      execute: (asked: Parameters<typeof first.engine.execute>[0]) =>
        failing && asked.tenantId === tenants[0] ? Promise.reject(new Error('down')) : first.engine.execute(asked),
    };
    const waker = new DueHoldsWaker(engine, dueHolds, clock, (error) => troubles.push(error));
    await waker.look();
    expect([await expired(tenants[0]), await expired(tenants[1]), troubles.length]).toEqual([0, 1, 1]);
    failing = false;
    await waker.look();
    expect(await expired(tenants[0])).toBe(1);
  });

  test('are woken all, however many that take no commands were due before them', async () => {
    const { clock, first, tenants, dueHolds, expired } = await setUp();
    clock.at = NOW + 7_200_000;
    const engine = {
      execute: (asked: Parameters<typeof first.engine.execute>[0]) =>
        asked.tenantId === tenants[0]
          ? Promise.reject(new NotTaken('tenant_parked', 60_000))
          : first.engine.execute(asked),
    };
    const troubles: unknown[] = [];
    const waker = new DueHoldsWaker(engine, dueHolds, clock, (error) => troubles.push(error), 1_000, 1);
    await waker.look();
    expect([await expired(tenants[0]), await expired(tenants[1]), troubles.length]).toEqual([0, 1, 0]);
  });

  test('are looked for again where the database did not answer', async () => {
    const { clock, first, dueHolds, tenants, expired } = await setUp();
    clock.at = NOW + 3_600_000;
    const troubles: unknown[] = [];
    let calls = 0;
    const shaky: DueHolds = {
      tenantsDue: (...asked) => (++calls === 1 ? Promise.reject(new Error('down')) : dueHolds.tenantsDue(...asked)),
    };
    const ending = new AbortController();
    const running = new DueHoldsWaker(first.engine, shaky, clock, (error) => troubles.push(error), 5).run(
      ending.signal,
    );
    await until(async () => (await expired(tenants[0])) === 1);
    ending.abort();
    await running;
    expect(troubles).toHaveLength(1);
  });
});
