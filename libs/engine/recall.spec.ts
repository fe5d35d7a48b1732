import { ulidOf } from '#domain/ids.js';
import type { Command } from '#domain/commands.js';
import { MemoryEventStore } from '#event-store/memory.js';
import type { LedgerEngine } from './ledger-engine.js';
import { committed, deposit, engineOn, request, tenantWith, type Bench } from './spec-support.js';

const run = async (engine: LedgerEngine, tenantId: string, command: Command) =>
  committed(await engine.execute(request(tenantId, command))).events.at(-1)!;

/** A purchase of 100 that was captured and refunded, on an account that much came to since. */
const refunded = async (bench: Bench) => {
  const { engine } = bench;
  const { tenantId, accounts } = await tenantWith(engine, ['ada']);
  const account_id = accounts[0]!;
  const card_id = `card_${(await run(engine, tenantId, { type: 'IssueCard', data: { account_id, type: 'virtual' } })).id}`;
  await run(engine, tenantId, { type: 'ChangeCardStatus', data: { card_id, action: 'activate' } });
  const purchase = {
    card_id,
    amount: 100,
    currency: 'NGN',
    merchant: { name: 'Shop', category_code: '5411' },
    network_reference: 'a1',
  };
  const authorized = await run(engine, tenantId, { type: 'AuthorizeCard', data: purchase });
  const card_transaction_id = `txn_${authorized.id}`;
  const about = { card_transaction_id, amount: 100 };
  await run(engine, tenantId, { type: 'CaptureCardTransaction', data: { ...about, network_reference: 'c1' } });
  const refund = await run(engine, tenantId, {
    type: 'RefundCardTransaction',
    data: { ...about, network_reference: 'r1' },
  });
  // A second clearing, so that the refund's event is not the last word on the purchase.
  await run(engine, tenantId, {
    type: 'CaptureCardTransaction',
    data: { ...about, amount: 7, network_reference: 'c2' },
  });
  for (let n = 0; n < 30; n++) await run(engine, tenantId, deposit(account_id, 1));
  return { tenantId, card_transaction_id, takeBack: (amount: number): Command => takingBack(refund.id, amount) };
};

const takingBack = (eventId: string, amount: number): Command => ({
  type: 'ReverseTransaction',
  data: { transaction_id: `ltx_${ulidOf(eventId)}`, amount },
});

describe('what the loaded events lead to is loaded too', () => {
  test.each([
    ['from memory', 10_000],
    ['from the index, once nothing of it is in memory', 4],
  ])('%s', async (_telling, windowRevisions) => {
    const first = engineOn(new MemoryEventStore(), { windowRevisions });
    const { tenantId, card_transaction_id, takeBack } = await refunded(first);
    const { store, vault, clock, indexes } = first;
    const { engine } = engineOn(store, { windowRevisions }, { vault, clock, indexes });
    const asked = indexes.asked.length;
    expect((await run(engine, tenantId, takeBack(30))).data).toMatchObject({
      original: { status: 'partially_reversed' },
      purchase: { card_transaction_id, status: 'partially_refunded', amounts: { captured: 107, refunded: 70 } },
    });
    if (windowRevisions === 4) expect(indexes.asked.slice(asked)).toContain(`txn:${card_transaction_id}`);
    // Two at once: the second is decided on what the first left.
    const both = await Promise.all([20, 50].map((amount) => engine.execute(request(tenantId, takeBack(amount)))));
    expect(both.map((receipt) => committed(receipt).events.at(-1)!.data)).toMatchObject([
      { purchase: { amounts: { refunded: 50 } } },
      { purchase: { status: 'captured', amounts: { refunded: 0 } } },
    ]);
    await engine.drain();
  });

  test('where the first is not known, nothing more is asked for', async () => {
    const bench = engineOn(new MemoryEventStore());
    const { tenantId } = await tenantWith(bench.engine, ['ada']);
    const unknown = takingBack('01JGFJJZ00ZZZZZZZZZZZZZZZZ', 1);
    expect(await bench.engine.execute(request(tenantId, unknown))).toMatchObject({
      kind: 'refused',
      refusal: { code: 'transaction_not_found' },
    });
    await bench.engine.drain();
  });
});
