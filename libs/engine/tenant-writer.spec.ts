import { ledgerStream } from '#domain/codec.js';
import { timeOfUlid } from '#domain/ids.js';
import type { Command } from '#domain/commands.js';
import { MemoryEventStore } from '#event-store/memory.js';
import { chained, NO_HASH } from './hash-chain.js';
import { NotTaken, type Receipt } from './ports.js';
import {
  benches,
  MisbehavingStore,
  NOW,
  aTenantId,
  accountOf,
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
import { WRITER_BOUNDS } from './tenant-writer.js';

const bench = benches();

const reasonOf = (outcome: PromiseSettledResult<unknown>): string =>
  outcome.status === 'rejected' && outcome.reason instanceof NotTaken ? outcome.reason.reason : String(outcome.status);
const withBounds = (bounds: Partial<typeof WRITER_BOUNDS>): { bounds: typeof WRITER_BOUNDS } => ({
  bounds: { ...WRITER_BOUNDS, ...bounds },
});

describe('what is written', () => {
  test('follows on in revision, id, time, sequence and hash', async () => {
    const { engine, store } = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    await Promise.all(
      Array.from({ length: 50 }, () => engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)))),
    );
    const stored = await readStream(store, ledgerStream(tenantId));
    const events = await readLedger(store, tenantId);
    let hash = NO_HASH;
    for (const { payload, hash: beside } of stored)
      expect(Buffer.compare((hash = chained(hash, payload)), beside)).toBe(0);
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, i) => i));
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).sort());
    expect(events.every(({ at, id }) => at === NOW && timeOfUlid(id) === NOW)).toBe(true);
    const sequences = events.flatMap(({ meta }) => meta.sequence ?? []);
    expect(sequences).toEqual(sequences.map((_, i) => i + 1));
    expect(events.every(({ meta }) => meta.tenant_id === tenantId)).toBe(true);
  });

  test('a clock that goes back does not take time back with it', async () => {
    let now = NOW;
    const { engine, store } = bench(new MemoryEventStore(), {}, { clock: { now: () => now } });
    const { tenantId } = await tenantWith(engine, ['a']);
    now = NOW - 3_600_000;
    await engine.execute(request(tenantId, openAccount('b')));
    now = NOW + 5;
    await engine.execute(request(tenantId, openAccount('c')));
    expect((await readLedger(store, tenantId)).slice(-2).map(({ at }) => at)).toEqual([NOW, NOW + 5]);
  });

  test('names who did it, and the key only on the first event of a command', async () => {
    const { engine, store } = bench(new MemoryEventStore());
    const tenantId = aTenantId();
    await engine.execute(request(tenantId, createTenant(tenantId)));
    const account = committed(await engine.execute(request(tenantId, openAccount('a'))));
    const ask = request(tenantId, deposit(accountOf(account.events[0]!), 5), 'k', {
      actor: 'usr_1',
      requestId: 'req_1',
      apiVersion: '2026-05-19',
      ip: '192.0.2.7',
    });
    // The first deposit finds no float: it opens one, and is then refused as a posting for want of funds.
    const receipt = committed(await engine.execute(ask));
    const metas = (await readLedger(store, tenantId))
      .map(({ meta }) => meta)
      .filter(({ request_id }) => request_id === 'req_1');
    expect(metas).toHaveLength(receipt.events.length);
    expect(metas[0]).toMatchObject({
      actor: 'usr_1',
      request_id: 'req_1',
      api_version: '2026-05-19',
      ip: 's1.usr_1.192.0.2.7',
    });
    expect(metas[0]?.idempotency).toMatchObject({ key: 'k', events: receipt.events.length, part: null });
    for (const meta of metas.slice(1)) expect(meta.idempotency).toBeNull();
  });

  test('commands that come together are one append', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store);
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    const before = store.calls.length;
    await Promise.all(
      Array.from({ length: 100 }, () => engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)))),
    );
    expect(store.calls).toHaveLength(before + 1);
    expect(engine.counters.largestBatch).toBe(100);
  });

  test('commands whose events don’t fit into one append go into the next, in order', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store);
    const { tenantId } = await tenantWith(engine, []);
    const before = store.calls.length;
    const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'x'.repeat(400)]));
    const large = (i: number): Command => {
      const command = openAccount(`large-${i}`);
      return { ...command, data: { ...command.data, metadata } } as Command;
    };
    const receipts = await Promise.all(
      Array.from({ length: 100 }, (_, i) => engine.execute(request(tenantId, large(i)))),
    );
    const revisions = receipts.map((receipt) => committed(receipt).revision);
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(store.calls.length).toBeGreaterThan(before + 1);
  });

  test('a command that fits into no append is told so, and the others are not held up', async () => {
    const { engine, store } = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(engine, []);
    const before = (await readLedger(store, tenantId)).length;
    const { data } = openAccount('huge') as { data: object };
    const huge = {
      type: 'OpenAccount',
      data: { ...data, metadata: { a: 'x'.repeat(1_100_000) } },
    } as unknown as Command;
    const [a, b] = await Promise.all([
      engine.execute(request(tenantId, huge)),
      engine.execute(request(tenantId, openAccount('b'))),
    ]);
    expect(a).toMatchObject({ kind: 'too_large', limit: 1_000_000 });
    expect(committed(b!).revision).toBe(before);
  });
});

