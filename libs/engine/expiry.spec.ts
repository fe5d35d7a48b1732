/** Holds end exactly at their time, once, however many engines there are and whatever happens to them. */
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import { formatInstant } from '#domain/time.js';
import { MOST_EXPIRIES } from './attempt.js';
import { FOLD_VERSION, loadBooks, makeSnapshot } from './snapshots.js';
import {
  benches,
  committed,
  MemorySnapshots,
  MisbehavingStore,
  NOW,
  readLedger,
  request,
  tenantWith,
  transfer,
  type Bench,
} from './spec-support.js';

const bench = benches();

const MINUTE = 60_000;

const reserve = (account_id: string, amount: number, expiresAt = NOW + MINUTE, more: object = {}): Command => ({
  type: 'CreateReservation',
  data: { account_id, amount, currency: 'NGN', expires_at: formatInstant(expiresAt), ...more },
});
const capture = (reservation_id: string, amount: number, destination: string, final = false): Command => ({
  type: 'CaptureReservation',
  data: { reservation_id, amount, destination, final },
});
const WAKE: Command = { type: 'ExpireDueHolds', data: {} };

const reservationId = (events: readonly LedgerEvent[]): string => {
  const { data } = events.at(-1)!;
  if (!('reservation' in data)) throw new RangeError('no reservation');
  return data.reservation.reservation_id;
};

/** One that can be set. */
const clockAt = (start: number) => {
  const clock = { at: start, now: () => clock.at };
  return clock;
};

const setUp = async (store = new MisbehavingStore()) => {
  const clock = clockAt(NOW);
  const first = bench(store, {}, { clock });
  const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b'], 1000);
  const [a, b] = accounts as [string, string];
  const run = (command: Command, key?: string, { engine }: Bench = first) =>
    engine.execute(request(tenantId, command, key));
  const hold = async (amount: number, expiresAt?: number): Promise<string> =>
    reservationId(committed(await run(reserve(a, amount, expiresAt))).events);
  const types = async (): Promise<string[]> => (await readLedger(store, tenantId)).map(({ type }) => type);
  const expired = async (): Promise<LedgerEvent[]> =>
    (await readLedger(store, tenantId)).filter(({ type }) => type === 'ReservationExpired');
  /** Another engine on the same data, with the same clock. */
  const second = (): Bench => bench(store.inner, {}, { clock, vault: first.vault });
  return { store, clock, first, second, tenantId, a, b, run, hold, types, expired };
};

