import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
let tenant: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  tenant = await api.tenant();
});
afterAll(() => api.close());

const rule = (more: object = {}): object => ({
  channel: 'funds_transfer',
  currency: 'NGN',
  flat_amount: 10,
  percentage_rate: 0.015,
  who_pays: 'customer',
  who_gets_paid: 'platform',
  ...more,
});
const replace = (...rules: readonly object[]): Promise<Reply> => api.admin('PUT', `/${tenant}/fees`, { rules });
const preview = (more: object = {}): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/fees/preview', { channel: 'funds_transfer', amount: 100, currency: 'NGN', ...more });

describe('POST /v1/fees/preview', () => {
  it('200: the fee, its rule and how it comes about; nothing is appended', async () => {
    const { body } = await replace(rule());
    const head = await api.head(tenant);
    expect(await preview()).toMatchObject({
      status: 200,
      body: {
        object: 'fee_preview',
        fee_amount: 12,
        payer: 'customer',
        payee: 'platform',
        rule: (body.fees as object[])[0],
        calculation: { exact: '11.5', rounded: 12, clamped_by: null },
      },
    });
    expect(await api.head(tenant)).toBe(head);
  });

  it.each<[string, object[], object, object]>([
    ['no rule', [], {}, { fee_amount: 0, rule: null, calculation: null, payer: null, payee: null }],
    ['another channel', [rule()], { channel: 'va_payment' }, { fee_amount: 0, rule: null }],
    ['another currency', [rule()], { currency: 'USD' }, { fee_amount: 0, rule: null }],
    ['beside the band', [rule({ min_amount: 101 })], {}, { fee_amount: 0, rule: null }],
    ['not in force yet', [rule({ effective_from: '2999-01-01T00:00:00Z' })], {}, { fee_amount: 0, rule: null }],
    [
      'its floor',
      [rule({ fee_floor: 50 })],
      {},
      { fee_amount: 50, calculation: { exact: '11.5', rounded: 12, clamped_by: 'fee_floor' } },
    ],
    [
      'its cap',
      [rule({ fee_cap: 5 })],
      {},
      { fee_amount: 5, calculation: { exact: '11.5', rounded: 12, clamped_by: 'fee_cap' } },
    ],
    [
      'a rule that comes to nothing',
      [rule({ flat_amount: 0, percentage_rate: 0 })],
      {},
      { fee_amount: 0, payer: 'customer', calculation: { exact: '0', rounded: 0 } },
    ],
  ])('200: %s', async (_what, rules, asked, expected) => {
    await replace(...rules);
    expect(await preview(asked)).toMatchObject({ status: 200, body: expected });
  });

  it('is what is then charged', async () => {
    await replace(rule({ percentage_rate: '0.0255', fee_floor: 3 }));
    const source = await api.funded(tenant, 1_000_000);
    const destination = await api.account(tenant);
    for (const amount of [1, 19, 20, 21, 98_765]) {
      const { fee_amount } = (await preview({ amount })).body;
      const body = { type: 'transfer', channel: 'funds_transfer', amount, currency: 'NGN', source, destination };
      expect((await api.send(tenant, 'POST', '/v1/transactions', body)).body.fee_amount).toBe(fee_amount);
    }
  });

  it.each([
    [{ channel: 'pigeon' }, '400 invalid_enum channel'],
    [{ amount: 0 }, '400 amount_not_positive amount'],
    [{ amount: 2 ** 53 }, '400 amount_out_of_range amount'],
    [{ currency: 'XXX' }, '400 invalid_currency currency'],
    [{ channel: undefined }, '400 missing_field channel'],
    [{ source: 'acc_1' }, '400 unknown_field source'],
  ])('%j: %s', async (asked, expected) => {
    expect(told(await preview(asked))).toBe(expected);
  });

  it('400 where the fee is beyond what an amount can be', async () => {
    await replace(rule({ flat_amount: Number.MAX_SAFE_INTEGER, percentage_rate: 1 }));
    expect(told(await preview())).toBe('400 amount_out_of_range amount');
  });

  it('403 without the scope', async () => {
    const credential = api.key(tenant, ['transactions:read']);
    const answer = await api.send(tenant, 'POST', '/v1/fees/preview', {}, { credential });
    expect(told(answer)).toBe('403 missing_scope');
  });
});

describe('GET /api/v1/admin/tenants/{tenant_id}/fees', () => {
  it('400: as of no time', async () => {
    expect(told(await api.admin('GET', `/${tenant}/fees?as_of=yesterday`))).toBe('400 pattern_mismatch as_of');
    expect(told(await api.admin('GET', `/${tenant}/fees?as_of=revision:3`))).toBe('400 pattern_mismatch as_of');
  });
});

describe('POST /api/v1/admin/tenants/{tenant_id}/fees/preview', () => {
  it('says what the tenant itself is told, with view_tenants', async () => {
    const fresh = await api.tenant();
    const body = { channel: 'funds_transfer', amount: 100, currency: 'NGN' };
    const own = await api.send(fresh, 'POST', '/v1/fees/preview', body);
    const told = await api.admin('POST', `/${fresh}/fees/preview`, body, {
      credential: api.operator(['view_tenants']),
    });
    expect([told.status, told.body]).toEqual([200, { ...own.body, at: expect.any(String) }]);
    const missing = await api.admin('POST', '/tnt_01HZXK5Y8Q2J3M4N5P6R7S8T9V/fees/preview', body);
    expect([missing.status, missing.body.error?.code]).toEqual([404, 'tenant_not_found']);
  });
});
