import { ApiUnderTest } from '../spec/api-under-test.js';

describe('accounts', () => {
  let api: ApiUnderTest;
  let tenant: string;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    tenant = await api.tenant();
  });
  afterAll(() => api.close());

  it('opens an account and shows it', async () => {
    const opened = await api.send(tenant, 'POST', '/v1/accounts', { account_name: 'Ada', wallet_type: 'customer', currency: 'NGN' });
    expect(opened).toMatchObject({ status: 201, body: { object: 'account', account_name: 'Ada', balance: 0 } });
    expect(opened.headers).toMatchObject({ 'ledger-revision': '1', 'qairopay-version': '2026-05-19' });
    const read = await api.send(tenant, 'GET', `/v1/accounts/${opened.body.id}`);
    expect(read.body).toEqual(opened.body);
  });

  it('moves money', async () => {
    const ada = await api.funded(tenant, 500);
    const bob = await api.account(tenant);
    const moved = await api.send(tenant, 'POST', '/v1/transactions', {
      type: 'transfer', amount: 200, currency: 'NGN', source: ada, destination: bob, narration: 'lunch', metadata: { a: 'b' },
    });
    expect(moved).toMatchObject({ status: 201, body: { object: 'transaction', narration: 'lunch', metadata: { a: 'b' } } });
    const list = await api.send(tenant, 'GET', `/v1/accounts/${bob}/entries`);
    expect(list.body).toMatchObject({ data: [{ direction: 'credit', amount: 200, balance_after: 200 }], has_more: false });
    const read = await api.send(tenant, 'GET', `/v1/transactions/${moved.body.id}`);
    expect(read.body).toEqual(moved.body);
  });
});
