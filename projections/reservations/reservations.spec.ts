import { renderReservation, type ReservationResource } from '#contract/resources/reservation.js';
import type { Command } from '#domain/commands.js';
import { account, DAY, deposit, elapse, named, type Step } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { openPlain, ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { getReservation, listReservations, type ReservationsQuery } from './reservations.queries.js';

let models: ReadModels;
let book: StoredBook;
const reserve = (amount: number, more: object = {}): Command => ({
  type: 'CreateReservation',
  data: { account_id: '@ada', amount, currency: 'NGN', destination: '@bob', ...more },
});
const HISTORY: readonly Step[] = [
  account('ada'),
  account('bob'),
  deposit('ada', 10_000),
  deposit('bob', 10_000),
  named('order', reserve(700, { reference: 'order-1', metadata: { shop: 'Lekki' } })),
  named('short', reserve(100)),
  named('other', reserve(50, { account_id: '@bob', destination: '@ada', reference: 'order-2' })),
  { type: 'CaptureReservation', data: { reservation_id: '@order', amount: 200, final: false } },
  { type: 'ReleaseReservation', data: { reservation_id: '@other' } },
  elapse(7 * DAY),
  named('late', reserve(10)),
];
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  book = await models.tenant(1, ...HISTORY);
  await models.projected(book);
});
afterAll(() => models.close());

const folded = (): ReservationResource[] => {
  const all = new Map<string, ReservationResource>();
  for (const { data, at } of book.events) {
    if (!('reservation' in data)) continue;
    const resource = renderReservation(data.reservation, { updatedAt: at }, openPlain);
    all.set(resource.id, resource);
  }
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
};
const listed = async (query: Partial<ReservationsQuery> = {}): Promise<readonly ReservationResource[]> =>
  (await withTenant(models.app, book.tenantId, (session) => listReservations(session, { limit: 10, ...query }))).data
    .data;

describe('reservations', () => {
  it('equal a fresh fold, when projected at once and one by one', async () => {
    expect(await listed()).toEqual(folded());
    expect(folded().map(({ status }) => status)).toEqual(['active', 'released', 'expired', 'expired']);
    const again = await models.tenant(2);
    for (const step of HISTORY) {
      await again.tell(step);
      await models.projected(again);
    }
    const { data } = await withTenant(models.app, again.tenantId, (session) =>
      listReservations(session, { limit: 10 }),
    );
    expect(data.data.map(({ amounts, status }) => [amounts, status])).toEqual(
      folded().map(({ amounts, status }) => [amounts, status]),
    );
  });

  it('are found by account, status, reference and time', async () => {
    const fits = (isIt: (one: ReservationResource) => boolean): readonly ReservationResource[] => folded().filter(isIt);
    expect(await listed({ accountId: book.id('bob') })).toEqual(
      fits(({ account_id }) => account_id === book.id('bob')),
    );
    expect(await listed({ status: 'expired' })).toEqual(fits(({ status }) => status === 'expired'));
    expect(await listed({ reference: 'order-1' })).toEqual(fits(({ id }) => id === book.id('order')));
    const first = Date.parse(folded().at(-1)!.created_at);
    expect(await listed({ from: first, to: first })).toEqual(folded().slice(-1));
    expect(await listed({ to: first - 1 })).toEqual([]);
    const { data } = await withTenant(models.app, book.tenantId, (session) =>
      getReservation(session, book.id('order')),
    );
    expect(data).toMatchObject({
      status: 'expired',
      amounts: { captured: 200, expired: 500 },
      metadata: { shop: 'Lekki' },
    });
  });

  it("are nobody else's", async () => {
    const other = await models.tenant(3);
    await models.projected(other);
    const { data } = await withTenant(models.app, other.tenantId, (session) =>
      getReservation(session, book.id('order')),
    );
    expect(data).toBeNull();
    expect((await models.app.query('SELECT FROM reservations')).rowCount).toBe(0);
  });
});
