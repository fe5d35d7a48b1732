import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();
const MERCHANT = { name: 'Shop', category_code: '5411' };

let api: ApiUnderTest;
let tenant: string;
let account: string;
let messages = 0;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
  account = await api.funded(tenant, 10_000);
});
afterAll(() => api.close());

const issued = async (more: object = {}): Promise<string> => {
  const card = await api.send(tenant, 'POST', '/v1/cards', { account_id: account, type: 'virtual', ...more });
  await api.send(tenant, 'POST', `/v1/cards/${card.body.id}/activate`);
  return card.body.id as string;
};
const message = (card_id: string, more: object = {}): object => ({
  card_id,
  amount: 100,
  currency: 'NGN',
  merchant: MERCHANT,
  network_reference: `n-${++messages}`,
  ...more,
});
const authorize = (body: object): Promise<Reply> => api.send(tenant, 'POST', '/v1/card_transactions/authorize', body);

describe('cards', () => {
  it('201, then through its statuses', async () => {
    const card = await api.send(tenant, 'POST', '/v1/cards', {
      account_id: account,
      type: 'physical',
      holder_name: 'Ada L',
      last4: '4242',
      exp_month: 12,
      exp_year: 2031,
      spending_controls: { blocked_categories: ['7995'], limits: [{ amount: 9, interval: 'monthly' }] },
    });
    expect(card).toMatchObject({
      status: 201,
      body: {
        object: 'card',
        status: 'inactive',
        last4: '4242',
        holder_name: 'Ada L',
        exp_month: 12,
        exp_year: 2031,
        spending_controls: { blocked_categories: ['7995'], limits: [{ amount: 9, interval: 'monthly' }] },
      },
    });
    const path = `/v1/cards/${card.body.id}`;
    expect((await api.send(tenant, 'GET', path)).body).toEqual(card.body);
    for (const [action, status] of [
      ['activate', 'active'],
      ['suspend', 'suspended'],
      ['resume', 'active'],
      ['terminate', 'terminated'],
    ]) {
      const changed = await api.send(tenant, 'POST', `${path}/${action}`);
      expect([changed.status, changed.body.status]).toEqual([200, status]);
    }
    expect(told(await api.send(tenant, 'POST', `${path}/activate`))).toBe('409 invalid_state');
    expect(told(await api.send(tenant, 'POST', `${path}/activate`, { x: 1 }))).toBe('400 unknown_field x');
    expect(told(await api.send(tenant, 'PATCH', path, { holder_name: 'Eve' }))).toBe('409 invalid_state');
  });

  it('200: changes what is given', async () => {
    const id = await issued({ metadata: { a: '1' } });
    const changed = await api.send(tenant, 'PATCH', `/v1/cards/${id}`, {
      holder_name: null,
      metadata: { b: '2' },
      spending_controls: { limits: [{ amount: 5, interval: 'per_authorization' }] },
    });
    expect(changed.body).toMatchObject({
      holder_name: null,
      metadata: { a: '1', b: '2' },
      spending_controls: { limits: [{ amount: 5, interval: 'per_authorization' }] },
    });
    expect(((await api.send(tenant, 'GET', '/v1/cards?type=virtual')).body.data as unknown[]).length).toBeGreaterThan(
      0,
    );
  });

  it.each([
    [{ type: 'virtual' }, '400 missing_field account_id'],
    [{ account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'virtual' }, '400 account_not_found account_id'],
    [{ account_id: 'x', type: 'virtual' }, '400 pattern_mismatch account_id'],
    [{ account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'gold' }, '400 invalid_enum type'],
    [
      { account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'virtual', last4: '4242424242424242' },
      '400 pattern_mismatch last4',
    ],
    [
      { account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'virtual', holder_name: '4242-4242-4242-4242' },
      '400 pan_not_allowed holder_name',
    ],
    [
      {
        account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V',
        type: 'virtual',
        spending_controls: { blocked_categories: ['5411', '0000'] },
      },
      '400 invalid_parameter spending_controls.blocked_categories[1]',
    ],
    [{ account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'virtual', exp_month: 13 }, '400 out_of_range exp_month'],
    [{ account_id: 'acc_01HZXK5Y8Q2J3M4N5P6R7S8T9V', type: 'virtual', exp_month: 12 }, '400 missing_field exp_year'],
  ])('%j: %s', async (body, expected) => {
    expect(told(await api.send(tenant, 'POST', '/v1/cards', body))).toBe(expected);
  });
});

