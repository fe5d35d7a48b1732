/**
 * Limits against a naive count of the whole stream: who may do what, on which day, in whichever time zone.
 *
 * Histories run through a real engine, with clocks that cross midnights, ends of months, leap days and summer time, and
 * with restarts from snapshots. What counts is worked out again here from what the events say that happened, without what
 * they say about limits, and for every question from the first event on.
 */
import fc from 'fast-check';
import type { Account } from '#domain/accounts/accounts.js';
import type { Command } from '#domain/commands.js';
import type { LedgerEvent } from '#domain/ledger.js';
import type { LimitUse } from '#domain/limits/limit-uses.js';
import type { LimitViolation } from '#domain/limits/evaluate-limits.js';
import { limit, replaceLimits } from '#domain/spec-support.js';
import type { TransactionFacts } from '#domain/transactions/transactions.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { makeSnapshot } from './snapshots.js';
import { LimitRecount } from './spec-limit-recount.js';
import { aTenantId, committed, createTenant, engineOn, readLedger, request, type Bench } from './spec-support.js';

const HOUR = 3_600_000;

/** Where and when something happens to the calendar within the next days. */
const SCENES: readonly (readonly [zone: string, start: string])[] = [
  ['UTC', '2024-02-28T18:00:00Z'],
  ['UTC', '2023-12-30T12:00:00Z'],
  ['Africa/Lagos', '2024-12-30T20:00:00Z'],
  // Forward on 10 March, back on 3 November.
  ['America/New_York', '2024-03-09T20:00:00Z'],
  ['America/New_York', '2024-10-31T12:00:00Z'],
  ['Europe/Berlin', '2025-10-25T18:00:00Z'],
  // Its clock goes forward over midnight, and back over it.
  ['America/Santiago', '2024-09-06T20:00:00Z'],
  ['America/Santiago', '2024-04-05T20:00:00Z'],
  ['Asia/Kathmandu', '2023-02-27T12:00:00Z'],
  ['Pacific/Kiritimati', '2024-01-30T05:00:00Z'],
];

const NAIRA = ['ada', 'bob', 'eves', 'more'] as const;
const ACCOUNTS = [...NAIRA, 'euros', 'till'] as const;
type Name = (typeof ACCOUNTS)[number];

/** A later step names what an earlier one made by its number among all of its kind. */
type Step = {
  readonly wait: number;
  readonly make: (id: (name: Name | 'eve') => string, made: (kind: Kind) => string) => Command | 'restart';
};
type Kind = 'transaction' | 'reservation';

const UNKNOWN: Readonly<Record<Kind, string>> = {
  transaction: 'ltx_01JGFJJZ00ZZZZZZZZZZZZZZZZ',
  reservation: 'rsv_01JGFJJZ00ZZZZZZZZZZZZZZZZ',
};

const amounts = fc.integer({ min: 1, max: 60 });
const naira = fc.constantFrom(...NAIRA);
const post = (data: object): Command => ({ type: 'PostTransaction', data: { currency: 'NGN', ...data } }) as Command;

const moves: fc.Arbitrary<Step['make']>[] = [
  fc.tuple(naira, fc.constantFrom(...NAIRA, 'till' as const), amounts).map(
    ([from, to, amount]) =>
      (id) =>
        post({ type: 'transfer', amount, source: id(from), destination: id(to) }),
  ),
  fc.tuple(naira, amounts).map(
    ([to, amount]) =>
      (id) =>
        post({ type: 'deposit', amount, destination: id(to) }),
  ),
  fc.tuple(naira, amounts).map(
    ([from, amount]) =>
      (id) =>
        post({ type: 'withdrawal', amount, source: id(from) }),
  ),
  fc.tuple(naira, amounts).map(
    ([from, amount]) =>
      (id) =>
        post({
          type: 'exchange',
          amount,
          rate: '2',
          destination_amount: 2 * amount,
          source: id(from),
          destination: id('euros'),
        }),
  ),
  fc.tuple(naira, naira, amounts).map(
    ([from, to, amount]) =>
      (id) =>
        ({
          type: 'PostTransaction',
          data: {
            type: 'journal',
            entries: [
              { account: id(from), direction: 'debit', amount, currency: 'NGN' },
              { account: id(to), direction: 'credit', amount, currency: 'NGN' },
            ],
          },
        }) as Command,
  ),
];

