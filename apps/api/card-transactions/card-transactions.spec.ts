import { DECLINE_REASONS } from '#domain/card-transactions/card-transactions.js';
import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const MERCHANT = { name: 'Shop', category_code: '5411' };
const GHOST = 'txn_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const NO_CARD = 'card_01HZXK5Y8Q2J3M4N5P6R7S8T9V';
const PAN = '4242 4242 4242 4242';

let api: ApiUnderTest;
let tenant: string;
let messages = 0;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

const reference = (): string => `n-${++messages}`;

/** A card on an account of its own with 10,000. */
const issued = async (of = tenant, more: object = {}): Promise<string> => {
  const account_id = await api.funded(of, 10_000);
  const card = await api.send(of, 'POST', '/v1/cards', { account_id, type: 'virtual', ...more });
  await api.send(of, 'POST', `/v1/cards/${card.body.id}/activate`);
  return card.body.id as string;
};
const message = (card_id: string, more: object = {}): object => ({
  card_id,
  amount: 100,
  currency: 'NGN',
  merchant: MERCHANT,
  network_reference: reference(),
  ...more,
});
const post = (path: string, body?: object, of = tenant): Promise<Reply> =>
  api.send(of, 'POST', `/v1/card_transactions/${path}`, body);
const authorized = async (more: object = {}): Promise<string> =>
  (await post('authorize', message(await issued(), more))).body.id as string;
const captured = async (amount = 100): Promise<string> => {
  const id = await authorized();
  await post(`${id}/capture`, { amount, network_reference: reference() });
  return id;
};
const balances = async (reply: Reply): Promise<unknown[]> => {
  const { body } = await api.send(tenant, 'GET', `/v1/accounts/${reply.body.account_id}/balance`);
  return [body.balance, body.held, body.available_balance];
};

