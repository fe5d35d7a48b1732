import type { Command } from '#domain/commands.js';
import { availableOf } from '#domain/accounts/standing.js';
import { account, card, deposit } from '#domain/spec-support.js';
import { withTenant } from '#projecting/tenant-session.js';
import { ReadModels, type StoredBook } from '../../test/support/read-models.js';
import { balanceAtRevision } from '../entries/entries.queries.js';
import { heldAtRevision } from './holds.queries.js';

let models: ReadModels;
beforeAll(async () => {
  models = await ReadModels.start();
  models.run();
});
afterAll(() => models.close());

const merchant = { name: 'Shop', category_code: '5411' };
const authorize = (amount: number, network_reference: string): Command => ({
  type: 'AuthorizeCard',
  data: { card_id: '@visa', amount, currency: 'NGN', merchant, network_reference },
});
const overdraft = (overdraft_limit: number): Command => ({
  type: 'UpdateAccount',
  data: { account_id: '@ada', overdraft_limit },
});

/** An account at a revision, as the read model has it. */
const at = async (book: StoredBook, revision: number): Promise<unknown> => {
  const { data } = await withTenant(models.app, book.tenantId, async (session) => ({
    balance: await balanceAtRevision(session, book.id('ada'), revision),
    ...(await heldAtRevision(session, book.id('ada'), revision)),
  }));
  return data;
};

describe('what is held at a revision', () => {
  it('is what the fold had then, at every revision', async () => {
    const book = await models.tenant(1, account('ada', 'customer', 'NGN', { overdraft_limit: 50 }));
    const known = new Map<number, unknown>();
    const note = (): void => {
      const ada = book.state.accounts.get(book.id('ada'));
      if (!ada) return;
      const { balance, held, extras } = ada;
      expect(availableOf(ada)).toBe(balance - held + extras.overdraftLimit);
      known.set(book.state.head.value.revision, { balance, held, overdraftLimit: extras.overdraftLimit });
    };
    note();
    const capture: Command = {
      type: 'CaptureCardTransaction',
      data: { card_transaction_id: '@buy', amount: 40, final: true, network_reference: 'c1' },
    };
    const steps = [
      deposit('ada', 200),
      ...card('visa', 'ada'),
      { name: 'buy', command: authorize(60, 'a1') },
      authorize(30, 'a2'),
      overdraft(0),
      capture,
      overdraft(7),
      deposit('ada', 1),
    ];
    for (const step of steps) {
      await book.tell(step);
      note();
    }
    await models.projected(book);
    expect(await at(book, 0)).toEqual({ balance: 0, held: 0, overdraftLimit: 0 });
    expect(known.size).toBeGreaterThan(9);
    for (const [revision, standing] of known)
      expect([revision, await at(book, revision)]).toEqual([revision, standing]);
  });
});