const holds: fc.Arbitrary<Step['make']>[] = [
  fc.tuple(naira, amounts, fc.integer({ min: 1, max: 60 })).map(
    ([from, amount, hours]) =>
      (id) =>
        ({
          type: 'CreateReservation',
          data: { account_id: id(from), amount, currency: 'NGN', expires_at: String(hours) },
        }) as Command,
  ),
  fc
    .tuple(fc.option(amounts, { nil: undefined }), fc.boolean(), fc.option(naira, { nil: undefined }))
    .map(([amount, final, to]) => (id, made) => ({
      type: 'CaptureReservation',
      data: {
        reservation_id: made('reservation'),
        final,
        ...(amount === undefined ? {} : { amount }),
        ...(to === undefined ? {} : { destination: id(to) }),
      },
    })),
  fc.constant((_id, made) => ({ type: 'ReleaseReservation', data: { reservation_id: made('reservation') } })),
];

const reversal: fc.Arbitrary<Step['make']> = fc.option(amounts, { nil: undefined }).map((amount) => (_id, made) => ({
  type: 'ReverseTransaction',
  data: { transaction_id: made('transaction'), ...(amount === undefined ? {} : { amount }) },
}));

const limits: fc.Arbitrary<Step['make']> = fc
  .record({
    daily: fc.integer({ min: 0, max: 150 }),
    monthly: fc.integer({ min: 0, max: 300 }),
    inbound: fc.integer({ min: 20, max: 300 }),
    max_balance: fc.option(fc.integer({ min: 900, max: 1300 }), { nil: null }),
  })
  .map(
    ({ daily, monthly, inbound, max_balance }) =>
      () =>
        replaceLimits(
          limit(daily, { currency: 'NGN' }),
          limit(monthly, { window: 'monthly', currency: 'NGN' }),
          limit(inbound, { direction: 'inbound', max_balance, currency: 'NGN' }),
          limit(inbound * 2, { direction: 'inbound', window: 'monthly', currency: 'NGN' }),
          limit(inbound, { direction: 'inbound', currency: 'EUR' }),
          limit(2 * daily, { kyc_level: 'tier2', currency: 'NGN' }),
        ),
  );

const settings: fc.Arbitrary<Step['make']>[] = [
  limits,
  fc
    .constantFrom('tier1' as const, 'tier2' as const)
    .map((kyc_tier) => (id) => ({ type: 'UpdateCustomer', data: { customer_id: id('eve'), kyc_tier } })),
  fc
    .constantFrom('Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC')
    .map((timezone) => () => ({ type: 'UpdateTenant', data: { timezone } })),
  fc.constant(() => 'restart' as const),
];

const waits = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 90 }).map((minutes) => minutes * 60_000) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }).map((hours) => hours * HOUR) },
);
const makes = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(...moves) },
  { weight: 4, arbitrary: fc.oneof(...holds) },
  { weight: 3, arbitrary: reversal },
  { weight: 2, arbitrary: fc.oneof(...settings) },
);
const steps = fc.array(fc.record({ wait: waits, make: makes, nth: fc.nat(1000) }), { minLength: 5, maxLength: 40 });

// --- whether what was decided is what the count allows ------------------------------------------------------------------

const sidesOf = ({
  type,
  source,
  destination,
  amount,
  destination_amount,
}: TransactionFacts): [string | null, LimitUse['direction'], number][] => {
  const inbound: [string | null, LimitUse['direction'], number] = [
    destination,
    'inbound',
    destination_amount ?? amount,
  ];
  if (type === 'reservation_capture') return [inbound];
  return [[source, 'outbound', amount], ...(type === 'reservation' ? [] : [inbound])];
};

