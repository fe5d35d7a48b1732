import { createHash } from 'node:crypto';
import pg from 'pg';
import { ulidAt, account, card, deposit, transfer, type Step } from '#domain/spec-support.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { EventStore, FeedBatch } from '#event-store/event-store.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { GROUPS } from '#projections/registry.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { readParked, unpark } from './parked.js';
import type { Parked } from './positions.js';
import type { ProjectionGroup } from './projection.js';

let models: ReadModels;
let straight: ReadModels;
const parked: Parked[] = [];
beforeAll(async () => {
  models = await ReadModels.start();
  straight = await ReadModels.start(models.store);
  straight.run();
});
afterEach(() => models.stop());
afterAll(() => Promise.all([models.close(), straight.close()]));

const HISTORY: readonly Step[] = [account('ada'), account('bob'), ...card('plastic', 'ada'), deposit('ada', 100_000)];
let made = 0;
const tenants = (count: number): Promise<StoredBook[]> =>
  Promise.all(Array.from({ length: count }, () => models.tenant((made += 1), ...HISTORY)));

/** What came of it is what a runner makes that nothing happened to. */
const expectEqual = async (...books: readonly StoredBook[]): Promise<void> => {
  await models.projected(...books);
  await straight.projected(...books);
  expect(await models.rows()).toEqual(await straight.rows());
};

const poison = (text: string): Parameters<StoredBook['append']>[0] => {
  const payload = Buffer.from(text);
  return [
    { id: ulidAt(Date.now(), (made += 1)), type: 'Poison', payload, hash: createHash('sha256').update(text).digest() },
  ];
};

/** The groups, with a projection more in the first that does as it is told. */
const withExtra = (extra: (events: readonly LedgerEvent[]) => string | null): readonly ProjectionGroup<LedgerEvent>[] =>
  GROUPS.map((group, i) =>
    i > 0
      ? group
      : {
          ...group,
          projections: [
            ...group.projections,
            {
              name: 'extra',
              version: 1,
              tables: [],
              migrations: [],
              statements: ({ events }) => {
                const text = extra(events.map(({ event }) => event));
                return text === null ? [] : [{ name: `extra.${text.length}`, text, values: [] }];
              },
            },
          ],
        },
  );