describe('what is not written', () => {
  test('refusals and dry runs append nothing', async () => {
    const { engine, store } = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    const before = await readLedger(store, tenantId);
    const dry = await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), 'k', { dryRun: true }));
    expect(dry).toMatchObject({ kind: 'dry_run', events: [{ type: 'TransactionPosted' }] });
    const refused = await engine.execute(request(tenantId, openAccount('a')));
    expect(refused).toMatchObject({ kind: 'refused', refusal: { code: 'duplicate_account_code' } });
    expect(await readLedger(store, tenantId)).toEqual(before);
    // Nothing of the dry run was remembered: its key is free.
    committed(await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 2), 'k')));
  });

  test('what throws is its own failure and leaves no trace', async () => {
    const { engine, store } = bench(new MemoryEventStore());
    const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
    const before = (await readLedger(store, tenantId)).length;
    const bad = {
      ...transfer(accounts[0]!, accounts[1]!, 1),
      data: { ...transfer(accounts[0]!, accounts[1]!, 1).data, narration: 'a\u0000b' },
    };
    const results = await Promise.allSettled([
      engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1))),
      engine.execute(request(tenantId, bad as Command, 'k')),
      engine.execute(request(tenantId, { type: 'Nonsense', data: {} } as unknown as Command)),
      engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1))),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect((await readLedger(store, tenantId)).length).toBe(before + 2);
    committed(await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), 'k')));
  });

  test('an unknown tenant is refused, and nothing is kept of it', async () => {
    const { engine } = bench(new MemoryEventStore());
    const tenantId = aTenantId();
    const receipt = await engine.execute(request(tenantId, openAccount('a')));
    expect(receipt).toMatchObject({ kind: 'refused', revision: -1, refusal: { code: 'tenant_not_found' } });
    expect(engine.describe(tenantId)).toBeNull();
  });

  test('a tenant that another instance has made meanwhile is found', async () => {
    const first = bench(new MemoryEventStore());
    const second = bench(first.store, {}, { vault: first.vault });
    const tenantId = aTenantId();
    await second.engine.execute(request(tenantId, openAccount('a')));
    await second.engine.execute(request(tenantId, createTenant(tenantId), undefined, { dryRun: true }));
    await first.engine.execute(request(tenantId, createTenant(tenantId)));
    committed(await second.engine.execute(request(tenantId, openAccount('a'))));
  });
});