describe('a purchase, message by message', () => {
  it('200: increment, adjust, reverse, expire', async () => {
    const id = await authorized();
    const more = await post(`${id}/increment`, { amount: 50, network_reference: reference() });
    expect(more).toMatchObject({
      status: 200,
      body: { status: 'authorized', amounts: { incremented: 50, held: 150 } },
    });
    const advised = await post(`${id}/adjust`, { amount: 120 });
    expect(advised).toMatchObject({ status: 200, body: { amounts: { reversed: 30, held: 120 } } });
    const reversed = await post(`${id}/reverse`, { amount: 20 });
    expect(reversed).toMatchObject({ status: 200, body: { amounts: { reversed: 50, held: 100 } } });
    const expired = await post(`${id}/expire`);
    expect(expired).toMatchObject({ status: 200, body: { status: 'expired', amounts: { expired: 100, held: 0 } } });
    expect((await api.send(tenant, 'GET', `/v1/card_transactions/${id}`)).body).toEqual(expired.body);
    expect((expired.body.elements as { type: string }[]).map(({ type }) => type)).toEqual([
      'authorization',
      'increment',
      'advice',
      'reversal',
      'expiry',
    ]);
    const head = await api.head(tenant);
    expect((await post(`${id}/expire`)).body).toEqual(expired.body);
    expect(await api.head(tenant)).toBe(head);
    const late = await post(`${id}/capture`, { amount: 100, network_reference: reference() });
    expect(late.body).toMatchObject({ status: 'captured', amounts: { captured: 100, over_captured: 100 } });
  });

  it('200: all that is held, where a reversal names no amount', async () => {
    const reversed = await post(`${await authorized()}/reverse`);
    expect(reversed).toMatchObject({ status: 200, body: { status: 'reversed', amounts: { reversed: 100, held: 0 } } });
    const again = await post(`${reversed.body.id}/reverse`, { amount: 5 });
    expect((again.body.elements as object[]).at(-1)).toMatchObject({
      type: 'reversal',
      amount: 0,
      requested_amount: 5,
    });
  });

  it('422: an increment that is declined is kept, and its message is answered the same again', async () => {
    const id = await authorized();
    const body = { amount: 9_901, network_reference: reference() };
    const before = await api.head(tenant);
    const declined = await post(`${id}/increment`, body);
    expect(told(declined)).toBe('422 insufficient_funds');
    expect(declined.body.error).toMatchObject({ card_transaction_id: id });
    expect(await api.head(tenant)).toBe(before + 1);
    const standing = await api.send(tenant, 'GET', `/v1/card_transactions/${id}`);
    expect(standing.body).toMatchObject({ status: 'authorized', amounts: { held: 100, incremented: 0 } });
    expect((standing.body.elements as object[]).at(-1)).toMatchObject({
      type: 'increment_declined',
      amount: 9_901,
      decline_reason: 'insufficient_funds',
    });
    expect(told(await post(`${id}/increment`, body))).toBe('422 insufficient_funds');
    const other = await post(`${id}/increment`, { ...body, amount: 1 });
    expect([told(other), other.headers['duplicate-message']]).toEqual(['422 insufficient_funds', 'true']);
    expect(await api.head(tenant)).toBe(before + 1);
  });

  it('422: with the same key, the same again', async () => {
    const id = await authorized();
    const ask = (): Promise<Reply> =>
      api.send(tenant, 'POST', `/v1/card_transactions/${id}/increment`, { amount: 99_999 }, { key: `inc-${id}` });
    expect(told(await ask())).toBe('422 insufficient_funds');
    const again = await ask();
    expect([told(again), again.headers['idempotent-replayed']]).toEqual(['422 insufficient_funds', 'true']);
  });

  it.each([
    ['card_suspended', (card: string) => api.send(tenant, 'POST', `/v1/cards/${card}/suspend`)],
    ['card_terminated', (card: string) => api.send(tenant, 'POST', `/v1/cards/${card}/terminate`)],
    [
      'expired_card',
      (card: string) => api.send(tenant, 'PATCH', `/v1/cards/${card}`, { exp_month: 1, exp_year: 2020 }),
    ],
    [
      'category_blocked',
      (card: string) =>
        api.send(tenant, 'PATCH', `/v1/cards/${card}`, { spending_controls: { blocked_categories: ['5411'] } }),
    ],
    [
      'spending_limit_exceeded',
      (card: string) =>
        api.send(tenant, 'PATCH', `/v1/cards/${card}`, {
          spending_controls: { limits: [{ amount: 100, interval: 'all_time' }] },
        }),
    ],
  ])('422 %s for an increment, 201 declined for an authorization', async (reason, change) => {
    const card = await issued();
    const { body } = await post('authorize', message(card));
    await change(card);
    expect(told(await post(`${body.id}/increment`, { amount: 1 }))).toBe(`422 ${reason}`);
    const declined = await post('authorize', message(card));
    expect(declined).toMatchObject({ status: 201, body: { status: 'declined', decline_reason: reason } });
  });

  it('409: an increment of what holds nothing', async () => {
    expect(told(await post(`${await captured()}/increment`, { amount: 1 }))).toBe('409 invalid_state');
  });

  it('422: a tier’s limit is named', async () => {
    const of = await api.tenant();
    const card = await issued(of);
    const { body } = await post('authorize', message(card), of);
    const limits = [{ kyc_level: 'tier1', direction: 'outbound', window: 'daily', amount: 150 }];
    expect((await api.admin('PUT', `/${of}/limits`, { limits })).status).toBe(200);
    const declined = await post('authorize', message(card), of);
    expect(declined.body).toMatchObject({ status: 'declined', decline_reason: 'limit_exceeded' });
    expect((declined.body.elements as object[])[0]).toMatchObject({
      decline_rule: expect.stringMatching(/^lim_/) as unknown,
    });
    const refused = await post(`${body.id}/increment`, { amount: 51 }, of);
    expect(told(refused)).toBe('422 limit_exceeded');
    expect(refused.body.error).toMatchObject({ rule: expect.stringMatching(/^lim_/) as unknown });
    expect((await post(`${body.id}/increment`, { amount: 50 }, of)).status).toBe(200);
  });

  it('403: of what the network asks for, an increment alone waits while the tenant is suspended', async () => {
    const of = await api.tenant();
    const card = await issued(of);
    const { body } = await post('authorize', message(card), of);
    await api.admin('PATCH', `/${of}/status`, { status: 'suspended', reason: 'late' });
    expect(told(await post(`${body.id}/increment`, { amount: 1 }, of))).toBe('403 tenant_suspended');
    for (const [path, more] of [
      ['adjust', { amount: 90 }],
      ['reverse', { amount: 10 }],
      ['capture', { amount: 50, final: false, network_reference: reference() }],
      ['refund', { amount: 5, network_reference: reference() }],
      ['expire', {}],
    ] as const) {
      expect([path, (await post(`${body.id}/${path}`, more, of)).status]).toEqual([path, 200]);
    }
    expect((await post('authorize', message(card), of)).body).toMatchObject({ decline_reason: 'tenant_suspended' });
    expect((await post('post', message(card, { direction: 'debit' }), of)).status).toBe(201);
    expect((await post('refund', message(card), of)).status).toBe(201);
  });
});