/** The rules that a posting breaks, in their order; null: it is none that limits judge. */
const broken = (
  recount: LimitRecount,
  transaction: TransactionFacts,
  day: string,
): { limit?: string; balance?: string } => {
  const { type, source, destination } = transaction;
  if (type === 'reversal') return {};
  const isJudged =
    type !== 'journal' && (type === 'reservation_capture' || !recount.isOneCustomers(source ?? '', destination ?? ''));
  const exceeded = isJudged
    ? sidesOf(transaction).flatMap(([id, direction, amount]) =>
        id === null ? [] : recount.exceeded(id, direction, amount, day),
      )
    : [];
  const into = type === 'reservation' ? null : destination;
  const gained = transaction.destination_amount ?? transaction.amount;
  return { limit: exceeded[0], balance: into === null ? undefined : recount.fullAt(into, gained) };
};

const judge = (recount: LimitRecount, event: LedgerEvent): void => {
  const { data } = event;
  if (event.type === 'FundsReserved') {
    const { account_id, amount } = event.data.reservation;
    expect(recount.exceeded(account_id, 'outbound', amount, recount.dayAt(event.at))).toEqual([]);
    return;
  }
  if (!('transaction' in data) || data.transaction.type === 'journal') return;
  const { limit: exceeded, balance } = broken(recount, data.transaction, recount.dayAt(event.at));
  const { failure_code, failure_rule } = data.transaction;
  if (failure_code === null) expect([exceeded, balance]).toEqual([undefined, undefined]);
  if (failure_code === 'limit_exceeded') expect(failure_rule).toBe(exceeded);
  if (failure_code === 'max_balance_exceeded') expect([exceeded, failure_rule]).toEqual([undefined, balance]);
  if (failure_code === 'insufficient_funds') expect([exceeded, balance]).toEqual([undefined, undefined]);
};

// --- running ------------------------------------------------------------------------------------------------------------

interface World {
  readonly bench: () => Bench;
  readonly tenantId: string;
  readonly ids: ReadonlyMap<string, string>;
  readonly clock: { at: number };
  readonly restart: () => Promise<void>;
}

const worldOf = async (zone: string, start: string): Promise<World> => {
  const clock = { at: Date.parse(start) };
  const store = new MemoryEventStore();
  const now = { now: () => clock.at };
  let bench = engineOn(store, {}, { clock: now });
  const tenantId = aTenantId();
  const create = createTenant(tenantId);
  committed(
    await bench.engine.execute(request(tenantId, { ...create, data: { ...create.data, timezone: zone } } as Command)),
  );
  const ids = new Map<string, string>();
  const run = async (name: string, command: Command): Promise<void> => {
    const [event] = committed(await bench.engine.execute(request(tenantId, command))).events;
    const { data } = event!;
    ids.set(
      name,
      'customer' in data ? data.customer.customer_id : (data as { account: { account_id: string } }).account.account_id,
    );
  };
  await run('eve', { type: 'CreateCustomer', data: { kind: 'person', name: 'Eve' } });
  for (const name of ACCOUNTS) {
    const isEves = name === 'eves' || name === 'more' || name === 'euros';
    await run(name, {
      type: 'OpenAccount',
      data: {
        account_name: name,
        wallet_type: name === 'till' ? 'float' : 'customer',
        currency: name === 'euros' ? 'EUR' : 'NGN',
        allow_negative: name === 'till',
        ...(isEves ? { customer_id: ids.get('eve') } : {}),
      },
    });
  }
  // Uses nothing, because a journal never does.
  const entries = NAIRA.flatMap((name) => [
    { account: ids.get('till')!, direction: 'debit' as const, amount: 1000, currency: 'NGN' },
    { account: ids.get(name)!, direction: 'credit' as const, amount: 1000, currency: 'NGN' },
  ]);
  committed(
    await bench.engine.execute(request(tenantId, { type: 'PostTransaction', data: { type: 'journal', entries } })),
  );
  const restart = async (): Promise<void> => {
    await bench.engine.drain(0);
    await makeSnapshot(store, bench.snapshots, tenantId);
    const { snapshots, vault, indexes } = bench;
    bench = engineOn(store, {}, { clock: now, snapshots, vault, indexes });
  };
  return { bench: () => bench, tenantId, ids, clock, restart };
};