describe('a runner', () => {
  it('projects many tenants together and is caught up', async () => {
    const books = await tenants(20);
    const { runner, stop } = models.run();
    await expectEqual(...books);
    await models.until(() => Promise.resolve(runner.status().caughtUp));
    expect(runner.status()).toMatchObject({ state: 'leading', lagMs: 0, parked: 0, gapsHealed: 0 });
    await stop();
    expect(runner.status().state).toBe('stopped');
  });

  it('goes on where it was stopped, in batches of any size', async () => {
    const books = await tenants(3);
    const { stop } = models.run({ batchSize: 5 });
    await models.until(async () => (await models.revision(books[0]!.tenantId)) >= 2);
    await stop();
    await Promise.all(books.map((book) => book.tell(transfer('ada', 'bob', 250), transfer('bob', 'ada', 50))));
    const again = models.run({ batchSize: 1 });
    await expectEqual(...books);
    await again.stop();
  });

  it('doubles and loses nothing when its connections are cut at any moment', async () => {
    const books = await tenants(4);
    const { runner } = models.run({ batchSize: 7 });
    const owner = new pg.Client({ connectionString: models.ownerUrl });
    await owner.connect();
    for (let round = 0; round < 10; round += 1) {
      await models.until(() => Promise.resolve(runner.status().state === 'leading'));
      const steps = [transfer('ada', 'bob', 10 + round), transfer('bob', 'ada', 3), transfer('ada', 'bob', 1)];
      const told = Promise.all(books.map((book) => book.tell(...steps, ...steps, ...steps)));
      await new Promise((next) => setTimeout(next, 8 * Math.random()));
      await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'daybook-projector'`,
      );
      await told;
    }
    await owner.end();
    await expectEqual(...books);
    expect(models.failures.length).toBeGreaterThan(2);
  });

  it('leads alone: the others stand by, and one takes over', async () => {
    const [book] = (await tenants(1)) as [StoredBook];
    const first = models.run();
    await models.projected(book);
    const second = models.run();
    await models.until(() => Promise.resolve(second.runner.status().state === 'standby'));
    await first.stop();
    await book.tell(transfer('ada', 'bob', 1));
    await expectEqual(book);
    expect(second.runner.status().state).toBe('leading');
    await second.stop();
  });

  it('stops when another has committed at its checkpoint, and starts from what that one left', async () => {
    const [book] = (await tenants(1)) as [StoredBook];
    const { stop } = models.run();
    await models.projected(book);
    await models.projector.query('UPDATE projection_checkpoints SET commits = commits + 1');
    await book.tell(transfer('ada', 'bob', 1));
    await expectEqual(book);
    await stop();
  });

  it("reads a tenant's own stream where the feed left something out", async () => {
    const [book, other] = (await tenants(2)) as [StoredBook, StoredBook];
    let seen = 0;
    // Drops every third event of the feed, as a store with positions out of order would.
    const leaky: EventStore = Object.assign(Object.create(models.store) as MemoryEventStore, {
      async *subscribe(...args: Parameters<EventStore['subscribe']>): AsyncIterable<FeedBatch> {
        for await (const batch of models.store.subscribe(...args)) {
          yield { ...batch, events: batch.events.filter(() => (seen += 1) % 3 !== 0) };
        }
      },
    });
    const { runner, stop } = models.run({ store: leaky, batchSize: 4 });
    for (let i = 0; i < 10; i += 1) await book.tell(transfer('ada', 'bob', 5), transfer('ada', 'bob', 6));
    await models.until(() => Promise.resolve(runner.status().gapsHealed > 0));
    await stop();
    const whole = models.run();
    await Promise.all([book, other].map((one) => one.tell(transfer('bob', 'ada', 1))));
    await expectEqual(book, other);
    await whole.stop();
  });
});

describe('a poison event', () => {
  beforeEach(() => void (parked.length = 0));
  const told = { onParked: (one: Parked): void => void parked.push(one) };

  it('that a projection chokes on parks its tenant in its group; a fix and unpark let it go on', async () => {
    const [good, bad] = (await tenants(2)) as [StoredBook, StoredBook];
    let broken = true;
    const choking = withExtra((events) => {
      if (broken && events.some((event) => event.meta.tenant_id === bad.tenantId && event.revision === 3)) {
        throw new TypeError('it is not a card');
      }
      return null;
    });
    const { runner, stop } = models.run({ groups: choking, ...told });
    await models.projected(good);
    await models.until(() => Promise.resolve(parked.length === 1));
    expect(await models.revision(bad.tenantId)).toBe(2);
    expect(parked).toEqual([
      expect.objectContaining({
        tenantId: bad.tenantId,
        group: 'core',
        revision: 3,
        reason: expect.stringContaining('it is not a card') as string,
      }),
    ]);
    // What the writer depends on goes on.
    const last = bad.events.length - 1;
    expect(await models.revision(bad.tenantId, 'cold')).toBe(last);
    expect(await models.revision(bad.tenantId, 'idempotency')).toBe(last);
    expect(runner.status().parked).toBe(1);
    await bad.tell(transfer('ada', 'bob', 9));

    await unpark(models.projector, bad.tenantId);
    await models.until(() => Promise.resolve(parked.length === 2));
    broken = false;
    expect(await unpark(models.projector, bad.tenantId)).toBe(true);
    await expectEqual(good, bad);
    await models.until(async () => (await readParked(models.projector)).length === 0);
    expect(await unpark(models.projector, bad.tenantId)).toBe(false);
    await stop();
  });

  it('holds nobody else up while it is looked for', async () => {
    const [good, bad, other] = (await tenants(3)) as [StoredBook, StoredBook, StoredBook];
    const owner = new pg.Client({ connectionString: models.ownerUrl });
    await owner.connect();
    await owner.query('SELECT pg_advisory_lock(42)');
    // What is left of the tenant without its poison takes until the lock is given back.
    const slow = withExtra((events) => {
      if (events.some(({ meta, revision }) => meta.tenant_id === bad.tenantId && revision === 4)) throw new Error('no');
      return events.every(({ meta }) => meta.tenant_id === bad.tenantId) ? 'SELECT pg_advisory_xact_lock(42)' : null;
    });
    const { stop } = models.run({ groups: slow, ...told });
    await models.projected(good, other);
    expect([parked, await models.revision(bad.tenantId)]).toEqual([[], -1]);
    await owner.query('SELECT pg_advisory_unlock(42)');
    await owner.end();
    await models.until(() => Promise.resolve(parked.length === 1));
    expect([parked[0]?.tenantId, parked[0]?.revision]).toEqual([bad.tenantId, 4]);
    expect(await models.revision(bad.tenantId)).toBe(3);
    await stop();
    const mended = models.run();
    await expectEqual(good, bad, other);
    await mended.stop();
  });

  it.each([
    ['SELECT 1 / 0', 'division by zero'],
    [`SELECT 'x'::int`, 'invalid input syntax'],
    [`INSERT INTO tenant_progress SELECT tenant_id, 'core', 0, now() FROM tenant_progress LIMIT 1`, 'duplicate key'],
  ])('that the database chokes on (%s) parks its tenant alone', async (sql, reason) => {
    const [good, bad] = (await tenants(2)) as [StoredBook, StoredBook];
    const choking = withExtra((events) =>
      events.some((event) => event.meta.tenant_id === bad.tenantId && event.revision === 4) ? sql : null,
    );
    const { stop } = models.run({ groups: choking, ...told });
    await models.projected(good);
    await models.until(() => Promise.resolve(parked.length === 1));
    expect(await models.revision(bad.tenantId)).toBe(3);
    expect(parked).toEqual([
      expect.objectContaining({
        tenantId: bad.tenantId,
        revision: 4,
        reason: expect.stringContaining(reason) as string,
      }),
    ]);
    await stop();
    // The next start, with code that can do it, goes on by itself.
    const mended = models.run();
    await expectEqual(good, bad);
    await mended.stop();
  });

  it('that nobody can read parks what reads events, and not the idempotency index', async () => {
    const [good, bad] = (await tenants(2)) as [StoredBook, StoredBook];
    const { stop } = models.run(told);
    await models.projected(good, bad);
    const last = bad.events.length;
    await bad.append(poison('{"type":"FromTheFuture","v":9}'));
    await bad.append(poison('no JSON at all'));
    await good.tell(transfer('ada', 'bob', 2));
    await models.projected(good);
    await models.until(async () => (await models.revision(bad.tenantId, 'idempotency')) === last + 1);
    expect(await models.revision(bad.tenantId)).toBe(last - 1);
    expect(parked.map(({ group, revision }) => `${group} ${revision}`).sort()).toEqual([
      `cold ${last}`,
      `core ${last}`,
    ]);
    await stop();
  });

  it('is not what a fault of the database is: then all wait, and nobody is parked', async () => {
    const [book] = (await tenants(1)) as [StoredBook];
    const failures: unknown[] = [];
    let broken = true;
    const groups = withExtra(() => (broken ? 'SELECT * FROM no_such_table' : null));
    const { stop } = models.run({ groups, ...told, onFailure: (error) => void failures.push(error) });
    await models.until(() => Promise.resolve(failures.length > 1));
    expect(parked.filter(({ tenantId }) => tenantId === book.tenantId)).toEqual([]);
    expect(await models.revision(book.tenantId)).toBe(-1);
    broken = false;
    await models.projected(book);
    await stop();
  });
});