describe('refunds', () => {
  it('200: of a purchase, in parts and beyond it; taken back by reversing its transaction', async () => {
    const id = await captured();
    const part = await post(`${id}/refund`, { amount: 40, network_reference: reference() });
    expect(part).toMatchObject({ status: 200, body: { status: 'partially_refunded', amounts: { refunded: 40 } } });
    const all = await post(`${id}/refund`, { amount: 70, network_reference: reference(), metadata: { why: 'torn' } });
    expect(all.body).toMatchObject({ status: 'refunded', amounts: { refunded: 110 }, metadata: { why: 'torn' } });
    const last = (all.body.elements as { transaction_id: string }[]).at(-1);
    expect(last).toMatchObject({ type: 'refund', amount: 70, exceeds_captured: true });
    expect(await balances(all)).toEqual([10_010, 0, 10_010]);
    const mirror = await api.send(tenant, 'POST', `/v1/transactions/${last?.transaction_id}/reverse`, { amount: 30 });
    expect(mirror).toMatchObject({ status: 201, body: { type: 'reversal', amount: 30 } });
    const standing = await api.send(tenant, 'GET', `/v1/card_transactions/${id}`);
    expect(standing.body).toMatchObject({ status: 'partially_refunded', amounts: { refunded: 80 } });
    expect((standing.body.elements as object[]).at(-1)).toMatchObject({
      type: 'refund_reversal',
      amount: 30,
      transaction_id: mirror.body.id,
    });
  });

  it('409: what was captured is not taken back like this', async () => {
    const { body } = await api.send(tenant, 'GET', `/v1/card_transactions/${await captured()}`);
    const [, capture] = body.elements as { transaction_id: string }[];
    expect(told(await api.send(tenant, 'POST', `/v1/transactions/${capture?.transaction_id}/reverse`))).toBe(
      '409 not_reversible',
    );
  });

  it('201: of a purchase that is not known, with or without a merchant', async () => {
    const card = await issued();
    const refunded = await post('refund', { card_id: card, amount: 40, network_reference: reference() });
    expect(refunded).toMatchObject({
      status: 201,
      body: { direction: 'credit', status: 'refunded', currency: 'NGN', merchant: null, amounts: { refunded: 40 } },
    });
    expect((await post('refund', message(card))).body).toMatchObject({ merchant: { ...MERCHANT, city: null } });
    expect(told(await post(`${refunded.body.id}/refund`, { amount: 1, network_reference: reference() }))).toBe(
      '409 invalid_state',
    );
    expect((await api.send(tenant, 'GET', `/v1/cards/${card}/transactions?status=refunded`)).body.data).toHaveLength(2);
  });

  it('repay what the holder owes first', async () => {
    const id = await captured(10_030);
    const { body } = await post(`${id}/refund`, { amount: 50, network_reference: reference() });
    expect(body.amounts).toMatchObject({ receivable: 30 });
    const account = await api.send(tenant, 'GET', `/v1/accounts/${body.account_id}`);
    expect(account.body).toMatchObject({ balance: 20, receivable: 0 });
  });
});

