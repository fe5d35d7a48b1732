import type { Command } from '#domain/commands.js';
import { account, card, DAY, deposit, elapse, named, START } from '#domain/spec-support.js';
import { formatInstant } from '#domain/time.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import type { DueTenant } from '../../libs/engine/ports.js';
import { PostgresDueHolds } from './due-holds.queries.js';

let models: ReadModels;
let dueHolds: PostgresDueHolds;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
  dueHolds = new PostgresDueHolds(models.engine);
});
afterAll(() => models.close());

const merchant = { name: 'Shop', category_code: '5411' };
const authorize = (network_reference: string, expires_at?: string): Command => ({
  type: 'AuthorizeCard',
  data: {
    card_id: '@visa',
    amount: 10,
    currency: 'NGN',
    network_reference,
    merchant,
    ...(expires_at && { expires_at }),
  },
});
const reserve = (expires_at?: string): Command => ({
  type: 'CreateReservation',
  data: { account_id: '@ada', amount: 10, currency: 'NGN', ...(expires_at && { expires_at }) },
});

const projected = (...books: StoredBook[]): Promise<void[]> =>
  Promise.all(
    books.map((book) =>
      models.until(async () => (await models.revision(book.tenantId, 'cold')) === book.events.length - 1),
    ),
  );

describe('due holds', () => {
  it('are the due times of the state, whatever made, changed and ended them', async () => {
    const book = await models.tenant(
      1,
      account('ada'),
      deposit('ada', 10_000),
      ...card('visa', 'ada'),
      named('buy', authorize('n1')),
      authorize('n2', formatInstant(START + 3 * DAY)),
      named('spent', authorize('n3')),
      named('hold', reserve()),
      named('gone', reserve()),
      { type: 'CaptureCardTransaction', data: { card_transaction_id: '@spent', amount: 10, network_reference: 'c1' } },
      { type: 'CaptureReservation', data: { reservation_id: '@hold', amount: 4, final: false } },
      { type: 'ReleaseReservation', data: { reservation_id: '@gone' } },
      elapse(3 * DAY),
      deposit('ada', 1),
    );
    await projected(book);
    const { rows } = await models.projector.query<{ hold_id: string; due_at: string }>(
      'SELECT hold_id, due_at FROM due_holds WHERE tenant_id = $1 ORDER BY hold_id',
      [book.tenantId],
    );
    expect(rows.map(({ hold_id }) => hold_id)).toEqual([book.id('hold'), book.id('buy')].sort());
    expect(book.state.dueTimes.size).toBe(2);
    expect(Math.min(...rows.map(({ due_at }) => Number(due_at)))).toBe(book.state.dueTimes.first()?.at);
  });

  it('name the tenants to wake: at the time, not a millisecond before, the longest due first', async () => {
    const [late, soon, free] = await Promise.all(
      [2, 3, 4].map((number) => models.tenant(number, account('ada'), deposit('ada', 99))),
    );
    const at = START + 6 * DAY;
    await late!.tell(reserve(formatInstant(at + 2)));
    await soon!.tell(reserve(formatInstant(at + 1)), reserve(formatInstant(at + 3)));
    await projected(late!, soon!, free!);
    const due = async (when: number, limit = 9, after: DueTenant | null = null): Promise<number[]> =>
      (await dueHolds.tenantsDue(when, limit, after)).map(({ tenantId }) =>
        [late, soon, free].findIndex((book) => book!.tenantId === tenantId),
      );
    expect(await due(at)).toEqual([]);
    expect(await due(at + 1)).toEqual([1]);
    expect(await due(at + 2)).toEqual([1, 0]);
    expect(await due(at + 2, 1)).toEqual([1]);
    const [first, second] = await dueHolds.tenantsDue(at + 3, 9);
    expect([first!.dueSince, second!.dueSince]).toEqual([at + 1, at + 2]);
    expect([await due(at + 3, 9, first), await due(at + 3, 9, second)]).toEqual([[0], []]);
    // Two that are as long due stand in the order of their ids.
    await late!.tell(reserve(formatInstant(at + 1)));
    await projected(late!);
    const both = await dueHolds.tenantsDue(at + 1, 9);
    expect(both.map(({ tenantId }) => tenantId)).toEqual([late!.tenantId, soon!.tenantId].sort());
    expect(await dueHolds.tenantsDue(at + 1, 9, both[0])).toEqual([both[1]]);
  });

  it('are nobody’s to read but the engine’s', async () => {
    expect((await models.app.query('SELECT FROM due_holds')).rowCount).toBe(0);
  });
});
