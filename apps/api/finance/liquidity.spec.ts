import { ApiUnderTest, type Reply } from '../spec-support.js';

const told = ({ status, body }: Reply): string => `${status} ${body.error?.code} ${body.error?.param ?? ''}`.trim();

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

const move = (tenant: string, type: string, amount: number, more: object): Promise<Reply> =>
  api.send(tenant, 'POST', '/v1/transactions', { type, amount, currency: 'NGN', ...more });

/** A customer with 1,000 and the float that it came into. */
const covered = async (): Promise<{ tenant: string; customer: string; float: string; books: string }> => {
  const tenant = await api.tenant();
  const float = await api.account(tenant, { wallet_type: 'float' });
  const books = await api.account(tenant, { wallet_type: 'general', allow_negative: true });
  const customer = await api.account(tenant);
  await move(tenant, 'deposit', 1_000, { destination: customer });
  return { tenant, customer, float, books };
};

const alerts = async (tenant: string): Promise<unknown[]> => {
  const { body } = await api.send(tenant, 'GET', '/v1/events?order=asc&limit=100');
  return (body.data as { type: string; data: { liquidity?: { coverage_ratio: number } } }[])
    .filter(({ type }) => type.startsWith('liquidity.'))
    .map(({ type, data }) => `${type} ${data.liquidity?.coverage_ratio}`);
};

describe('liquidity', () => {
  it('200: stands as the balances do, and is breached below 105 % by default', async () => {
    const { tenant } = await covered();
    const { status, body } = await api.send(tenant, 'GET', '/v1/liquidity');
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      {
        currency: 'NGN',
        total_customer_liabilities: 1_000,
        total_available_liquidity: 1_000,
        liquidity_shortfall: 0,
        liquidity_surplus: 0,
        coverage_ratio: 100,
        buffer_percent: 0,
        status: 'breached',
      },
    ]);
  });

  it('alerts once per crossing, and is restored only above the other mark', async () => {
    const { tenant, customer, float, books } = await covered();
    const put = (amount: number): Promise<Reply> =>
      move(tenant, 'journal', amount, {
        entries: [
          { account: float, direction: 'debit', amount, currency: 'NGN' },
          { account: books, direction: 'credit', amount, currency: 'NGN' },
        ],
      });
    await move(tenant, 'withdrawal', 1, { source: customer });
    await put(50);
    expect(await alerts(tenant)).toEqual(['liquidity.alert 100']);
    await put(10);
    await put(10);
    expect(await alerts(tenant)).toEqual(['liquidity.alert 100', 'liquidity.restored 106.01']);
    await api.send(tenant, 'PATCH', '/v1/settings/finance', { coverage_alert_bps: 20_000 });
    expect(await alerts(tenant)).toEqual([
      'liquidity.alert 100',
      'liquidity.restored 106.01',
      'liquidity.alert 107.01',
    ]);
  });

  it('200: the latest snapshot of each currency names its revision, and is had again by its id', async () => {
    const { tenant, customer } = await covered();
    const latest = await api.send(tenant, 'GET', '/v1/liquidity/snapshots/latest');
    const [snapshot] = latest.body.snapshots as { id: string; revision: number }[];
    await move(tenant, 'withdrawal', 400, { source: customer });
    const { body } = await api.send(tenant, 'GET', `/v1/liquidity/snapshots/${snapshot?.id}`);
    expect(body).toEqual({
      snapshot,
      breakdown: { by_wallet_type: { customer: 1_000, business: 0, merchant: 0, agent: 0 } },
    });
    expect((await api.admin('GET', `/${tenant}/liquidity/snapshots/${snapshot?.id}`)).body).toEqual(body);
    const admin = await api.admin('GET', `/${tenant}/liquidity/snapshots/latest`);
    expect(admin.body).toMatchObject({ snapshots: [{ total_customer_liabilities: 600 }] });
    expect((await api.admin('GET', `/${tenant}/liquidity/snapshots`)).body).toMatchObject({
      pagination: { total_count: 1 },
    });
    const other = await api.tenant();
    expect(told(await api.send(other, 'GET', `/v1/liquidity/snapshots/${snapshot?.id}`))).toBe(
      '404 liquidity_snapshot_not_found',
    );
  });

  it('200: says what would become of the ratio, and changes nothing', async () => {
    const { tenant } = await covered();
    const head = await api.head(tenant);
    const ask = (body: object): Promise<Reply> =>
      api.send(tenant, 'POST', '/v1/liquidity/simulate', { currency: 'NGN', ...body });
    expect((await ask({ withdraw: 500, float_in: 30 })).body).toMatchObject({
      before: { coverage_ratio: 100 },
      after: { total_customer_liabilities: 500, total_available_liquidity: 530, coverage_ratio: 106 },
    });
    expect((await ask({ withdraw: 1_000 })).body).toMatchObject({ after: { coverage_ratio: null } });
    expect(told(await ask({ deposit: Number.MAX_SAFE_INTEGER }))).toBe('400 amount_out_of_range deposit');
    expect(told(await ask({ withdraw: -1 }))).toBe('400 amount_out_of_range withdraw');
    expect(await api.head(tenant)).toBe(head);
  });

  it('400 for a curve that ends before it begins, or is longer than a month', async () => {
    const { tenant } = await covered();
    const curve = (query: string): Promise<Reply> => api.send(tenant, 'GET', `/v1/liquidity/curve?${query}`);
    expect((await curve('currency=NGN')).status).toBe(200);
    expect(told(await curve('from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z'))).toBe('400 out_of_range from');
    expect(told(await curve('from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'))).toBe('400 out_of_range from');
  });
});