describe('a message that comes again', () => {
  it.each([
    ['increment', { amount: 10 }],
    ['adjust', { amount: 90 }],
    ['reverse', { amount: 10 }],
    ['capture', { amount: 90 }],
    ['refund', { amount: 10 }],
  ])('%s: answers the first outcome, and says whether the body was another one', async (path, body) => {
    const id = await authorized();
    const sent = { ...body, network_reference: reference() };
    const first = await post(`${id}/${path}`, sent);
    const head = await api.head(tenant);
    const again = await post(`${id}/${path}`, sent);
    expect([again.status, again.body, again.headers['duplicate-message']]).toEqual([200, first.body, undefined]);
    const other = await post(`${id}/${path}`, { ...sent, amount: body.amount + 1 });
    expect([other.status, other.body, other.headers['duplicate-message']]).toEqual([200, first.body, 'true']);
    expect(await api.head(tenant)).toBe(head);
  });

  it('one reference may stand for one message of each kind', async () => {
    const id = await authorized();
    const network_reference = reference();
    for (const path of ['increment', 'adjust', 'reverse', 'capture', 'refund']) {
      const done = await post(`${id}/${path}`, { amount: 60, network_reference });
      expect([path, done.status, done.headers['duplicate-message']]).toEqual([path, 200, undefined]);
    }
  });
});

describe('refusals', () => {
  it.each([
    ['increment', { amount: 0 }, '400 amount_not_positive amount'],
    ['increment', {}, '400 missing_field amount'],
    ['increment', { amount: 1, network_reference: '' }, '400 too_short network_reference'],
    ['increment', { amount: 1, x: 1 }, '400 unknown_field x'],
    ['adjust', { amount: 0 }, '400 amount_not_positive amount'],
    ['adjust', { amount: '5' }, '400 type_mismatch amount'],
    ['adjust', {}, '400 missing_field amount'],
    ['reverse', { amount: -1 }, '400 amount_not_positive amount'],
    ['expire', { amount: 1 }, '400 unknown_field amount'],
    ['capture', { amount: 1 }, '400 missing_field network_reference'],
    ['refund', { amount: 1 }, '400 missing_field network_reference'],
    ['refund', { amount: 2 ** 53, network_reference: 'x' }, '400 amount_out_of_range amount'],
    ['refund', { amount: 1, network_reference: 'x', metadata: { a: PAN } }, '400 pan_not_allowed metadata.a'],
  ])('%s %j: %s', async (path, body, expected) => {
    const id = await authorized();
    const head = await api.head(tenant);
    expect(told(await post(`${id}/${path}`, body))).toBe(expected);
    expect(await api.head(tenant)).toBe(head);
  });

  it.each(['increment', 'adjust', 'reverse', 'expire', 'capture', 'refund'])(
    '404: %s of a purchase that is unknown, or another tenant’s',
    async (path) => {
      const other = await api.tenant();
      const theirs = (await post('authorize', message(await issued(other)), other)).body.id as string;
      const body =
        path === 'expire' ? {} : { amount: 1, ...(path === 'reverse' ? {} : { network_reference: reference() }) };
      for (const id of [GHOST, theirs, 'txn_1']) {
        expect(told(await post(`${id}/${path}`, body))).toBe('404 card_transaction_not_found');
      }
    },
  );

  it.each([
    [{ card_id: NO_CARD }, '400 card_not_found card_id'],
    [{ currency: 'EUR' }, '422 currency_mismatch currency'],
    [{ currency: 'NGNX' }, '400 invalid_currency currency'],
    [{ merchant: { name: 'x' } }, '400 missing_field merchant.category_code'],
    [{ merchant: { ...MERCHANT, name: PAN } }, '400 pan_not_allowed merchant.name'],
    [{ merchant: { ...MERCHANT, city: PAN } }, '400 pan_not_allowed merchant.city'],
    [{ metadata: { note: `card ${PAN}` } }, '400 pan_not_allowed metadata.note'],
    [{ amount: 1.5 }, '400 type_mismatch amount'],
  ])('a refund without a purchase, %j: %s', async (more, expected) => {
    expect(told(await post('refund', message(await issued(), more)))).toBe(expected);
  });

  it('what looks like a card number is welcome in references and keys', async () => {
    const body = message(await issued(), {
      network_reference: '4242424242424242',
      metadata: { '4242424242424242': 'x' },
    });
    expect((await post('authorize', body)).status).toBe(201);
  });

  it('403: a key without the scope', async () => {
    const credential = api.key(tenant, ['cards:read']);
    const asked = await api.send(tenant, 'POST', `/v1/card_transactions/${GHOST}/refund`, {}, { credential });
    expect(told(asked)).toBe('403 missing_scope');
  });
});