describe('a hold', () => {
  test('is there a millisecond before its time, and gone at it, before the command that comes then', async () => {
    const { clock, a, b, run, hold, expired, types } = await setUp();
    const id = await hold(1000);
    clock.at = NOW + MINUTE - 1;
    expect(committed(await run(transfer(a, b, 1))).events[0]).toMatchObject({ type: 'TransactionFailed' });
    expect(await expired()).toEqual([]);
    clock.at = NOW + MINUTE;
    expect(await run(capture(id, 1, b))).toMatchObject({ kind: 'refused', refusal: { code: 'invalid_state' } });
    expect(await expired()).toMatchObject([{ at: NOW + MINUTE, data: { reservation: { status: 'expired' } } }]);
    expect(committed(await run(transfer(a, b, 1000))).events[0]).toMatchObject({ type: 'TransactionPosted' });
    expect((await types()).slice(-2)).toEqual(['ReservationExpired', 'TransactionPosted']);
  });

  test('ends in the append of the command that comes next, as the system’s act and not the command’s', async () => {
    const { store, clock, tenantId, a, b, run, hold } = await setUp();
    await hold(400);
    await hold(300);
    clock.at = NOW + MINUTE;
    const calls = store.calls.length;
    const receipt = committed(await run(transfer(a, b, 1000), 'k'));
    expect(store.calls.slice(calls).map(([append]) => append!.events.map(({ type }) => type))).toEqual([
      ['ReservationExpired', 'ReservationExpired', 'TransactionPosted'],
    ]);
    expect(receipt.events.map(({ type }) => type)).toEqual(['TransactionPosted']);
    const [first, , posted] = (await readLedger(store, tenantId)).slice(-3);
    expect(first!.meta).toMatchObject({ actor: 'system', request_id: null, ip: null, idempotency: null });
    expect(posted!.meta).toMatchObject({ actor: 'key_spec', idempotency: { key: 'k', events: 1 } });
    expect(posted!.meta.sequence).toBe((first!.meta.sequence as number) + 2);
    expect(await run(transfer(a, b, 1000), 'k')).toEqual({ ...receipt, replayed: true });
  });

  test('ends though the command is refused, or only tried', async () => {
    const { clock, first, tenantId, a, b, run, hold, expired } = await setUp();
    await hold(400);
    await hold(300, NOW + 2 * MINUTE);
    clock.at = NOW + MINUTE;
    expect(await run(transfer(a, 'acc_none', 1))).toMatchObject({ refusal: { code: 'account_not_found' } });
    expect(await expired()).toHaveLength(1);
    clock.at = NOW + 2 * MINUTE;
    const tried = await first.engine.execute({ ...request(tenantId, transfer(a, b, 1000)), dryRun: true });
    expect(tried).toMatchObject({ kind: 'dry_run', events: [{ type: 'TransactionPosted' }] });
    expect(await expired()).toHaveLength(2);
  });

  test('of a card ends in the same way, and is cleared all the same afterwards', async () => {
    const { clock, a, run, types } = await setUp();
    const issued = committed(await run({ type: 'IssueCard', data: { account_id: a, type: 'virtual' } }));
    const { data } = issued.events[0]!;
    const card_id = 'card' in data ? data.card.card_id : '';
    committed(await run({ type: 'ChangeCardStatus', data: { card_id, action: 'activate' } }));
    const merchant = { name: 'Shop', category_code: '5411' };
    const authorized = committed(
      await run({
        type: 'AuthorizeCard',
        data: {
          card_id,
          amount: 700,
          currency: 'NGN',
          network_reference: 'n1',
          merchant,
          expires_at: formatInstant(NOW + MINUTE),
        },
      }),
    );
    const facts = authorized.events[0]!.data;
    const card_transaction_id = 'card_transaction' in facts ? (facts.card_transaction?.card_transaction_id ?? '') : '';
    clock.at = NOW + MINUTE;
    const late: Command = {
      type: 'CaptureCardTransaction',
      data: { card_transaction_id, amount: 500, network_reference: 'n2' },
    };
    const captured = committed(await run(late)).events.at(-1)!;
    expect((await types()).slice(-5)).toEqual([
      'CardAuthorizationExpired',
      'SystemAccountOpened',
      'SettlementOpened',
      'CardTransactionPosted',
      'LiquidityRestored',
    ]);
    expect(captured.data).toMatchObject({
      card_transaction: { amounts: { expired: 700, captured: 500, over_captured: 500, held: 0 } },
    });
  });
});

describe('a tenant at rest', () => {
  test('is woken by a command that decides nothing, and nothing is written where nothing is due', async () => {
    const { store, clock, run, hold, expired, first } = await setUp();
    await hold(400);
    const calls = store.calls.length;
    expect(await run(WAKE)).toMatchObject({ kind: 'committed', events: [] });
    expect([await expired(), store.calls.length]).toEqual([[], calls]);
    clock.at = NOW + MINUTE;
    const woken = committed(await run(WAKE));
    expect((await expired()).map(({ revision }) => revision)).toEqual([woken.revision]);
    expect(first.engine.counters.conflicts).toBe(0);
  });

  test('ends its holds while it is suspended', async () => {
    const { clock, tenantId, first, run, hold, expired } = await setUp();
    await hold(400);
    const suspend: Command = { type: 'ChangeTenantStatus', data: { status: 'suspended' } };
    const operator = { plane: 'admin', keyId: null, entitlement: null } as const;
    committed(await first.engine.execute(request(tenantId, suspend, undefined, { issuer: operator })));
    clock.at = NOW + MINUTE;
    committed(await run(WAKE));
    expect(await expired()).toHaveLength(1);
  });
});

