import { publicType } from '#contract/public-events.js';
import { resourceId } from '#contract/resource-id.js';
import { ledgerStream } from '#domain/codec.js';
import { account, card, DAY, deposit, elapse, named, transfer } from '#domain/spec-support.js';
import { readRevisions } from '#projecting/feed.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { eventsAfter, getEvent, listEvents, type EventPlace, type EventsQuery } from './events.queries.js';

let models: ReadModels;
let book: StoredBook;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(
    1,
    account('ada'),
    account('bob'),
    ...card('plastic', 'ada'),
    deposit('ada', 10_000),
    elapse(DAY),
    named('lunch', transfer('ada', 'bob', 900)),
    transfer('ada', 'bob', 99_999),
    { type: 'ReverseTransaction', data: { transaction_id: '@lunch' } },
  );
  await models.projected(book);
});
afterAll(() => models.close());

const folded = (): EventPlace[] =>
  book.events
    .filter((event) => publicType(event) !== null)
    .map((event) => ({
      id: `evt_${event.id}`,
      type: publicType(event)!,
      sequence: event.meta.sequence!,
      revision: event.revision,
      resourceId: resourceId(event),
    }))
    .reverse();
const listed = async (query: Partial<EventsQuery> = {}): Promise<readonly EventPlace[]> =>
  (await withTenant(models.app, book.tenantId, (session) => listEvents(session, { limit: 50, ...query }))).data.data;

describe('events', () => {
  it('are the public ones, newest first, gapless in their sequence', async () => {
    expect(await listed()).toEqual(folded());
    const upwards = await listed({ order: 'asc' });
    expect(upwards.map(({ sequence }) => sequence)).toEqual(upwards.map((_, i) => i + 1));
  });

  it('are found by type, resource, time and id, and after a sequence', async () => {
    expect((await listed({ type: 'transaction.failed' })).map(({ type }) => type)).toEqual(['transaction.failed']);
    expect(await listed({ type: 'transaction.completed' })).toEqual(
      folded().filter(({ type }) => type === 'transaction.completed'),
    );
    expect((await listed({ resourceId: book.id('lunch') })).map(({ type }) => type)).toEqual([
      'transaction.reversed',
      'transaction.completed',
    ]);
    const from = book.events[0]!.at + DAY;
    expect(await listed({ from })).toEqual(folded().slice(0, 3));
    expect(await listed({ to: from - 1 })).toEqual(folded().slice(3));
    await withTenant(models.app, book.tenantId, async (session) => {
      expect(await getEvent(session, folded()[0]!.id)).toEqual(folded()[0]);
      expect(await getEvent(session, 'evt_0')).toBeNull();
      expect((await eventsAfter(session, 2, 3)).map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    });
  });

  it('of a resource page both ways, and among them is the one that made it', async () => {
    const resourceId = book.id('lunch');
    const all = folded().filter((one) => one.resourceId === resourceId);
    expect(all.map(({ id }) => id).at(-1)).toBe(resourceId.replace('ltx_', 'evt_'));
    const [reversed, made] = all;
    for (const [query, expected] of [
      [{ limit: 1 }, [reversed]],
      [{ startingAfter: reversed!.id }, [made]],
      [{ startingAfter: made!.id }, []],
      [{ endingBefore: made!.id }, [reversed]],
      [{ order: 'asc', limit: 1 }, [made]],
      [{ order: 'asc', startingAfter: made!.id }, [reversed]],
      [{ type: 'transaction.completed' }, [made]],
      [{ type: 'transaction.reversed' }, [reversed]],
    ] as const) {
      expect(await listed({ resourceId, ...query })).toEqual(expected);
    }
    // Has the ULID of an event that is about something else.
    expect(await listed({ resourceId: resourceId.replace('ltx_', 'rsv_') })).toEqual([]);
  });

  it('go on after any sequence', async () => {
    const busy = await models.tenant(3, account('ada'));
    for (let n = 0; n < 140; n += 1) {
      await busy.tell({ type: 'UpdateAccount', data: { account_id: '@ada', account_name: `Ada ${n}` } });
    }
    await models.projected(busy);
    const last = busy.events.at(-1)!.meta.sequence!;
    expect(last).toBeGreaterThan(129);
    await withTenant(models.app, busy.tenantId, async (session) => {
      for (let after = 0; after <= last + 70; after += 1) {
        const sequences = (await eventsAfter(session, after, 3)).map(({ sequence }) => sequence);
        expect(sequences).toEqual([1, 2, 3].map((n) => after + n).filter((n) => n <= last));
      }
    });
  });

  it('are fetched from the stream for a page', async () => {
    const places = await listed({ type: 'account.created' });
    const read = await readRevisions(models.store, ledgerStream(book.tenantId), [
      ...places.map(({ revision }) => revision),
      999,
    ]);
    expect([...read.keys()].sort((a, b) => b - a)).toEqual(places.map(({ revision }) => revision));
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(2);
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, async (session) => ({
      one: await getEvent(session, folded()[0]!.id),
      of: await listEvents(session, { limit: 9, resourceId: book.id('lunch') }),
    }));
    expect(data).toMatchObject({ one: null, of: { data: [] } });
    expect((await models.app.query('SELECT FROM events')).rowCount).toBe(0);
  });
});