describe('sealing', () => {
  test('keys that are missing are loaded all at once and the batch is decided again with new ids', async () => {
    const { engine, vault, store } = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(engine, []);
    const create = (i: number): Command => ({ type: 'CreateCustomer', data: { kind: 'person', name: `n${i}` } });
    const created = await Promise.all([0, 1, 2].map((i) => engine.execute(request(tenantId, create(i)))));
    const customers = created.map((receipt) => `cust_${committed(receipt).events[0]!.id}`);
    vault.keys.clear();
    vault.loads.length = 0;
    const open = (customer_id: string, i: number): Command => {
      const command = openAccount(`c${i}`);
      return { ...command, data: { ...command.data, customer_id } } as Command;
    };
    const receipts = await Promise.all(customers.map((id, i) => engine.execute(request(tenantId, open(id, i)))));
    expect(vault.loads).toEqual([customers]);
    receipts.forEach(committed);
    expect(JSON.stringify(await readLedger(store, tenantId))).toContain(`s1.${customers[1]}.c1`);
  });

  test('a vault that can’t keep the keys means that nothing is appended', async () => {
    const { engine, vault, store, alarms } = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(engine, []);
    const before = (await readLedger(store, tenantId)).length;
    vault.persisting = () => Promise.reject(new Error('the database is gone'));
    await expect(engine.execute(request(tenantId, openAccount('a')))).rejects.toMatchObject({
      reason: 'store_unavailable',
    });
    expect(alarms).toMatchObject([{ kind: 'trouble', tenantId }]);
    vault.persisting = async () => {};
    expect((await readLedger(store, tenantId)).length).toBe(before);
    committed(await engine.execute(request(tenantId, openAccount('a'))));
  });

  test('a key that another instance made first is loaded, and the batch decided again', async () => {
    const { engine, vault } = bench(new MemoryEventStore());
    const { tenantId } = await tenantWith(engine, []);
    let first = true;
    vault.persisting = () => {
      if (!first) return Promise.resolve();
      first = false;
      return Promise.reject(Object.assign(new Error('lost'), { name: 'SubjectKeyMissing', subject: 'cust_9' }));
    };
    committed(await engine.execute(request(tenantId, openAccount('a'))));
    expect(vault.loads.at(-1)).toEqual(['cust_9']);
    expect(engine.counters.conflicts).toBe(0);
  });
});