const play = async (world: World, history: readonly (Step & { readonly nth: number })[]): Promise<void> => {
  const made: Record<Kind, string[]> = { transaction: [], reservation: [] };
  const id = (name: string): string => world.ids.get(name)!;
  for (const { wait, make, nth } of history) {
    world.clock.at += wait;
    const command = make(id, (kind) => made[kind][nth % Math.max(made[kind].length, 1)] ?? UNKNOWN[kind]);
    if (command === 'restart') {
      await world.restart();
      continue;
    }
    if (command.type === 'CreateReservation') {
      const hours = Number(command.data.expires_at);
      Object.assign(command.data, { expires_at: new Date(world.clock.at + hours * HOUR).toISOString() });
    }
    const receipt = await world.bench().engine.execute(request(world.tenantId, command));
    if (receipt.kind !== 'committed') continue;
    for (const { type, data } of receipt.events) {
      if (type === 'FundsReserved') made.reservation.push(data.reservation.reservation_id);
      else if ('transaction' in data && type !== 'TransactionFailed')
        made.transaction.push(data.transaction.transaction_id);
    }
  }
};

const evaluated = async (
  world: World,
  account_id: Account['id'],
  direction: LimitUse['direction'],
  amount: number,
  currency: string,
): Promise<readonly LimitViolation[]> => {
  const command: Command = { type: 'EvaluateLimits', data: { account_id, direction, amount, currency } };
  const receipt = await world.bench().engine.execute(request(world.tenantId, command, undefined, { dryRun: true }));
  if (receipt.kind !== 'dry_run' || receipt.answer === undefined) throw new Error(`it came to ${receipt.kind}`);
  return receipt.answer.violations;
};

const RUNS = Number(process.env.DAYBOOK_PROPERTY_RUNS ?? 120);

it('limits stop exactly what a count of the whole stream stops', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SCENES), steps, async ([zone, start], history) => {
      const world = await worldOf(zone, start);
      await play(world, history);
      const recount = new LimitRecount();
      for (const event of await readLedger(world.bench().store, world.tenantId)) {
        judge(recount, event);
        recount.follow(event);
        const told = event.type === 'TransactionFailed' ? String(event.data.transaction.failure_code) : event.type;
        seen.set(told, (seen.get(told) ?? 0) + 1);
      }
      const day = recount.dayAt(world.clock.at);
      for (const name of ACCOUNTS) {
        const id = world.ids.get(name)!;
        for (const direction of ['inbound', 'outbound'] as const) {
          for (const amount of [1, 40, 400]) {
            const full = direction === 'inbound' ? recount.fullAt(id, amount) : undefined;
            const violations = await evaluated(world, id, direction, amount, name === 'euros' ? 'EUR' : 'NGN');
            expect(violations.map(({ limit_id }) => limit_id)).toEqual([
              ...recount.exceeded(id, direction, amount, day),
              ...(full === undefined ? [] : [full]),
            ]);
          }
        }
      }
      await world.bench().engine.drain(0);
    }),
    { numRuns: RUNS },
  );
  // A history in which nothing of this happens proves nothing.
  for (const type of [
    'TransactionPosted',
    'TransactionReversed',
    'FundsReserved',
    'ReservationCaptured',
    'ReservationReleased',
    'ReservationExpired',
    'limit_exceeded',
    'max_balance_exceeded',
  ]) {
    expect([type, (seen.get(type) ?? 0) > 0]).toEqual([type, true]);
  }
}, 120_000);