describe('several engines', () => {
  test('end a hold once, whoever is first', async () => {
    const { clock, tenantId, a, b, run, hold, second, expired } = await setUp();
    await hold(1000);
    const other = second();
    committed(await other.engine.execute(request(tenantId, WAKE)));
    clock.at = NOW + MINUTE;
    const outcomes = await Promise.all([
      run(transfer(a, b, 600)),
      run(transfer(a, b, 600), undefined, other),
      run(WAKE),
      run(WAKE, undefined, other),
    ]);
    const posted = outcomes.flatMap((receipt) => committed(receipt).events.map(({ type }) => type));
    expect(posted.sort()).toEqual(['TransactionFailed', 'TransactionPosted']);
    expect(await expired()).toHaveLength(1);
  });

  test('whoever loses the race decides again on the hold as the other left it', async () => {
    const { store, clock, tenantId, b, run, hold, second, expired, first } = await setUp();
    const id = await hold(1000);
    const other = second();
    clock.at = NOW + MINUTE;
    let once = true;
    store.rival = async () => {
      if (!once) return;
      once = false;
      committed(await other.engine.execute(request(tenantId, WAKE)));
    };
    expect(await run(capture(id, 1, b))).toMatchObject({ refusal: { code: 'invalid_state' } });
    expect(await expired()).toHaveLength(1);
    expect(first.engine.counters.conflicts).toBe(1);
  });

  test('never capture more than a reservation holds', async () => {
    const { store, tenantId, a, b, hold, second, first } = await setUp();
    const id = await hold(500);
    const engines = [first, second()];
    const asked = Array.from({ length: 40 }, (_, i) =>
      engines[i % 2]!.engine.execute(request(tenantId, capture(id, 25, b))),
    );
    const outcomes = (await Promise.all(asked)).map((receipt) =>
      receipt.kind === 'refused' ? receipt.refusal.code : committed(receipt).events[0]!.type,
    );
    expect(outcomes.filter((one) => one === 'ReservationCaptured')).toHaveLength(20);
    expect(new Set(outcomes)).toEqual(new Set(['ReservationCaptured', 'invalid_state']));
    const { state } = await loadBooks(store, new MemorySnapshots(), tenantId, { windowRevisions: 10, recent: null });
    expect([a, b].map((account) => state.accounts.get(account))).toMatchObject([
      { balance: 500, held: 0 },
      { balance: 1500 },
    ]);
  });
});

