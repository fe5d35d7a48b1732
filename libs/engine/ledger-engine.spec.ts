import { MemoryEventStore } from '#event-store/memory.js';
import { committed, engineOn, request, tenantWith, transfer, readLedger } from './spec-support.js';

test('a command becomes durable events and an answer', async () => {
  const { engine, store } = engineOn(new MemoryEventStore());
  const { tenantId, accounts } = await tenantWith(engine, ['a', 'b']);
  const receipt = committed(await engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 5))));
  const events = await readLedger(store, tenantId);
  expect(events.at(-1)).toEqual(receipt.events.at(-1));
  expect(receipt).toMatchObject({ revision: events.length - 1, replayed: false });
  await engine.drain();
});

test('a repeated key writes nothing and answers as the first time, in any instance', async () => {
  const first = engineOn(new MemoryEventStore());
  const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
  const second = engineOn(first.store, {}, { vault: first.vault });
  const command = transfer(accounts[0]!, accounts[1]!, 5);
  const ask = request(tenantId, command, 'k1');
  const [a, twin] = await Promise.all([first.engine.execute(ask), first.engine.execute(ask)]);
  const again = await first.engine.execute(ask);
  const elsewhere = await second.engine.execute(ask);
  expect(a).toMatchObject({ kind: 'committed', replayed: false });
  for (const other of [twin, again, elsewhere]) expect(other).toEqual({ ...a, replayed: true });
  const other = await second.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 6), 'k1'));
  expect(other).toMatchObject({ kind: 'key_reused' });
});

test('two instances on one store lose nothing and double nothing', async () => {
  const first = engineOn(new MemoryEventStore());
  const { tenantId, accounts } = await tenantWith(first.engine, ['a', 'b']);
  const second = engineOn(first.store, {}, { vault: first.vault });
  const before = (await readLedger(first.store, tenantId)).length;
  const asked = Array.from({ length: 200 }, (_, i) =>
    [first, second][i % 2]!.engine.execute(request(tenantId, transfer(accounts[0]!, accounts[1]!, 1), `k${i}`)),
  );
  const receipts = (await Promise.all(asked)).map(committed);
  const events = (await readLedger(first.store, tenantId)).slice(before);
  expect(events).toHaveLength(200);
  expect(new Set(receipts.map(({ revision }) => revision)).size).toBe(200);
});
