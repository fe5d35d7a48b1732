/** 64 clients at once, over HTTP: what is there for half of the attempts is had by exactly half of them. */
import { apart, oneProcess, type Instances } from './instances.js';
import { outcomes, Tenant, type Body } from './tenant.js';

const CLIENTS = 64;
const EACH = 8;
const ATTEMPTS = CLIENTS * EACH;
const HALF = ATTEMPTS / 2;
const AMOUNT = 10;

describe.each([
  ['of one process', oneProcess],
  ['of two instances', () => apart(2)],
] as const)('64 clients at once %s', (where, start) => {
  let instances: Instances;
  let tenant: Tenant;
  beforeAll(async () => {
    instances = await start();
    tenant = await Tenant.open(instances, CLIENTS);
  }, 90_000);
  afterAll(async () => {
    tenant.close();
    await instances.stop();
  });

  const told = (what: string, counts: Record<string, number>): void => {
    const said = Object.entries(counts).map(([outcome, count]) => `${count} × ${outcome}`);
    process.stdout.write(
      `concurrency ${where}, ${what}: ${ATTEMPTS} attempts of ${CLIENTS} clients: ${said.join(', ')}\n`,
    );
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(ATTEMPTS);
  };

  it('spend from an account that can pay for half: exactly half succeed, and nothing is left', async () => {
    const [ada, bob] = [await tenant.account(HALF * AMOUNT), await tenant.account(0)];
    const transfer = { type: 'transfer', amount: AMOUNT, currency: 'NGN', source: ada, destination: bob };
    const counts = outcomes(await tenant.attempt(EACH, '/v1/transactions', () => transfer));
    told('transfers', counts);
    expect(counts).toEqual({ '201': HALF, '422 insufficient_funds': HALF });
    expect(await tenant.standing(ada)).toMatchObject({ balance: 0, held: 0, available_balance: 0 });
    expect(await tenant.standing(bob)).toMatchObject({ balance: HALF * AMOUNT });
  }, 60_000);

  it('spend under a limit that allows half: exactly up to the limit', async () => {
    const [ada, bob] = [
      await tenant.account(ATTEMPTS * AMOUNT, { kyc_tier: 'tier2' }),
      await tenant.account(0, { kyc_tier: 'tier3' }),
    ];
    const daily = { kyc_level: 'tier2', direction: 'outbound', window: 'daily', amount: HALF * AMOUNT };
    await tenant.limit(daily);
    const transfer = { type: 'transfer', amount: AMOUNT, currency: 'NGN', source: ada, destination: bob };
    const counts = outcomes(await tenant.attempt(EACH, '/v1/transactions', () => transfer));
    told('transfers under a limit', counts);
    expect(counts).toEqual({ '201': HALF, '422 limit_exceeded': HALF });
    const ask = { account_id: ada, direction: 'outbound', amount: 1, currency: 'NGN' };
    const { body } = await tenant.one.post<{ violations: object[] }>('/v1/limits/evaluate', ask);
    expect(body.violations).toMatchObject([{ limit: HALF * AMOUNT, used: HALF * AMOUNT, remaining: 0 }]);
    expect(await tenant.standing(ada)).toMatchObject({ balance: HALF * AMOUNT });
    await tenant.limit();
  }, 60_000);

  it('reserve on an account that can hold half: exactly half hold', async () => {
    const ada = await tenant.account(HALF * AMOUNT);
    const reservation = { account_id: ada, amount: AMOUNT, currency: 'NGN' };
    const counts = outcomes(await tenant.attempt(EACH, '/v1/reservations', () => reservation));
    told('reservations', counts);
    expect(counts).toEqual({ '201': HALF, '422 insufficient_funds': HALF });
    expect(await tenant.standing(ada)).toMatchObject({
      balance: HALF * AMOUNT,
      held: HALF * AMOUNT,
      available_balance: 0,
    });
  }, 60_000);

  it('capture of a reservation that has half: never more than it holds', async () => {
    const [ada, bob] = [await tenant.account(ATTEMPTS * AMOUNT), await tenant.account(0)];
    const hold = { account_id: ada, amount: HALF * AMOUNT, currency: 'NGN', destination: bob };
    const { body } = await tenant.one.post<Body>('/v1/reservations', hold);
    const part = { amount: AMOUNT, final: false };
    const answers = await tenant.attempt(EACH, `/v1/reservations/${body.id}/capture`, () => part);
    const counts = outcomes(answers);
    told('captures', counts);
    expect(counts).toEqual({ '200': HALF, '409 invalid_state': HALF });
    expect(await tenant.standing(ada)).toMatchObject({ balance: HALF * AMOUNT, held: 0 });
    expect(await tenant.standing(bob)).toMatchObject({ balance: HALF * AMOUNT });
  }, 60_000);

  it('authorize on a card whose account can pay for half: exactly half are approved', async () => {
    const ada = await tenant.account(HALF * AMOUNT);
    const card = await tenant.card(ada);
    const purchase = (n: number): object => ({
      card_id: card,
      amount: AMOUNT,
      currency: 'NGN',
      merchant: { name: 'Corner Shop', category_code: '5411' },
      network_reference: `crowd-${n}`,
    });
    const answers = await tenant.attempt(EACH, '/v1/card_transactions/authorize', purchase);
    const counts: Record<string, number> = {};
    for (const { status, body } of answers) {
      const outcome = [status, body.status, body['decline_reason'] ?? ''].join(' ').trim();
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    told('authorizations', counts);
    expect(counts).toEqual({ '201 authorized': HALF, '201 declined insufficient_funds': HALF });
    expect(await tenant.standing(ada)).toMatchObject({ held: HALF * AMOUNT, available_balance: 0 });
  }, 60_000);

  it('authorize and transfer from one account at once: together they have no more than there is', async () => {
    const [ada, bob] = [await tenant.account(HALF * AMOUNT), await tenant.account(0)];
    const reserve = { account_id: ada, amount: AMOUNT, currency: 'NGN' };
    const transfer = { type: 'transfer', amount: AMOUNT, currency: 'NGN', source: ada, destination: bob };
    const answers = await Promise.all([
      tenant.attempt(EACH / 2, '/v1/reservations', () => reserve),
      tenant.attempt(EACH / 2, '/v1/transactions', () => transfer),
    ]);
    const counts = outcomes(answers.flat());
    told('reservations and transfers', counts);
    expect(counts).toEqual({ '201': HALF, '422 insufficient_funds': HALF });
    const { balance, held, available_balance } = await tenant.standing(ada);
    expect([balance - held, available_balance]).toEqual([0, 0]);
    expect(await tenant.standing(bob)).toMatchObject({ balance: HALF * AMOUNT - balance });
  }, 60_000);
});