describe('what happens in between', () => {
  test('a snapshot keeps open holds, and their time with them', async () => {
    const { store, clock, tenantId, first, hold, expired } = await setUp();
    await hold(400);
    await hold(300, NOW + 2 * MINUTE);
    const snapshots = new MemorySnapshots();
    await makeSnapshot(store, snapshots, tenantId);
    expect(snapshots.saved.has(`${tenantId}/${FOLD_VERSION}`)).toBe(true);
    const restored = await loadBooks(store, snapshots, tenantId, { windowRevisions: 10, recent: null });
    expect(restored.state.dueTimes.size).toBe(2);
    expect(restored.state.dueTimes.first()?.at).toBe(NOW + MINUTE);
    clock.at = NOW + MINUTE;
    const later = bench(store, {}, { clock, snapshots, vault: first.vault });
    committed(await later.engine.execute(request(tenantId, WAKE)));
    expect(await expired()).toHaveLength(1);
    const folded = await loadBooks(store, new MemorySnapshots(), tenantId, { windowRevisions: 10, recent: null });
    expect([folded.state.reservations.size, folded.state.dueTimes.size]).toEqual([1, 1]);
  });

  test.each(['unknown_written', 'unknown_lost'] as const)('%s: it ends once', async (mishap) => {
    const { store, clock, run, hold, expired, a, b } = await setUp();
    await hold(1000);
    clock.at = NOW + MINUTE;
    store.mishaps.push(mishap);
    expect(committed(await run(transfer(a, b, 1000))).events[0]).toMatchObject({ type: 'TransactionPosted' });
    expect(await expired()).toHaveLength(1);
  });

  test('a crash after the append, and one before it: the next process goes on from the stream', async () => {
    const { store, clock, tenantId, a, b, run, hold, expired, second } = await setUp();
    await hold(600);
    await hold(400, NOW + 2 * MINUTE);
    clock.at = NOW + MINUTE;
    store.mishaps.push('silent');
    // Nobody ever answers it: the process is gone.
    void run(transfer(a, b, 600)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await expired()).toHaveLength(1);
    const next = second();
    committed(await next.engine.execute(request(tenantId, WAKE)));
    expect(await expired()).toHaveLength(1);
    clock.at = NOW + 2 * MINUTE;
    store.mishaps.push(...Array<'unknown_lost'>(9).fill('unknown_lost'));
    const lost = bench(store, {}, { clock, vault: next.vault });
    void lost.engine.execute(request(tenantId, WAKE)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await lost.engine.drain(0);
    expect(await expired()).toHaveLength(1);
    const after = second();
    committed(await after.engine.execute(request(tenantId, WAKE)));
    expect((await expired()).map(({ at }) => at)).toEqual([NOW + MINUTE, NOW + 2 * MINUTE]);
  });

  test('more than fit into one append go first, in appends of their own', async () => {
    const { store, clock, first, tenantId, a, b, run, types } = await setUp();
    const count = 2 * MOST_EXPIRIES + 20;
    const holds = Array.from({ length: count }, (_, i) => reserve(a, 1, NOW + MINUTE + (i % 7)));
    committed(await run({ ...transfer(b, a, 1000) }));
    await Promise.all(holds.map((command) => first.engine.execute(request(tenantId, command))));
    clock.at = NOW + MINUTE + 10;
    const calls = store.calls.length;
    const asked = [run(transfer(a, b, 2000)), run(transfer(a, b, 1))];
    const [paid, failed] = (await Promise.all(asked)).map((receipt) => committed(receipt).events[0]);
    expect([paid?.type, failed?.type]).toEqual(['TransactionPosted', 'TransactionFailed']);
    const sizes = store.calls.slice(calls).map(([append]) => append!.events.length);
    expect(sizes).toEqual([MOST_EXPIRIES, MOST_EXPIRIES, 22]);
    expect((await types()).filter((type) => type === 'ReservationExpired')).toHaveLength(count);
  });

  test('a few that are too large together go into several appends', async () => {
    const { store, clock, a, b, run, expired } = await setUp();
    const metadata = { note: 'x'.repeat(400_000) };
    for (let i = 0; i < 4; i++) committed(await run(reserve(a, 1, undefined, { metadata })));
    clock.at = NOW + MINUTE;
    const calls = store.calls.length;
    committed(await run(transfer(a, b, 1000)));
    expect(store.calls.slice(calls).map(([append]) => append!.events.length)).toEqual([2, 3]);
    expect(await expired()).toHaveLength(4);
  });

  test('one that can’t be appended at all stays, and keeps nothing else from going on', async () => {
    const { clock, a, b, run, hold, expired } = await setUp();
    let room = 999_999;
    // The largest that can be made: its expiry says a little more and is too large.
    while ((await run(reserve(a, 1, undefined, { metadata: { note: 'x'.repeat(room) } }))).kind === 'too_large')
      room -= 20;
    await hold(1);
    clock.at = NOW + MINUTE;
    expect(committed(await run(transfer(a, b, 1000))).events[0]).toMatchObject({ type: 'TransactionFailed' });
    expect(committed(await run(transfer(a, b, 999))).events[0]).toMatchObject({ type: 'TransactionPosted' });
    expect(await expired()).toHaveLength(1);
  });
});