describe('dry runs', () => {
  it('answer what would be, keep nothing and remember no key', async () => {
    const card = await issued();
    const { body: purchase } = await post('authorize', message(card));
    const head = await api.head(tenant);
    const dry = { dry_run: true, network_reference: reference() };
    for (const [path, body, expected] of [
      ['authorize', message(card, dry), { status: 'authorized', amounts: { held: 100 } }],
      ['authorize', message(card, { ...dry, amount: 99_999 }), { decline_reason: 'insufficient_funds' }],
      ['post', message(card, { ...dry, direction: 'debit' }), { status: 'captured' }],
      ['refund', message(card, dry), { status: 'refunded' }],
      [`${purchase.id}/increment`, { amount: 10, ...dry }, { amounts: { held: 110 } }],
      [`${purchase.id}/increment`, { amount: 99_999, ...dry }, { amounts: { held: 100 } }],
      [`${purchase.id}/adjust`, { amount: 10, ...dry }, { amounts: { held: 10 } }],
      [`${purchase.id}/reverse`, { ...dry }, { status: 'reversed' }],
      [`${purchase.id}/expire`, { dry_run: true }, { status: 'expired' }],
      [`${purchase.id}/capture`, { amount: 10, ...dry }, { status: 'captured' }],
      [`${purchase.id}/refund`, { amount: 10, ...dry }, { amounts: { refunded: 10 } }],
    ] as const) {
      expect([path, await post(path, body)]).toMatchObject([path, { status: 200, body: expected }]);
    }
    expect(await api.head(tenant)).toBe(head);
    expect((await post(`${purchase.id}/increment`, { amount: 10, ...dry, dry_run: false })).status).toBe(200);
  });

  it('200, not 201: also of a message that came before', async () => {
    const sent = message(await issued());
    const { body: first } = await post('authorize', sent);
    expect(await post('authorize', { ...sent, dry_run: true })).toMatchObject({ status: 200, body: first });
    expect(await post('authorize', sent)).toMatchObject({ status: 201, body: first });
  });
});