describe('card transactions', () => {
  it('authorize, capture, read', async () => {
    const card = await issued();
    const held = await authorize(message(card));
    expect(held).toMatchObject({
      status: 201,
      body: { object: 'card_transaction', status: 'authorized', amounts: { held: 100 } },
    });
    const path = `/v1/card_transactions/${held.body.id}`;
    const captured = await api.send(tenant, 'POST', `${path}/capture`, {
      amount: 90,
      network_reference: `c-${++messages}`,
    });
    expect(captured).toMatchObject({ status: 200, body: { amounts: { captured: 90, released: 10, held: 0 } } });
    expect((await api.send(tenant, 'GET', path)).body).toEqual(captured.body);
    expect((await api.send(tenant, 'GET', `/v1/cards/${card}/transactions`)).body.data).toMatchObject([
      { id: held.body.id },
    ]);
    expect((await api.send(tenant, 'GET', `/v1/card_transactions?card_id=${card}`)).body.data).toMatchObject([
      { id: held.body.id },
    ]);
  });

  it('a decline is a result', async () => {
    const declined = await authorize(message(await issued(), { amount: 99_999_999 }));
    expect(declined).toMatchObject({ status: 201, body: { status: 'declined', decline_reason: 'insufficient_funds' } });
  });

  it('the same message again answers the first outcome', async () => {
    const body = message(await issued());
    const first = await authorize(body);
    const before = await api.head(tenant);
    const again = await authorize(body);
    expect([again.status, again.body, again.headers['duplicate-message'], await api.head(tenant)]).toEqual([
      201,
      first.body,
      undefined,
      before,
    ]);
    const other = await authorize({ ...body, amount: 7 });
    expect([other.status, other.body, other.headers['duplicate-message']]).toEqual([201, first.body, 'true']);
  });

  it.each([true, false])(
    'the same message again answers the first outcome after a capture (final: %s)',
    async (final) => {
      const body = message(await issued());
      const first = await authorize(body);
      const clearing = { amount: 40, final, network_reference: `c-${++messages}` };
      const path = `/v1/card_transactions/${first.body.id}/capture`;
      const captured = await api.send(tenant, 'POST', path, clearing);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await api.send(tenant, 'POST', path, { amount: 1, final, network_reference: `c-${++messages}` });
      expect((await authorize(body)).body).toEqual(first.body);
      expect((await api.send(tenant, 'POST', path, clearing)).body).toEqual(captured.body);
    },
  );

  it('posts without an authorization', async () => {
    const card = await issued();
    const posted = await api.send(tenant, 'POST', '/v1/card_transactions/post', message(card, { direction: 'debit' }));
    expect(posted).toMatchObject({
      status: 201,
      body: { status: 'captured', direction: 'debit', amounts: { captured: 100 } },
    });
    const credit = await api.send(tenant, 'POST', '/v1/card_transactions/post', message(card, { direction: 'credit' }));
    expect(credit).toMatchObject({ status: 201, body: { direction: 'credit' } });
  });

  it.each([
    [{ merchant: { name: 'x' } }, '400 missing_field merchant.category_code'],
    [{ merchant: { name: 'x', category_code: '54' } }, '400 pattern_mismatch merchant.category_code'],
    [{ merchant: { ...MERCHANT, country: 'Nigeria' } }, '400 pattern_mismatch merchant.country'],
    [{ merchant: 'Shop' }, '400 type_mismatch merchant'],
    [{ amount: '5' }, '400 type_mismatch amount'],
    [{ network_reference: '' }, '400 too_short network_reference'],
    [{ currency: 'NGNX' }, '400 invalid_currency currency'],
    [{ card_id: 'card_01HZXK5Y8Q2J3M4N5P6R7S8T9V' }, '400 card_not_found card_id'],
  ])('%j: %s', async (more, expected) => {
    const before = await api.head(tenant);
    expect(told(await authorize(message('card_01HZXK5Y8Q2J3M4N5P6R7S8T9V', more)))).toBe(expected);
    expect(await api.head(tenant)).toBe(before);
  });
});

describe('events', () => {
  it('200: newest first, gapless, the same one by one', async () => {
    const other = await api.tenant();
    const id = await api.account(other);
    await api.account(other);
    const list = await api.send(other, 'GET', '/v1/events');
    const events = list.body.data as { id: string; sequence: number; type: string }[];
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      '3 account.created',
      '2 account.created',
      '1 tenant.created',
    ]);
    expect((await api.send(other, 'GET', `/v1/events/${events[1]?.id}`)).body).toEqual(events[1]);
    expect(JSON.stringify(events[1])).toContain(id);
    expect(told(await api.send(tenant, 'GET', `/v1/events/${events[1]?.id}`))).toBe('404 event_not_found');
  });
});