describe('conflicts', () => {
  const rivalry = async (): Promise<{
    a: Bench;
    b: Bench;
    store: MisbehavingStore;
    tenantId: string;
    accounts: string[];
  }> => {
    const store = new MisbehavingStore();
    const a = bench(store);
    const b = bench(store.inner, {}, { vault: a.vault });
    return { a, b, store, ...(await tenantWith(a.engine, ['a', 'b'])) };
  };

  test('whoever loses reads what the other wrote and decides again, with new ids', async () => {
    const { a, b, store, tenantId, accounts } = await rivalry();
    let rounds = 0;
    store.rival = async () => {
      if (rounds++ < 4) committed(await b.engine.execute(request(tenantId, transfer(accounts[1]!, accounts[0]!, 10))));
    };
    const calls = store.calls.length;
    const receipt = committed(await a.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 7))));
    const attempts = store.calls.slice(calls).map((call) => call[0]!);
    expect(attempts).toHaveLength(5);
    expect(new Set(attempts.map(({ events }) => events[0]!.id)).size).toBe(5);
    expect(a.engine.counters.conflicts).toBe(4);
    const last = (await readLedger(store, tenantId)).at(-1)!;
    expect(receipt.events).toEqual([last]);
    expect(last.data).toMatchObject({ entries: [{ balance_after: 1_000_033 }, { balance_after: 999_967 }] });
  });

  test('a decision that rests on what the other changed comes out otherwise', async () => {
    const { a, b, store, tenantId } = await rivalry();
    let done = false;
    store.rival = async () => {
      if (done) return;
      done = true;
      committed(await b.engine.execute(request(tenantId, openAccount('c'))));
    };
    const [c, d] = await Promise.all(['c', 'd'].map((code) => a.engine.execute(request(tenantId, openAccount(code)))));
    expect(c).toMatchObject({ kind: 'refused', refusal: { code: 'duplicate_account_code' } });
    committed(d!);
  });

  test('a refusal is only said when it is true of the newest state', async () => {
    const { a, b, tenantId, accounts } = await rivalry();
    const opened = committed(await b.engine.execute(request(tenantId, openAccount('c'))));
    const id = accountOf(opened.events[0]!);
    // To the first instance, which has not heard of it, this account does not exist.
    committed(await a.engine.execute(request(tenantId, transfer(accounts[0]!, id, 5))));
  });

  test('a key that the other instance used meanwhile is answered from there', async () => {
    const { a, b, store, tenantId, accounts } = await rivalry();
    const ask = request(tenantId, transfer(accounts[0]!, accounts[1]!, 7), 'k');
    let theirs: Receipt | undefined;
    store.rival = async () => {
      theirs ??= await b.engine.execute(ask);
    };
    const [mine, twin] = await Promise.all([a.engine.execute(ask), a.engine.execute(ask)]);
    expect(mine).toEqual({ ...theirs, replayed: true });
    expect(twin).toEqual(mine);
  });

  test('a stream that is not the one it knows parks the tenant', async () => {
    const { a, store, tenantId, accounts } = await rivalry();
    const other = new MemoryEventStore();
    const stored = await readStream(store, ledgerStream(tenantId));
    const forged = bench(other, {}, { vault: a.vault });
    await forged.engine.execute(request(tenantId, createTenant(tenantId)));
    for (let i = 0; i < stored.length; i++) await forged.engine.execute(request(tenantId, openAccount(`f${i}`)));
    Object.assign(store, { inner: other });
    const ask = a.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1)));
    await expect(ask).rejects.toMatchObject({ reason: 'tenant_parked' });
    expect(a.alarms).toMatchObject([{ kind: 'tenant_parked', tenantId }]);
  });
});

describe('bounds', () => {
  test('a queue that is full sends away', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store, withBounds({ queuedCommands: 3, batchCommands: 1 }));
    const { tenantId } = await tenantWith(engine, []);
    store.mishaps.push('slow');
    const asked = Array.from({ length: 5 }, (_, i) => engine.execute(request(tenantId, openAccount(`q${i}`))));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(reasonOf)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'queue_full', 'queue_full']);
    committed(await engine.execute(request(tenantId, openAccount('later'))));
  });

  test('also by bytes, but one command alone may be as large as it likes', async () => {
    const { engine } = bench(new MemoryEventStore(), withBounds({ queuedBytes: 2_000 }));
    const { tenantId } = await tenantWith(engine, []);
    const wide = (code: string): Command => {
      const command = openAccount(code);
      return { ...command, data: { ...command.data, metadata: { a: 'x'.repeat(3_000) } } } as Command;
    };
    const outcomes = await Promise.allSettled(['a', 'b'].map((code) => engine.execute(request(tenantId, wide(code)))));
    expect(outcomes.map(reasonOf)).toEqual(['fulfilled', 'queue_full']);
  });

  test('what waits too long is sent away', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store, withBounds({ queuedMs: 50, batchCommands: 1, pendingMs: 60_000 }));
    const { tenantId } = await tenantWith(engine, []);
    store.mishaps.push(...Array(6).fill('unknown_lost' as const));
    const first = engine.execute(request(tenantId, openAccount('a')));
    const second = engine.execute(request(tenantId, openAccount('b')));
    await expect(second).rejects.toMatchObject({ reason: 'store_unavailable' });
    committed(await first);
  });

  test('draining finishes what was taken and takes nothing more', async () => {
    const store = new MisbehavingStore();
    const { engine } = bench(store);
    const { tenantId } = await tenantWith(engine, []);
    store.mishaps.push('slow');
    const taken = Array.from({ length: 20 }, (_, i) => engine.execute(request(tenantId, openAccount(`d${i}`))));
    const drained = engine.drain();
    await expect(engine.execute(request(tenantId, openAccount('late')))).rejects.toMatchObject({ reason: 'draining' });
    (await Promise.all(taken)).forEach(committed);
    await drained;
  });
});