describe('simulated messages', () => {
  let sandbox: string;
  let card: string;
  beforeAll(async () => {
    sandbox = await api.tenant({ environment: 'sandbox' });
    card = await issued(sandbox);
  });
  const simulate = (what: string, body: object, of = sandbox): Promise<Reply> =>
    api.send(of, 'POST', `/v1/test/cards/simulate_${what}`, body);

  it('201: an authorization, with what is not given made up', async () => {
    const made = await simulate('authorization', { card_id: card, amount: 100 });
    expect(made).toMatchObject({
      status: 201,
      body: { status: 'authorized', currency: 'NGN', merchant: { category_code: '5999' }, amounts: { held: 100 } },
    });
    const given = { currency: 'NGN', merchant: MERCHANT, partial_approval: true };
    const part = await simulate('authorization', { card_id: card, amount: 99_999, ...given });
    expect(part.body).toMatchObject({ status: 'authorized', amount: 9_900, merchant: { name: 'Shop' } });
    const declined = await simulate('authorization', { card_id: card, amount: 1 });
    expect(declined.body).toMatchObject({ status: 'declined', decline_reason: 'insufficient_funds' });
  });

  it.each(DECLINE_REASONS)('201: a decline because of %s', async (reason) => {
    const declined = await simulate('decline', { card_id: card, amount: 1, reason });
    expect(declined).toMatchObject({ status: 201, body: { status: 'declined', decline_reason: reason, amount: 0 } });
  });

  it.each([
    ['authorization', { amount: 1 }, '400 missing_field card_id'],
    ['authorization', { card_id: NO_CARD, amount: 1 }, '400 card_not_found card_id'],
    ['authorization', { card_id: NO_CARD, amount: 0 }, '400 amount_not_positive amount'],
    ['decline', { card_id: NO_CARD, amount: 1 }, '400 missing_field reason'],
    ['decline', { card_id: NO_CARD, amount: 1, reason: 'bored' }, '400 invalid_enum reason'],
    ['decline', { card_id: NO_CARD, amount: 1, reason: 'card_inactive' }, '400 card_not_found card_id'],
  ])('%s %j: %s', async (what, body, expected) => {
    expect(told(await simulate(what, body))).toBe(expected);
  });

  it('404: for a live tenant there is nothing at these paths, whatever is sent', async () => {
    expect(told(await simulate('authorization', { card_id: card, amount: 1 }, tenant))).toBe('404 route_not_found');
    expect(told(await simulate('decline', {}, tenant))).toBe('404 route_not_found');
  });
});

describe('what the outside is told', () => {
  it('an event of each kind, with what was before wherever something was', async () => {
    const of = await api.tenant();
    const { body } = await post('authorize', message(await issued(of)), of);
    await post(`${body.id}/increment`, { amount: 50 }, of);
    await post(`${body.id}/increment`, { amount: 99_999 }, of);
    await post(`${body.id}/reverse`, { amount: 50 }, of);
    await post(`${body.id}/expire`, {}, of);
    await post(`${body.id}/capture`, { amount: 60, network_reference: reference() }, of);
    await post(`${body.id}/refund`, { amount: 10, network_reference: reference() }, of);
    const { body: list } = await api.send(of, 'GET', '/v1/events');
    const all = list.data as { type: string; data: object; previous_attributes: object | null }[];
    const events = all.filter(({ type }) => type.startsWith('card.transaction.'));
    expect(events.map(({ type }) => type)).toEqual([
      'card.transaction.refunded',
      'card.transaction.captured',
      'card.transaction.expired',
      'card.transaction.reversed',
      'card.transaction.updated',
      'card.transaction.updated',
      'card.transaction.authorized',
    ]);
    expect(events[5]).toMatchObject({
      data: { card_transaction: { id: body.id, amounts: { incremented: 50, held: 150 } } },
      previous_attributes: { amounts: { incremented: 0, held: 100 }, elements: [{ type: 'authorization' }] },
    });
    const before = events.map(({ previous_attributes: previous }) => previous);
    expect(before[6]).toBeNull();
    expect(before.slice(0, 4)).toMatchObject([
      { status: 'captured', amounts: { captured: 60, refunded: 0 }, elements: { length: 6 } },
      { status: 'expired', amounts: { captured: 0, over_captured: 0 }, elements: { length: 5 } },
      { status: 'authorized', amounts: { held: 100, expired: 0 }, elements: { length: 4 } },
      { amounts: { held: 150, reversed: 0 }, elements: { length: 3 } },
    ]);
  });
});
