/**
 * Bugs that lost or doubled money in other ledgers, each as a test of ours, over HTTP, by 64 clients at two instances of the
 * API. Named after what they guard; the peer's own issue is cited.
 */
import { randomUUID } from 'node:crypto';
import { apart, type Instances } from './instances.js';
import { outcomes, Tenant, type Body } from './tenant.js';

const CLIENTS = 64;

describe("what other ledgers' users lost money by", () => {
  let instances: Instances;
  let tenant: Tenant;
  beforeAll(async () => {
    instances = await apart(2);
    tenant = await Tenant.open(instances, CLIENTS);
  }, 90_000);
  afterAll(async () => {
    tenant.close();
    await instances.stop();
  });

  const transfer = (source: string, destination: string, amount: number): object => ({
    type: 'transfer',
    amount,
    currency: 'NGN',
    source,
    destination,
  });

  it('no credit is lost where many pay one account at once (blnk-finance/blnk#238)', async () => {
    const shop = await tenant.account(0);
    const payers: string[] = [];
    for (let n = 0; n < 8; n++) payers.push(await tenant.account(1_000));
    const body = (n: number): object => transfer(payers[n % 8] as string, shop, 1 + (n % 7));
    const answers = await tenant.attempt(8, '/v1/transactions', body);
    expect(outcomes(answers)).toEqual({ '201': 512 });
    const paid = Array.from({ length: 512 }, (_, n) => 1 + (n % 7)).reduce((sum, amount) => sum + amount, 0);
    expect((await tenant.standing(shop)).balance).toBe(paid);
    const left = await Promise.all(payers.map((payer) => tenant.standing(payer)));
    expect(left.reduce((sum, { balance }) => sum + balance, 0)).toBe(8_000 - paid);
  }, 60_000);

  it('what is held can’t be spent (blnk-finance/blnk#181)', async () => {
    const [ada, bob] = [await tenant.account(1_000), await tenant.account(0)];
    const card = await tenant.card(ada);
    const held = await tenant.settled(tenant.one, '/v1/reservations', {
      account_id: ada,
      amount: 600,
      currency: 'NGN',
    });
    expect(held.status).toBe(201);
    const purchase = {
      card_id: card,
      amount: 300,
      currency: 'NGN',
      merchant: { name: 'Corner Shop', category_code: '5411' },
      network_reference: randomUUID(),
    };
    expect((await tenant.settled(tenant.one, '/v1/card_transactions/authorize', purchase)).body.status).toBe(
      'authorized',
    );
    expect(outcomes(await tenant.attempt(2, '/v1/transactions', () => transfer(ada, bob, 101)))).toEqual({
      '422 insufficient_funds': 128,
    });
    expect((await tenant.settled(tenant.one, '/v1/transactions', transfer(ada, bob, 100))).status).toBe(201);
    expect(await tenant.standing(ada)).toMatchObject({ balance: 900, held: 900, available_balance: 0 });
  }, 60_000);

  it('a hold that was refused, released or captured can’t be captured (blnk-finance/blnk#182)', async () => {
    const [ada, bob] = [await tenant.account(500), await tenant.account(0)];
    const ask = { account_id: ada, amount: 400, currency: 'NGN', destination: bob };
    const refused = await tenant.settled(tenant.one, '/v1/reservations', { ...ask, amount: 501 });
    expect(outcomes([refused])).toEqual({ '422 insufficient_funds': 1 });
    const released = await tenant.settled(tenant.one, '/v1/reservations', ask);
    await tenant.settled(tenant.one, `/v1/reservations/${released.body.id}/release`, {});
    const captured = await tenant.settled(tenant.one, '/v1/reservations', ask);
    await tenant.settled(tenant.one, `/v1/reservations/${captured.body.id}/capture`, { amount: 100 });
    for (const { body } of [released, captured]) {
      const again = await tenant.attempt(2, `/v1/reservations/${body.id}/capture`, () => ({}));
      expect(outcomes(again)).toEqual({ '409 invalid_state': 128 });
    }
    expect(await tenant.standing(ada)).toMatchObject({ balance: 400, held: 0 });
    expect(await tenant.standing(bob)).toMatchObject({ balance: 100 });
  }, 60_000);

  it('a hold is captured once, however many capture it at once (LerianStudio/midaz#1519)', async () => {
    for (let round = 0; round < 5; round++) {
      const [ada, bob] = [await tenant.account(1_000), await tenant.account(0)];
      const ask = { account_id: ada, amount: 400, currency: 'NGN', destination: bob };
      const { body } = await tenant.settled(tenant.one, '/v1/reservations', ask);
      const answers = await tenant.attempt(1, `/v1/reservations/${body.id}/capture`, () => ({}));
      expect(outcomes(answers)).toEqual({ '200': 1, '409 invalid_state': CLIENTS - 1 });
      expect(await tenant.standing(ada)).toMatchObject({ balance: 600, held: 0 });
      expect(await tenant.standing(bob)).toMatchObject({ balance: 400 });
    }
  }, 60_000);

  it('a request that is sent again takes effect once (LerianStudio/midaz#2485)', async () => {
    const [ada, bob] = [await tenant.account(1_000), await tenant.account(0)];
    for (let round = 0; round < 5; round++) {
      const key = randomUUID();
      const send = (): Promise<{ status: number; body: Body }[]> =>
        Promise.all(
          tenant.clients.map((client) => tenant.settled(client, '/v1/transactions', transfer(ada, bob, 100), key)),
        );
      const answers = [...(await send()), ...(await send())];
      expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
      expect((await tenant.standing(bob)).balance).toBe(100 * (round + 1));
    }
    expect(await tenant.standing(ada)).toMatchObject({ balance: 500 });
  }, 60_000);

  it('what may be overdrawn is what the limit is when the posting is made (LerianStudio/midaz#2429)', async () => {
    const [ada, bob] = [await tenant.account(0, { overdraft_limit: 1_000 }), await tenant.account(0)];
    const changes: string[] = [];
    let isSpending = true;
    const change = async (): Promise<void> => {
      for (let n = 0; isSpending || n < 2; n++) {
        const overdraft_limit = n % 2 === 0 ? 400 : 1_000;
        const answer = await tenant.one.send<Body>('PATCH', `/v1/accounts/${ada}`, { overdraft_limit }, {});
        changes.push(answer.status === 200 ? '200' : `${answer.status} ${answer.body.error?.code ?? ''}`);
        const { balance, available_balance } = await tenant.standing(ada);
        // Whenever it is looked at, no more is overdrawn than may be.
        expect(available_balance).toBeGreaterThanOrEqual(0);
        expect(balance).toBeGreaterThanOrEqual(-1_000);
      }
    };
    const spending = tenant
      .attempt(6, '/v1/transactions', () => transfer(ada, bob, 3))
      .finally(() => (isSpending = false));
    const [answers] = await Promise.all([spending, change()]);
    const counts = outcomes(answers);
    expect((counts['201'] ?? 0) + (counts['422 insufficient_funds'] ?? 0)).toBe(384);
    const { balance, available_balance } = await tenant.standing(ada);
    expect(balance).toBe(-3 * (counts['201'] ?? 0));
    expect(changes.length).toBeGreaterThan(1);
    expect(available_balance).toBeGreaterThanOrEqual(0);
    expect(
      changes.filter((one) => one !== '200' && one !== '422 insufficient_funds' && !one.startsWith('503')),
    ).toEqual([]);
  }, 60_000);

  it('first postings at once neither fail nor answer with nothing (formancehq/ledger#364)', async () => {
    // Nobody has moved euros or yen yet: the first deposits make what they need, together.
    for (const currency of ['EUR', 'JPY']) {
      const accounts: string[] = [];
      for (let n = 0; n < 8; n++) accounts.push(await tenant.account(0, { currency }));
      const deposit = (n: number): object => ({
        type: 'deposit',
        amount: 5,
        currency,
        destination: accounts[n % 8],
        reference: `${currency}-${n % 64}`,
      });
      const answers = await tenant.attempt(2, '/v1/transactions', deposit);
      expect(outcomes(answers)).toEqual({ '201': 64, '409 duplicate_reference': 64 });
      for (const { status, body } of answers) if (status === 201) expect(body.id).toMatch(/^ltx_/);
      const floats = await tenant.read<{ data: { balance: number }[] }>(
        `/v1/accounts?wallet_type=float&currency=${currency}`,
      );
      expect(floats.data).toMatchObject([{ balance: 320 }]);
    }
  }, 60_000);
});