test('a store that can’t be read sends commands away, and the tenant is not parked', async () => {
  const store = new MisbehavingStore();
  const first = bench(store);
  const { tenantId } = await tenantWith(first.engine, []);
  const { engine, alarms } = bench(store, {}, { vault: first.vault });
  store.readable = false;
  await expect(engine.execute(request(tenantId, openAccount('a')))).rejects.toMatchObject({
    reason: 'store_unavailable',
  });
  expect(alarms).toMatchObject([{ kind: 'trouble' }]);
  store.readable = true;
  committed(await engine.execute(request(tenantId, openAccount('a'))));
});

test('many tenants at once share calls of the store', async () => {
  const store = new MisbehavingStore();
  const { engine } = bench(store);
  const tenants = Array.from({ length: 40 }, aTenantId);
  (await Promise.all(tenants.map((id) => engine.execute(request(id, createTenant(id)))))).forEach(committed);
  const calls = store.calls.length;
  (await Promise.all(tenants.map((id) => engine.execute(request(id, openAccount('a')))))).forEach(committed);
  expect(store.calls.length - calls).toBeLessThan(5);
  expect(engine.gauges()).toMatchObject({ loadedTenants: 40, queued: 0, parkedTenants: 0 });
});

test('a twin whose body differs is a conflict of keys', async () => {
  const { engine } = bench(new MemoryEventStore());
  const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
  const [a, b] = await Promise.all(
    [1, 2].map((amount) => engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, amount), 'k'))),
  );
  committed(a!);
  expect(b).toMatchObject({ kind: 'key_reused' });
});

test('parts of a batch under one key: each replays, and the bare key is taken', async () => {
  const { engine, store, vault } = bench(new MemoryEventStore());
  const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
  const part = (i: number, body = 'the batch') =>
    request(tenantId, transfer(accounts[0]!, accounts[1]!, i + 1), 'k', {
      idempotency: { key: 'k', request: body, operation: 'batch', part: { i, n: 3 } },
    });
  const first = await Promise.all([engine.execute(part(0)), engine.execute(part(1))]);
  const before = (await readLedger(store, tenantId)).length;
  const again = await Promise.all([0, 1, 2].map((i) => engine.execute(part(i))));
  expect(again.slice(0, 2)).toEqual(first.map((receipt) => ({ ...receipt, replayed: true })));
  expect(committed(again[2]!).replayed).toBe(false);
  expect((await readLedger(store, tenantId)).length).toBe(before + 1);
  expect(await engine.execute(part(0, 'another'))).toMatchObject({ kind: 'key_reused' });
  expect(await engine.execute(part(4, 'another'))).toMatchObject({ kind: 'key_reused' });
  expect(await engine.execute(request(tenantId, openAccount('c'), 'k'))).toMatchObject({ kind: 'key_reused' });
  // The same of an instance that has to ask the index.
  const other = bench(store, { windowRevisions: 1 }, { vault });
  for (let i = 0; i < 5; i++) await other.engine.execute(request(tenantId, openAccount(`other-${i}`)));
  expect(await other.engine.execute(part(0))).toEqual({ ...first[0], replayed: true });
  expect(await other.engine.execute(part(4, 'another'))).toMatchObject({ kind: 'key_reused' });
  expect(await other.engine.execute(request(tenantId, openAccount('c'), 'k'))).toMatchObject({ kind: 'key_reused' });
});
